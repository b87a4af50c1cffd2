"""Reads the whole trail and says what was changed, removed or added behind the service's back."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import clock
from portal.audit.chain import verify
from portal.audit.models import AuditSeal


class Command(BaseCommand):
    """Changes nothing. Ends with an error when anything is found, so that a timer can raise the alarm."""

    help = "Check the hash chain of the audit trail, e.g. `manage.py verify_audit --head 3f9a…`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="The hash of a seal noted in the logs; it must still be there."
        )

    def handle(self, *, head: str, **options: object) -> None:
        findings = verify(now=clock.now(), head=head)
        for finding in findings:
            self.stderr.write(f"{finding.where}: {finding.what}")
        if findings:
            raise CommandError(f"{len(findings)} found in the audit trail.")
        last = AuditSeal.objects.order_by("-number").first()
        self.stdout.write(
            f"The trail is whole: {last.number if last else 0} sealed, last {last.hash if last else 'none'}."
        )
