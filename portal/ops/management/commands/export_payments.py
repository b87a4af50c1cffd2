"""Pays what is due: finishes files that were left unwritten, makes one batch, writes its file."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import clock
from portal.accounts.models import User
from portal.finance import services


class Command(BaseCommand):
    """May run twice, or many at once: each payment stands in one batch. A person closes it and types the total."""

    help = "Put what is due in a batch and write its file: `manage.py export_payments --by finance@council.gov.uk`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--by", required=True, help="The email of the finance officer in whose name this is done."
        )

    def handle(self, *, by: str, **options: object) -> None:
        now = clock.now()
        officer = User.objects.filter(email=by).first()
        if officer is None:
            raise CommandError("Nobody has this email.")
        try:
            for batch in services.finish_files(now=now):
                self.stdout.write(f"{batch.file_name}: finished.")
            made = services.make_batch(by=officer, now=now)
            batch = services.write_file(batch=made.batch, now=now)
        except ValidationError as refusal:
            if getattr(refusal, "code", "") != "nothing_to_pay":
                raise CommandError(refusal.messages[0]) from refusal
            self.stdout.write("Nothing is waiting to be paid.")
        else:
            self.stdout.write(
                f"{batch.file_name}: {batch.count} payments, {batch.total_pence} pence, sha256 {batch.sha256}."
                f" {len(made.left_out)} left out."
            )
