"""Making a regular award: every payment written down, and all of its money set aside."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import ngettext

from cms.form_fields import in_pounds
from portal.accounts.models import User
from portal.ledger.services import allowance_for, reserve
from portal.payments.models import Award, Instalment, PaymentRequest, RegularAward
from portal.payments.regular.rules import Schedule


def make(asked: PaymentRequest, schedule: Schedule, *, by: User, now: datetime) -> Award:
    """One instalment for each period, each in the allowance of its own due day; refuses `over_cap` as a whole."""
    award = Award.objects.create(
        asked=asked, young_person=asked.young_person, version=asked.version, pence=schedule.pence,
        how_helped=asked.how_helped, made_by=by, made_at=now,
    )  # fmt: skip
    RegularAward.objects.create(
        award=award, every=schedule.every, each_pence=schedule.each_pence, starts_on=schedule.starts_on,
        ends_on=schedule.ends_on, review_on=schedule.review_on,
    )  # fmt: skip
    for number, (period, due_on) in enumerate(schedule.due, start=1):
        allowance = allowance_for(
            young_person=asked.young_person, version=asked.version, on=due_on, item=asked.ref
        )
        key = f"request:{asked.ref}:reserve:1:{number}"
        reserve(allowance=allowance, pence=schedule.each_pence, key=key, by=by, now=now)
        Instalment.objects.create(
            award=award,
            number=number,
            period=period,
            allowance=allowance,
            due_on=due_on,
            pence=schedule.each_pence,
        )
    return award


def in_words(schedule: Schedule) -> str:
    """What is agreed, for the record: "26 payments of £10, the last on 21 May 2027"."""
    due = schedule.due
    words = ngettext(
        "%(count)d payment of %(money)s, the last on %(day)s",
        "%(count)d payments of %(money)s, the last on %(day)s",
        len(due),
    )
    last = date_format(due[-1][1], "j F Y")
    return words % {"count": len(due), "money": in_pounds(schedule.each_pence), "day": last}
