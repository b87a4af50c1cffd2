"""Holds the books against each other and says where they differ. Mends nothing."""

from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portal.ops.reconciliation import differences


class Command(BaseCommand):
    """Changes nothing. Ends with an error when anything differs, so that a timer can raise the alarm."""

    help = "Compare places, ledger, awards, payments, batches and files, e.g. nightly: `manage.py reconcile`."

    def handle(self, **options: object) -> None:
        found = differences(now=clock.now())
        for difference in found:
            self.stderr.write(f"{difference.check}: {difference.subject}: {difference.words}")
        if found:
            raise CommandError(f"{len(found)} differences. Nothing was changed.")
        self.stdout.write("The books agree.")
