"""Brings the demo's invented people, and the story they are in the middle of, into an empty demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portal.ops import demo


class Command(BaseCommand):
    """Refused when the demo is off. Twice is once."""

    help = "Load the demo's people (demo only)."

    def handle(self, *, verbosity: int, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is off: its people are invented and must never stand beside real ones.")
        now = clock.now()
        demo.load(today=clock.local_date(now))
        if verbosity:
            self.stdout.write("The demo's people are in.")
