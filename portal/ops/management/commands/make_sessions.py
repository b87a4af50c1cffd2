"""The drop-in sessions of the weeks ahead, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import clock
from portal.drop_ins.services import WEEKS_AHEAD, make_sessions


class Command(BaseCommand):
    """Makes what is missing, and nothing twice."""

    help = "Make the drop-in sessions of the weeks ahead, but for closed days and bank holidays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--weeks", type=int, default=WEEKS_AHEAD)

    def handle(self, *, weeks: int, **options: Any) -> None:
        self.stdout.write(f"{make_sessions(today=clock.local_date(clock.now()), weeks=weeks)} made")
