"""The story the demo's people are in the middle of, told through the same services the pages use.

Every step has its own moment in the last weeks, so that promises, delays and apologies are there to be seen.
"""

from datetime import date, datetime, time, timedelta

from portal.accounts.models import Role, User
from portal.clock import LONDON
from portal.drop_ins.models import Booking, Series, Session, Weekday
from portal.drop_ins.services import book, join_waiting_list, make_sessions
from portal.notifications.contact import silence, turn_on
from portal.notifications.models import Channel
from portal.notifications.rules import Silence
from portal.ops.demo import YOUNG
from portal.payments import services as payments
from portal.payments.models import PaymentRequest
from portal.people.models import YoungPerson

WEEKLY = (
    # name, who is there, what it is, weekday, from, until, places
    ("Open door", "PA duty", "Come in and talk to somebody. No need to book.", Weekday.WEDNESDAY, 14, 17, 6),
    (
        "Housing help",
        "Housing",
        "Rent, bidding, repairs and letters about your home.",
        Weekday.WEDNESDAY,
        14,
        16,
        2,
    ),
    ("Benefits and work", "DWP", "Universal Credit, finding work, CVs.", Weekday.TUESDAY, 10, 13, 4),
    (
        "Jobs and training",
        "Lewisham Works",
        "Apprenticeships, courses and interviews.",
        Weekday.THURSDAY,
        13,
        16,
        4,
    ),
    ("Nurse", "Care leaver nurse", "Anything about your body or your mind.", Weekday.THURSDAY, 10, 12, 3),
    ("Cooking group", "The team", "Cook together, eat together, take some home.", Weekday.FRIDAY, 16, 18, 8),
)
ROLES_WITH_AUTHORITY = {
    Role.PERSONAL_ADVISER,
    Role.SOCIAL_WORKER,
    Role.DUTY_ADVISER,
    Role.TEAM_MANAGER,
    Role.SERVICE_MANAGER,
}


def tell(*, now: datetime, today: date) -> None:
    """Everything that has happened so far. Told once: a demo that has requests is left as it is."""
    if PaymentRequest.objects.exists():
        return
    _authority(today - timedelta(days=400))
    _contact(now)
    _drop_ins(now, today)


def _authority(since: date) -> None:
    payments.load_example_bands(on=since)
    for user in User.objects.filter(roles_held__role__in=ROLES_WITH_AUTHORITY).distinct():
        for role in ROLES_WITH_AUTHORITY & set(user.roles_held.values_list("role", flat=True)):
            payments.give_authority(user=user, role=role, by=None, on=since)


def _contact(now: datetime) -> None:
    """Numbers from the range kept for stories, with texts on; nothing goes to somebody in prison."""
    for place, person in enumerate(YOUNG, start=1):
        user = User.objects.get(username=person.key)
        User.objects.filter(pk=user.pk).update(phone=f"+4477009000{place:02}")
        if person.in_custody:
            silence(user=user, why=Silence.CUSTODY, now=now)
        else:
            turn_on(user=user, channel=Channel.SMS, now=now)


def _drop_ins(now: datetime, today: date) -> None:
    """The weekly pattern, two weeks back and some ahead; the next housing session is full, with somebody waiting."""
    for name, host, what, weekday, opens, closes, places in WEEKLY:
        Series.objects.get_or_create(
            name=name,
            defaults={
                "host": host,
                "what": what,
                "weekday": weekday,
                "opens": time(opens),
                "closes": time(closes),
                "places": places,
                "starts_on": today - timedelta(days=28),
            },
        )
    make_sessions(today=today)
    housing = Session.objects.filter(name="Housing help", starts_at__gt=now).order_by("starts_at").first()
    if housing is None:
        return
    tia, kofi, linh = (_young(key) for key in ("tia", "kofi", "linh"))
    for person in (tia, kofi):
        book(session=housing, young_person=person, by=_user(person), now=now)
    join_waiting_list(session=housing, young_person=linh, by=_user(linh), now=now)


def _young(key: str) -> YoungPerson:
    return YoungPerson.objects.select_related("user").get(user__username=key)


def _user(person: YoungPerson) -> User:
    if person.user is None:
        raise LookupError(f"{person} has no account")
    return person.user
