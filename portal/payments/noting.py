"""What happened to a request or its money, in the words of the case record. No story, no photo, no private note."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.form_fields import in_pounds
from portal.accounts.models import User
from portal.case_notes.models import Kind
from portal.case_notes.services import in_its_language, write_note
from portal.payments.models import (
    AwardChange,
    CameAs,
    Instalment,
    PaymentRequest,
    Provision,
    RegularAward,
    Step,
)
from portal.payments.rules import Action, MoreWanted

NOTED = {
    Action.SUBMIT: Kind.REQUEST,
    Action.ASK_MORE: Kind.REQUEST,
    Action.ANSWER_MORE: Kind.REQUEST,
    Action.GO_ON: Kind.REQUEST,
    Action.RECOMMEND: Kind.REQUEST,
    Action.SEND_TO_PANEL: Kind.REQUEST,
    Action.WITHDRAW: Kind.REQUEST,
    Action.ASK_REVIEW: Kind.REVIEW,
}
"""The steps that are notes by themselves. A decision is noted where it is made, with all it rests on."""


def note_step(asked: PaymentRequest, step: Step, *, now: datetime) -> None:
    """One step of a request, unless it is a decision."""
    kind = NOTED.get(Action(step.action))
    if kind is not None:
        with in_its_language():
            words = _step_in_words(asked, step)
        _note(asked, kind, f"request:{asked.ref}:{step.number}", words, by=step.by, now=now)


def note_decision(asked: PaymentRequest, words: str, *, round_: int, by: User, now: datetime) -> None:
    """A decision, as `letters.case_record` puts it into words."""
    kind = Kind.DECISION if round_ == 1 else Kind.REVIEW
    _note(asked, kind, f"request:{asked.ref}:decision:{round_}", words, by=by, now=now)


def note_change(
    asked: PaymentRequest, regular: RegularAward, change: AwardChange, *, by: User, now: datetime
) -> None:
    """A dated decision about an award that is paid again and again."""
    with in_its_language():
        what = change.get_kind_display()
        lines = [
            _("Regular payment: %(what)s, from %(day)s.") % {"what": what, "day": _day(change.starts_on)}
        ]
        if change.each_pence:
            was, each = in_pounds(change.was_pence or 0), in_pounds(change.each_pence)
            lines.append(_("Each payment was %(was)s and is %(each)s.") % {"was": was, "each": each})
        if change.code:
            lines.append(_("Why: %(why)s.") % {"why": change.get_code_display()})
        if change.words:
            lines.append(_told(change.words))
        if change.kind == "KEEP":
            lines.append(_("To be looked at again on %(day)s.") % {"day": _day(regular.review_on)})
    _note(asked, Kind.AWARD, f"change:{change.pk}", "\n".join(lines), by=by, now=now)


def note_change_review(asked: PaymentRequest, change: AwardChange, *, by: User, now: datetime) -> None:
    """The young person asked for a second look at such a decision, or somebody else has looked."""
    with in_its_language():
        what = {"what": change.get_kind_display(), "day": _day(change.starts_on)}
        if change.reviewed_at is None:
            words = _("The young person asked for a second look at “%(what)s” from %(day)s.") % what
        else:
            answer = _("It stands.") if change.stands else _("It is undone.")
            lines = [
                _("Second look at “%(what)s” from %(day)s:") % what + f" {answer}",
                _told(change.answer_words),
            ]
            words = "\n".join(lines)
    mark = "asked" if change.reviewed_at is None else "answered"
    _note(asked, Kind.REVIEW, f"change:{change.pk}:review:{mark}", words, by=by, now=now)


def note_paid(one: Instalment, *, how: str = "", by: User | None = None, now: datetime) -> None:
    """A payment was made. `how`: by which other way than a payment through Finance, with its proof."""
    with in_its_language():
        words = _("%(money)s was paid for: %(what)s.") % {
            "money": in_pounds(one.pence),
            "what": one.award.asked.title,
        }
        words += " " + (how or _("Payment %(ref)s.") % {"ref": one.ref})
    _note(one.award.asked, Kind.PAYMENT, f"payment:{one.ref}:paid:{one.tries}", words, by=by, now=now)


def note_failed(one: Instalment, *, now: datetime) -> None:
    """A payment did not arrive, and is owed again."""
    with in_its_language():
        words = _("%(money)s did not arrive: %(why)s It is owed again. Payment %(ref)s.") % {
            "money": in_pounds(one.pence),
            "why": f"{one.failed_why.rstrip('.')}.",
            "ref": one.ref,
        }
    _note(one.award.asked, Kind.PAYMENT, f"payment:{one.ref}:failed:{one.tries}", words, by=None, now=now)


def note_thing(asked: PaymentRequest, thing: Provision, *, by: User, now: datetime) -> None:
    """A thing was ordered, or is ready to be collected."""
    with in_its_language():
        if thing.ready_at is None:
            number = f" {thing.order_number}" if thing.order_number else ""
            words = _("Ordered%(number)s: %(what)s.") % {"number": number, "what": thing.what}
        else:
            words = _("Ready to be collected: %(what)s.") % {"what": thing.what}
    mark = "ordered" if thing.ready_at is None else "ready"
    _note(asked, Kind.PAYMENT, f"thing:{thing.pk}:{mark}", words, by=by, now=now)


def note_exception(
    asked: PaymentRequest, *, pence: int, reason: str, key: str, by: User, now: datetime
) -> None:
    """Somebody with the authority let one person have more than a cap."""
    with in_its_language():
        words = _("Up to %(money)s more than the limit was allowed for: %(what)s. Why: %(why)s") % {
            "money": in_pounds(pence),
            "what": asked.title,
            "why": reason.strip(),
        }
    _note(asked, Kind.LEDGER, key, words, by=by, now=now)


def paid_elsewhere_in_words(*, pence: int, what: str, paid_on: date, reference: str) -> str:
    """What another door of the council paid."""
    with in_its_language():
        return _("%(money)s was paid another way on %(day)s for: %(what)s. Reference %(ref)s.") % {
            "money": in_pounds(pence),
            "day": _day(paid_on),
            "what": what,
            "ref": reference,
        }


def _step_in_words(asked: PaymentRequest, step: Step) -> str:
    money = {"money": in_pounds(step.pence) if step.pence else ""}
    match Action(step.action):
        case Action.SUBMIT:
            lines = [_("Asked for: %(what)s%(money)s.") % {
                "what": asked.title, "money": f", {money['money']}" if step.pence else "",
            }]  # fmt: skip
            if asked.on_behalf:
                lines.append(_("Asked by %(name)s for them.") % {"name": step.by})
            if asked.came_as == CameAs.TOLD_NO:
                lines.append(_("They were told no before, in words."))
            elif asked.came_as == CameAs.NOBODY_ANSWERED:
                lines.append(_("They asked before, and nobody answered."))
            if asked.urgent:
                lines.append(_("They say that it cannot wait."))
            if asked.decide_by:
                lines.append(_("An answer is promised by %(day)s.") % {"day": _day(asked.decide_by)})
            return "\n".join(lines)
        case Action.ASK_MORE:
            code = str(MoreWanted(step.code).label) if step.code in MoreWanted.values else step.code
            return _("Asked the young person for: %(what)s.") % {"what": code} + "\n" + _told(step.words)
        case Action.ANSWER_MORE:
            return _("The young person answered.")
        case Action.GO_ON:
            return _("Taken up again without an answer here: %(words)s") % {
                "words": " ".join(step.words.split())
            }
        case Action.RECOMMEND:
            return _("Recommended: yes to %(money)s. Passed on to whoever may decide it.") % money
        case Action.SEND_TO_PANEL:
            day = _day(asked.meeting.meets_on) if asked.meeting else ""
            return _("Put before the panel of %(day)s.") % {"day": day}
        case Action.WITHDRAW:
            return _("The request was taken back.")
        case _:
            return _("The young person asked for somebody else to look again.")


def _note(asked: PaymentRequest, kind: Kind, key: str, words: str, *, by: User | None, now: datetime) -> None:
    write_note(
        young_person=asked.young_person, kind=kind, key=key, words=words, about=asked.ref, by=by, now=now
    )


def _told(words: str) -> str:
    return _("Told the young person: %(words)s") % {"words": " ".join(words.split())}


def _day(day: date) -> str:
    return date_format(day, "j F Y")
