"""Brings the demo's invented people, and the story they are in the middle of, into an empty demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import clock
from portal.ops import demo, demo_story


class Command(BaseCommand):
    """Refused when the demo is off. Twice is once."""

    help = "Load the demo's people (demo only)."

    def handle(self, *, verbosity: int, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo is off: its people are invented and must never stand beside real ones."
            )
        now = clock.now()
        today = clock.local_date(now)
        demo.load(today=today)
        demo_story.tell(now=now, today=today)
        if verbosity:
            self.stdout.write("The demo's people are in.")
