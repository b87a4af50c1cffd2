"""Is it alive, and can it work? For the machine that runs the portal; nothing here is about anybody."""

from datetime import timedelta

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from cms import phones
from portal.ops.due import ROUND
from portal.ops.models import JobRun

ROUND_IS_LATE_AFTER = timedelta(minutes=3)
BROKER_MAY_TAKE = 2  # seconds
RING_AGAIN_AFTER = timedelta(days=180)  # rule 26


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers. Asks neither the database nor the broker."""
    return HttpResponse("alive\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker, and the last round by a worker: 200 when all are well, 503 with which is not.

    Numbers of the help block that nobody rang for half a year are told beside them, for whoever watches over the
    portal; taking the site away for it would take the help block away (rule 26).
    """
    checks = {
        "database": _is_well(_database),
        "broker": _is_well(_broker),
        "workers": _is_well(lambda: _workers(request)),
    }
    status = 200 if all(checks.values()) else 503
    checks["help_numbers"] = not phones.unchecked_since(request.today - RING_AGAIN_AFTER)  # type: ignore[attr-defined]
    words = {name: "ok" if well else "failing" for name, well in checks.items()}
    return JsonResponse(words, status=status, headers={"Cache-Control": "no-store"})


def _is_well(check) -> bool:  # type: ignore[no-untyped-def]
    try:
        return bool(check())
    except Exception:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def _broker() -> bool:
    with current_app.connection_for_write(transport_options=_impatient()) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_MAY_TAKE)
    return True


def _workers(request: HttpRequest) -> bool:
    since = request.now - ROUND_IS_LATE_AFTER  # type: ignore[attr-defined]
    return JobRun.objects.filter(name=ROUND, done_at__gte=since).exists()


def _impatient() -> dict[str, object]:
    return {**current_app.conf.broker_transport_options, "max_retries": 1}
