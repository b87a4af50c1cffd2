"""The portal's own door, and two with a guard off, each of which tells how often its process drew a page."""

import json
import os
import threading
from contextlib import nullcontext
from typing import Any

from portal.wsgi import Door, django

from portal.public_pages import PublicPages  # isort: skip - what it needs is ready once the portal's own door stands
from tests.races.processes import EverybodyHere


class Telling(Door):
    """`/drawn` answers which process this is and how many pages it drew."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/drawn":
            return super().__call__(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps([os.getpid(), self.pages.drawn]).encode()]


class NobodyWaits(PublicPages):
    """Everybody of a crowd draws the page, and nobody keeps it before a second one has begun."""

    two_drew = threading.Event()
    begun = threading.Barrier(2, action=two_drew.set)

    def drawing(self, key: Any) -> Any:
        if not self.two_drew.is_set():
            EverybodyHere.wait(self.begun)
        return nullcontext()


guarded = Telling(django)
unguarded = Telling(django, NobodyWaits(ask_every=float("inf")))
