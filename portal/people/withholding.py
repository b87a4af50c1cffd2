"""Keeping a look out of "Who looked" for a while, to keep somebody safe: who decided, why, and until when (rule 7)."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent, WithheldLooks
from portal.audit.services import record
from portal.clock import LONDON, local_date
from portal.people.joining import held_for
from portal.people.models import SHORTEST_REASON, YoungPerson
from portal.verbs import verb

MANAGERS = (Role.TEAM_MANAGER, Role.SERVICE_MANAGER)
LOOKING = ("record_opened", "list_opened")
CHOSEN_FROM = timedelta(days=90)
ASKED_AGAIN = timedelta(days=7)  # so long before the day managers are asked whether it is safe to show them


def looks_at(young_person: YoungPerson, *, on: date) -> QuerySet[AuditEvent]:
    """Each time staff looked at somebody, as that person may read it on a day: none of their own, nothing withheld."""
    kept_out = withheld_now(young_person, on=on).filter(
        actor_id=OuterRef("actor_id"), since__lte=OuterRef("at")
    )
    seen = AuditEvent.objects.filter(young_person_id=young_person.pk, action__in=LOOKING).exclude(
        Exists(kept_out)
    )
    return seen if young_person.user_id is None else seen.exclude(actor_id=young_person.user_id)


def withheld_now(young_person: YoungPerson, *, on: date) -> QuerySet[WithheldLooks]:
    """What is kept out on a day. On the day of the review it is shown, unless a manager decided again."""
    return WithheldLooks.objects.filter(young_person_id=young_person.pk, shown_at=None, review_on__gt=on)


def shown_soon(*, on: date) -> QuerySet[WithheldLooks]:
    """What is kept out on a day and shows by itself within a week, where no manager has decided again."""
    week = on + ASKED_AGAIN
    again = WithheldLooks.objects.filter(
        young_person_id=OuterRef("young_person_id"), actor_id=OuterRef("actor_id"), since__lte=OuterRef("since"),
        shown_at=None, review_on__gt=week,
    )  # fmt: skip
    ending = WithheldLooks.objects.filter(shown_at=None, review_on__gt=on, review_on__lte=week)
    return ending.exclude(Exists(again))


def who_may_be_chosen(young_person: YoungPerson, *, by: User, now: datetime) -> list[User]:
    """The staff who looked at somebody lately or whose looks are kept out now, so that it can be decided again; but for
    the young person and whoever decides."""
    lately = AuditEvent.objects.filter(
        young_person_id=young_person.pk, action__in=LOOKING, at__gte=now - CHOSEN_FROM, actor_id__isnull=False
    )
    kept_out = withheld_now(young_person, on=local_date(now))
    theirs = Q(pk__in=lately.values("actor_id")) | Q(pk__in=kept_out.values("actor_id"))
    found = User.objects.filter(theirs).exclude(pk=by.pk)
    return list(found.exclude(pk=young_person.user_id or 0).order_by("first_name", "last_name", "pk"))


@verb
def withhold(
    *,
    young_person: YoungPerson,
    worker: User,
    since_on: date,
    review_on: date,
    reason: str,
    by: User,
    now: datetime,
) -> WithheldLooks:
    """From a day on, one worker's looks are kept out of what the young person reads, until a review within 90 days.

    Refuses `not_yours`, `not_a_manager`, `own_looks`, `reason_too_short` (20 characters) and `wrong_days`.
    """
    on = local_date(now)
    held = held_for(young_person, by=by, now=now)
    _only_a_manager(by, on=on)
    if worker.pk == by.pk:
        raise ValidationError(_("Somebody else must decide about your own looks."), code="own_looks")
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise ValidationError(_("Say why, in 20 characters or more."), code="reason_too_short")
    if since_on > on or not on < review_on <= on + WithheldLooks.LONGEST:
        raise ValidationError(
            _("It begins today or before, and the review is a day after today, within 90 days."),
            code="wrong_days",
        )
    made = WithheldLooks.objects.create(
        young_person_id=held.pk, actor_id=worker.pk, since=datetime.combine(since_on, time.min, tzinfo=LONDON),
        reason=reason, decided_by_id=by.pk, decided_at=now, review_on=review_on,
    )  # fmt: skip
    record("looks_withheld", by=by, now=now, young_person_id=held.pk, subject=f"withheld:{made.pk}", reason=reason,
           detail={"worker": worker.pk, "review_on": review_on.isoformat()})  # fmt: skip
    return made


@verb
def show_again(*, young_person: YoungPerson, withheld: int, by: User, now: datetime) -> None:
    """Show them again before the day. Twice is once. Refuses `not_yours` and `not_a_manager`."""
    held = held_for(young_person, by=by, now=now)
    _only_a_manager(by, on=local_date(now))
    mine = WithheldLooks.objects.filter(pk=withheld, young_person_id=held.pk, shown_at=None)
    if mine.update(shown_at=now):
        record("looks_shown_again", by=by, now=now, young_person_id=held.pk, subject=f"withheld:{withheld}")


def _only_a_manager(by: User, *, on: date) -> None:
    if not by.holds(*MANAGERS, on=on):
        raise ValidationError(_("A manager decides this."), code="not_a_manager")
