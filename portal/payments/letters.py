"""A decision told as a letter, to read, to print or to save; and as words for the case record."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.form_fields import in_pounds
from entitlements.models import EntitlementVersion
from entitlements.pdf import draw
from entitlements.reading import Sheet, current_versions, sheet_from
from portal.clock import local_date
from portal.payments import panels, rules, story
from portal.payments.models import Decision, PaymentRequest
from portal.payments.rules import Status

__all__ = ["Letter", "draw", "letter_of"]


@dataclass(frozen=True, slots=True)
class Letter:
    """The last decision about a request, in words. `rests_on` is the page it was made under, as it read that day."""

    asked: PaymentRequest
    decision: Decision
    on: date
    answer: str
    who: str
    rests_on: Sheet | None

    @property
    def is_yes(self) -> bool:
        return self.asked.agreed_pence is not None

    @property
    def is_last_word(self) -> bool:
        """Somebody else has looked already: after this come complaints and the Ombudsman."""
        return self.decision.round == 2

    @property
    def may_ask_again(self) -> bool:
        return self.asked.status in {Status.DECLINED, Status.PART_APPROVED}

    @property
    def version(self) -> EntitlementVersion | None:
        return self.decision.version


def letter_of(asked: PaymentRequest) -> Letter | None:
    """The letter about the last decision, or None when nothing was decided."""
    decision = (
        asked.decisions.select_related("by", "version__entitlement", "meeting").order_by("-round").first()
    )
    if decision is None:
        return None
    on = local_date(decision.at)
    rests_on = sheet_from(decision.version, current_versions(), on) if decision.version else None
    return Letter(asked, decision, on, _answer(decision), _who(decision, on), rests_on)


def case_record(asked: PaymentRequest, decision: Decision) -> str:
    """The decision in plain lines, for the case record. No story, no evidence."""
    lines = [
        _("Decision about request %(ref)s.") % {"ref": asked.ref},
        _("Asked for: %(what)s%(money)s, on %(day)s.")
        % {
            "what": asked.title,
            "money": f", {in_pounds(asked.asked_pence)}" if asked.asked_pence else "",
            "day": _date(local_date(asked.submitted_at)) if asked.submitted_at else "",
        },
        _("Decision: %(answer)s") % {"answer": _plain_answer(decision)},
    ]
    if decision.reason_code:
        lines.append(_("Why: %(why)s.") % {"why": decision.reason_words})
    if decision.words:
        lines.append(_("Told the young person: %(words)s") % {"words": " ".join(decision.words.split())})
    if decision.version:
        lines.append(
            _("Under: %(title)s, version %(number)s.")
            % {"title": decision.version.title, "number": decision.version.number}
        )
    if decision.override_why:
        lines.append(_("The rule said no. Departed from because: %(why)s") % {"why": decision.override_why})
    if decision.panel_why:
        lines.append(decision.panel_why)
    else:
        lines.append(
            _("Decided by %(name)s, who may agree up to %(limit)s in 30 days.")
            % {"name": decision.by, "limit": in_pounds(decision.limit_pence)}
        )
    lines.append(_("In the pathway plan: %(plan)s.") % {"plan": asked.get_in_plan_display()})
    if asked.money_by and asked.agreed_pence is not None:
        lines.append(_("Money promised by %(day)s.") % {"day": _date(asked.money_by)})
    return "\n".join(lines)


def _date(day: date) -> str:
    """A day as papers have it: 26 November 2026."""
    return date_format(day, "j F Y")


def _plain_answer(decision: Decision) -> str:
    words = {
        Status.APPROVED: _("yes to %(money)s."),
        Status.PART_APPROVED: _("yes to part, %(money)s."),
        Status.DECLINED: _("no."),
        Status.CHANGED: _("second look: changed, %(money)s in all."),
        Status.NOT_CHANGED: _("second look: not changed."),
    }[Status(decision.outcome)]
    return words % {"money": in_pounds(decision.pence or 0)}


def _answer(decision: Decision) -> str:
    words = {
        Status.APPROVED: _("We said yes to %(money)s."),
        Status.PART_APPROVED: _("We said yes to part of it: %(money)s."),
        Status.DECLINED: _("We said no this time."),
        Status.CHANGED: _("Somebody else looked again, and the answer changed: %(money)s in all."),
        Status.NOT_CHANGED: _("Somebody else looked again. The answer stays the same."),
    }[Status(decision.outcome)]
    return words % {"money": in_pounds(decision.pence or 0)}


def _who(decision: Decision, on: date) -> str:
    names = panels.decided_by(decision) if decision.level == rules.Level.PANEL else []
    name = decision.by.first_name or str(decision.by)
    if names:
        words = _("A panel decided this on %(day)s: %(names)s.")
    elif decision.chair_alone:
        words = _("%(name)s, who leads the panel, decided this on %(day)s, so that you did not have to wait.")
    else:
        words = _("%(name)s decided this on %(day)s.")
    return words % {"name": name, "names": ", ".join(names), "day": story.day(on)}
