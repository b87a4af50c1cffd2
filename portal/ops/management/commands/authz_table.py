"""Who gets an answer at which address, in words: the access table that the tests hold the service to."""

from importlib import import_module

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import get_resolver


class Command(BaseCommand):
    """Prints; changes nothing."""

    help = "Print the access table, e.g. `manage.py authz_table desk/` or `manage.py authz_table --missing`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("beginning", nargs="?", default="", help="Only addresses that begin like this.")
        parser.add_argument("--missing", action="store_true", help="Only addresses that have no row yet.")

    def handle(self, *, beginning: str, missing: bool, **options: object) -> None:
        try:
            table, walk = (
                import_module("tests.authorisation.table"),
                import_module("tests.authorisation.walk"),
            )
        except ImportError as failure:
            raise CommandError(
                "The table is part of the tests, which are not installed on this machine."
            ) from failure
        patterns = get_resolver().url_patterns
        if missing:
            self.stdout.write("\n".join(walk.missing(patterns)) or "Every address has a row.")
            return
        for address in walk.addresses(patterns):
            row = walk.row_for(address)
            if address.route.startswith(beginning) and row is not None:
                self.stdout.write(f"/{address.route}\n    {table.in_words(row)}")
