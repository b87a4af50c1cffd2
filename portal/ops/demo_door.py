"""The demo's front door: who to be, every message as a lock screen would show it, and a clock to move."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from portal import clock
from portal.accounts.models import User
from portal.notifications.models import Notification, RecordedMessage
from portal.ops.demo import PEOPLE, STAFF, YOUNG

LATEST = 60


@login_not_required
def people(request: HttpRequest) -> HttpResponse:
    """The people of the demo, with one button each to be them."""
    here = set(User.objects.filter(username__in=[p.key for p in PEOPLE]).values_list("username", flat=True))
    context = {"young": [p for p in YOUNG if p.key in here], "staff": [p for p in STAFF if p.key in here]}
    return render(request, "ops/demo_people.html", context | {"moved_by": clock.moved_by()})


@login_not_required
@require_POST
def be(request: HttpRequest, key: str) -> HttpResponse:
    """Sign in as one of them. Only the people of the table: nobody else has this door."""
    if key not in {p.key for p in PEOPLE}:
        raise Http404
    user = get_object_or_404(User, username=key)
    auth.logout(request)
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(settings.LOGIN_REDIRECT_URL)


@login_not_required
def outbox(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first, as a lock screen would show it; and what is promised and still waiting."""
    sent = list(RecordedMessage.objects.order_by("-at", "-pk")[:LATEST])
    names = dict(
        Notification.objects.filter(ref__in=[m.reference for m in sent]).values_list("ref", "to__username")
    )
    waiting = (
        Notification.objects.filter(state=Notification.State.DUE).select_related("to").order_by("due_at")
    )
    context = {
        "messages_sent": [(message, names.get(message.reference, "")) for message in sent],
        "waiting": waiting[:LATEST],
        "now": request.now,  # type: ignore[attr-defined]
        "moved_by": clock.moved_by(),
    }
    return render(request, "ops/demo_outbox.html", context)


@login_not_required
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move the demo's day on, so that reminders, deadlines and apologies can be seen today."""
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
    step = request.POST.get("by", "")
    path = Path(settings.CLOCK_OFFSET_FILE)
    if step == "back":
        path.unlink(missing_ok=True)
    elif step in steps:
        path.write_text(str(int((clock.moved_by() + steps[step]).total_seconds())))
    return redirect("demo:outbox" if request.POST.get("from") == "outbox" else "demo:people")
