"""The minute's round, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import clock
from portal.ops import due


class Command(BaseCommand):
    """Does what is due now, or lists the timetable. May run beside the workers, and twice."""

    help = "Do everything that is due now, as the workers do each minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="say what happens by itself, and when")

    def handle(self, *, list: bool, **options: Any) -> None:
        if list:
            for job in due.JOBS:
                self.stdout.write(f"{job.name}: {job.what} ({job.when})")
            return
        outcomes = due.run(clock=clock.now)
        for name, outcome in outcomes.items():
            self.stdout.write(f"{name}: {outcome}")
        if any(outcome not in {"done", "held"} for outcome in outcomes.values()):
            raise SystemExit(1)
