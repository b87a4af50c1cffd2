"""`manage.py import_opening_balances FILE --by USERNAME [--apply]`: what was paid before this service began."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.form_fields import in_pounds
from portal import clock
from portal.accounts.models import User
from portal.ledger.opening import import_opening, look_at_opening


class Command(BaseCommand):
    """Looks at the file and says what it would do. Writes only with `--apply`, all of it or nothing."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="the username of the data officer or budget holder")
        parser.add_argument("--apply", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Faults with their line and column; then the sums."""
        content, now = options["file"].read_bytes(), clock.now()
        looked = look_at_opening(content, on=clock.local_date(now))
        for fault in looked.faults:
            self.stderr.write(f"line {fault.line} {fault.column}: {fault.words}")
        if looked.faults:
            raise CommandError(f"{len(looked.faults)} faults. Nothing was written.")
        self.stdout.write(
            f"{len(looked.lines)} lines, {in_pounds(looked.pence)}; {looked.known} known already."
        )
        if not options["apply"]:
            self.stdout.write("Nothing was written. Add --apply to write it.")
            return
        try:
            import_opening(content, by=User.objects.get(username=options["by"]), now=now)
        except (User.DoesNotExist, ValidationError) as refusal:
            raise CommandError(f"Nothing was written: {refusal}") from refusal
        self.stdout.write("Written.")
