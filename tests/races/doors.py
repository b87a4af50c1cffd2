"""The portal's own door, and two with a guard off, each of which tells how often its process drew a page."""

import json
import os
from contextlib import nullcontext
from typing import Any

from portal.wsgi import Door, django

from portal.public_pages import PublicPages  # isort: skip - what it needs is ready once the portal's own door stands


class Telling(Door):
    """`/drawn` answers which process this is and how many pages it drew."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/drawn":
            return super().__call__(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps([os.getpid(), self.pages.drawn]).encode()]


class NobodyWaits(PublicPages):
    """Everybody of a crowd draws the page."""

    def drawing(self, key: Any) -> Any:
        return nullcontext()


guarded = Telling(django)
unguarded = Telling(django, NobodyWaits(ask_every=float("inf")))
