"""One of several processes that press the same button at once, each press in a thread with a browser of its own."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

from tests.races.processes import EverybodyHere

BUSY_TRIES = 40


def press_all(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Send every form; its status, where it led, what the page said. Who is told "busy" tries again, as asked."""
    from django.db import connection
    from django.test import Client

    from portal.accounts.models import User

    together = threading.Barrier(len(job["posts"]))
    if job["guard_off"]:
        take_the_guards_off(everybody_looked=threading.Barrier(len(job["posts"])))

    def press(post: dict[str, Any]) -> dict[str, Any]:
        client = Client(raise_request_exception=False)
        try:
            client.force_login(User.objects.get(pk=post["user"]))
            together.wait(timeout=60)
            for _try in range(BUSY_TRIES):
                answer = client.post(post["path"], post["data"])
                page = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))
                if "This is busy" not in page:
                    break
            return {"status": answer.status_code, "to": answer.headers.get("Location", ""), "page": page}
        finally:
            connection.close()

    with ThreadPoolExecutor(len(job["posts"])) as pool:
        return list(pool.map(press, job["posts"]))


def take_the_guards_off(*, everybody_looked: threading.Barrier) -> None:
    """No token is remembered, nobody is held, no screen is too old: everybody looks, then everybody writes."""
    from portal.payments import asking, deciding, holding

    def hold(ref: str, *, by: Any, now: Any, seen: Any = None, to_decide: bool = False) -> Any:
        found = holding.PaymentRequest.objects.with_hand_of(by).with_agreed_lately(on=now.date())
        asked = found.select_related("young_person__user", "version").get(ref=ref)
        EverybodyHere.wait(everybody_looked)
        return asked

    def not_seen_before(*_args: Any, **_kwargs: Any) -> None:
        EverybodyHere.wait(everybody_looked)

    holding.locked = lambda found, *of: found
    asking.lock_young_person = lambda pk: None
    asking.already_sent = not_seen_before
    asking.remember_form = lambda *_args, **_kwargs: None
    deciding.hold = hold
    deciding.reserve = lambda **_kwargs: None


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What one of the processes does."""
    return {"results": press_all(job)}
