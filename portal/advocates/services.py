"""Inviting an advocate to one request for a time, ending it at once, and adding words to a request."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.accounts.models import Invitation, Role, User
from portal.accounts.services import cancel_invitation, find_invitation, give_role, make_invitation
from portal.advocates.models import AddedWords, AdvocateSeat
from portal.audit.services import record
from portal.clock import local_date
from portal.payments.holding import hold, holders, tell_staff, touch, verb
from portal.payments.models import PaymentRequest
from portal.payments.rules import Status

LASTS = (14, 30, 90)  # days, to choose from
SAME_PRESS = timedelta(minutes=2)
MOST_SEATS = 3  # at one request at a time


@verb
def invite(*, ref: str, name: str, days: int, by: User, now: datetime) -> tuple[AdvocateSeat, str]:
    """A seat for an advocate at one request, and the code the young person gives them, told once.

    Their account is made here and nobody can enter it until the code is used, within seven days, with a number or
    email of the advocate's own that gets a six-digit code. The same name a moment later is the same press: the newer
    code works. Only the young person invites. Refuses `not_yours`, `no_name`, `how_long`, `too_many`.
    """
    asked, on = hold(ref, by=by, now=now), local_date(now)
    if asked.young_person.user_id != by.pk or asked.status in {Status.DRAFT, Status.WITHDRAWN}:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    if not name.strip():
        raise ValidationError(_("Write their name, so that you know who looks."), code="no_name")
    if days not in LASTS:
        raise ValidationError(_("Choose how long."), code="how_long")
    for again in _pressed_before(asked, name.strip(), now=now):  # its code was on a page nobody saw
        end(seat=again, by=by, now=now)
    if asked.advocate_seats.live(on).count() >= MOST_SEATS:
        raise ValidationError(_("Three people can look at most. End one first."), code="too_many")
    advocate = User(first_name=name.strip()[:150])
    advocate.set_unusable_password()
    advocate.save()
    give_role(user=advocate, role=Role.ADVOCATE, starts_on=on, by=by, now=now)
    invitation, code = make_invitation(user=advocate, by=by, now=now)
    seat = AdvocateSeat.objects.create(
        asked=asked, user=advocate, invited_by=by, invited_at=now, ends_on=on + timedelta(days=days)
    )
    _record(
        "advocate_invited", seat, by=by, now=now, invitation=invitation.pk, until=seat.ends_on.isoformat()
    )
    return seat, code


@verb
def end(*, seat: AdvocateSeat, by: User, now: datetime) -> None:
    """The young person, or the advocate, ends it: at their next page the advocate sees nothing. Twice is once.

    Refuses `not_yours`.
    """
    if by.pk not in {seat.asked.young_person.user_id, seat.user_id}:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    ended = AdvocateSeat.objects.filter(pk=seat.pk, ended_at=None).update(ended_at=now, ended_by=by)
    if not ended:
        return
    for invitation in Invitation.objects.filter(user=seat.user, used_at=None, cancelled_at=None):
        cancel_invitation(invitation=invitation, by=by, now=now)
    _record("advocate_ended", seat, by=by, now=now)


def take_seat(*, typed: str, caller: str, by: User, now: datetime) -> None:
    """An advocate who has been here before takes a new invitation's seat with the account they have.

    Refuses `wrong_invitation` and `too_many_tries`, as the invitation page does; a young person's invitation is wrong
    here too.
    """
    # Before the transaction: a refusal must not take back that this try was counted.
    invitation = find_invitation(typed=typed, caller=caller, now=now)
    _take_seat(invitation, by=by, now=now)


@verb
def _take_seat(invitation: Invitation, *, by: User, now: datetime) -> None:
    seats = AdvocateSeat.objects.select_for_update(of=("self",)).filter(user=invitation.user, ended_at=None)
    found = list(seats.select_related("asked"))
    used = Invitation.objects.filter(pk=invitation.pk, used_at=None, cancelled_at=None)
    if not found or invitation.user_id == by.pk or not used.update(used_at=now):
        raise ValidationError(
            _("This invitation does not work. Check the letters and numbers, or ask for a new one."),
            code="wrong_invitation",
        )
    for seat in found:
        here_already = by.advocate_seats.filter(asked=seat.asked, ended_at=None)
        here_already.update(ended_at=now, ended_by=by)  # the newer invitation counts
        AdvocateSeat.objects.filter(pk=seat.pk).update(user=by)
        _record("advocate_took_seat", seat, by=by, now=now, invitation=invitation.pk)
    User.objects.filter(pk=invitation.user_id, email=None, phone=None).update(is_active=False)


def _pressed_before(asked: PaymentRequest, name: str, *, now: datetime) -> list[AdvocateSeat]:
    """Seats of the same name that were made a moment ago and that nobody has taken."""
    fresh = asked.advocate_seats.filter(ended_at=None, invited_at__gt=now - SAME_PRESS, user__first_name=name)
    return list(
        fresh.filter(user__email=None, user__phone=None).select_related("asked__young_person", "user")
    )


def looked(*, seat: AdvocateSeat, now: datetime) -> None:
    """Note that the advocate looked, for the young person to see."""
    AdvocateSeat.objects.filter(pk=seat.pk).update(last_looked_at=now)


@verb
def add_words(*, ref: str, words: str, by: User, now: datetime) -> AddedWords:
    """The young person or their advocate adds something to a request that is open; whoever holds it is told.

    The same words twice in a row are one. Refuses `no_words`, `not_yours` and `not_now`.
    """
    asked, on = hold(ref, by=by, now=now), local_date(now)
    if asked.young_person.user_id != by.pk and not seat_of(by, asked, on=on):
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    if not words.strip():
        raise ValidationError(_("Write what you want to add."), code="no_words")
    if not asked.is_open:
        raise ValidationError(_("This is not open any more."), code="not_now")
    last = asked.added_words.order_by("-at", "-pk").first()
    if last is not None and last.by_id == by.pk and last.words == words.strip():
        return last
    added = AddedWords.objects.create(asked=asked, by=by, at=now, words=words.strip())
    touch(asked, by=by, now=now)
    record(
        "request_words_added", by=by, now=now, young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}", detail={"words": added.pk},
    )  # fmt: skip
    tell_staff(asked, "words_added", holders(asked, on=on), key=f"words:{added.pk}", now=now)
    return added


def seat_of(user: User, asked: PaymentRequest, *, on: date) -> AdvocateSeat | None:
    """The seat somebody has at a request on a day."""
    return user.advocate_seats.live(on).filter(asked=asked).first()


def _record(action: str, seat: AdvocateSeat, *, by: User, now: datetime, **detail: int | str) -> None:
    record(
        action, by=by, now=now, young_person_id=seat.asked.young_person_id,
        subject=f"payment_request:{seat.asked.ref}", detail={"seat": seat.pk, "advocate": seat.user_id, **detail},
    )  # fmt: skip
