"""`load_offer`: the written local offer, help, news, phone numbers and word lists into Wagtail. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand

from cms.loading import Loader
from local_offer.loading import load_everything


class Command(BaseCommand):
    help = (
        "Load the local offer: home, sections, pages, services, help, news, phone numbers, glossary and synonyms. "
        "What editors changed stays theirs; the facts that are new are listed. Example: manage.py load_offer"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["verbosity"] < 1
        loader = Loader(say=(lambda words: None) if options["verbosity"] < 2 else self.stdout.write)
        if not quiet:
            self.stdout.write("Loading the local offer ...")
        load_everything(loader)
        for words in loader.report.left:
            self.stdout.write(f"Left as it is: {words}")
        if not quiet:
            self.stdout.write(f"The local offer: {loader.report}.")
