"""Make the handbook's pages from the facts we ship. May be run again at any time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.loading import ensure_home
from entitlements.loader import ensure_handbook, load, records


class Command(BaseCommand):
    """Makes the pages that are missing; editors' changes stay; facts that changed in the files are listed."""

    help = "Load the entitlements handbook. Example: manage.py load_handbook --update-untouched"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--update-untouched",
            action="store_true",
            help="bring fields up to date that no editor has changed since they were loaded",
        )

    def handle(self, *, verbosity: int, update_untouched: bool, **options: Any) -> None:
        handbook = ensure_handbook(ensure_home())
        found = records()
        done = 0

        def tell(code: str) -> None:
            nonlocal done
            done += 1
            if verbosity:
                self.stdout.write(f"\r{done}/{len(found)} {code:<60}", ending="")
                self.stdout.flush()

        loaded = load(handbook, found, update=update_untouched, tell=tell)
        if verbosity:
            self.stdout.write(
                f"\r{loaded.made} made, {loaded.updated} updated, {loaded.kept} as they were.{'':<50}"
            )
        if loaded.changed:
            self.stdout.write("The file now says something else (nothing was overwritten):")
            for code, field, page_says, file_says in loaded.changed:
                self.stdout.write(f"  {code}, {field}\n    page: {page_says}\n    file: {file_says}")
