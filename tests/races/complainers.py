"""One of several processes that send the same complaint at once, each post in a thread with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def send_all(job: dict[str, Any]) -> list[str]:
    """Send the same words as often as asked; the number each answer shows."""
    from django.db import connection

    from portal import clock
    from portal.complaints import services

    together = threading.Barrier(job["posts"])

    def send(_number: int) -> str:
        try:
            together.wait(timeout=60)
            said = services.Said(words="Nobody rang me back for three weeks.")
            return services.make(said=said, browser="192.0.2.7 a phone", now=clock.now()).complaint.ref
        finally:
            connection.close()

    with ThreadPoolExecutor(job["posts"]) as pool:
        return list(pool.map(send, range(job["posts"])))


def take_the_guard_off() -> None:
    """Nothing tells that two posts are the same."""
    from portal.complaints import services
    from portal.refs import new_token

    services._fingerprint = lambda *_args: new_token()


def run(job: dict[str, Any]) -> list[str]:
    """What one of the processes does."""
    if job["guard_off"]:
        take_the_guard_off()
    return send_all(job)
