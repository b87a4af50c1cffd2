"""What a worker does for signing in."""

import threading

from celery import shared_task
from django.db import connections

from portal import clock
from portal.accounts import services
from portal.notifications.outbox import bell


@shared_task
def send_code(code_id: int) -> bool:
    """Make and send the code somebody asked for. Exempt from quiet hours: they are waiting for it now."""
    return services.send_code(code_id=code_id, now=clock.now())


def send_code_soon(code_id: int) -> None:
    """Have the code sent after the page has answered. If the broker is down this process sends it itself, on the side:
    people can sign in while Redis is stopped (rule 57)."""
    if not bell.ring(send_code.name, code_id):
        threading.Thread(target=_send_from_here, args=(code_id,), name="send-code", daemon=True).start()


def _send_from_here(code_id: int) -> None:
    try:
        send_code(code_id)
    finally:
        connections.close_all()
