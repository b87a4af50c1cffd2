"""A request told in words, for the person it is about and for whoever decides."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cms.form_fields import in_pounds
from portal.payments.models import (
    AwardChange,
    Instalment,
    PaymentRequest,
    Provision,
    RegularAward,
    Step,
)
from portal.payments.rules import AGREED, WAITING, Action, HowHelped, Level, MoreWanted, Reason, Status
from portal.people.models import YoungPerson

State = Instalment.State
TO_COME = frozenset({State.OWED, State.HELD, State.IN_BATCH, State.FAILED})
DECIDING = frozenset({Action.APPROVE, Action.PART_APPROVE, Action.DECLINE, Action.CHANGE, Action.KEEP})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    words: str
    said: str = ""
    staff_said: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    tone: str
    words: str


@dataclass(slots=True)
class Story:
    """All that a page about one request needs, read in few queries."""

    asked: PaymentRequest
    steps: list[Step]
    instalments: list[Instalment] = field(default_factory=list)
    regular: RegularAward | None = None
    changes: list[AwardChange] = field(default_factory=list)
    thing: Provision | None = None
    added: list[Any] = field(default_factory=list)  # words added beside the steps: `advocates.AddedWords`
    account_waits: bool = False  # new bank details hold what is agreed, for a call and two working days
    by_panel: frozenset[datetime] = frozenset()  # the moments of decisions that a panel made together

    @property
    def tag(self) -> Tag:
        return tag_of(self.asked, self.instalments)

    @property
    def progress(self) -> list[dict[str, str]]:
        return progress_of(self.asked, self.instalments)

    def lines(self, *, viewer: int | None) -> list[Line]:
        """The whole history, oldest first."""
        told = [
            Line(step.at, _what_happened(step, self, viewer), step.words, step.staff_words)
            for step in self.steps
        ]
        for added in self.added:
            who = _("You") if added.by_id == viewer else added.by.first_name or _("Someone")
            told.append(Line(added.at, _("%(who)s added something.") % {"who": who}, added.words))
        for one in self.instalments:
            if one.paid_at is not None:
                told.append(Line(one.paid_at, _("%(money)s was sent.") % {"money": in_pounds(one.pence)}))
        return sorted(told, key=lambda line: line.at)

    @property
    def question(self) -> Step | None:
        """What we asked and they have not answered."""
        asked = [step for step in self.steps if step.action == Action.ASK_MORE]
        return asked[-1] if asked and self.asked.status == Status.MORE_WANTED else None

    @property
    def decided(self) -> Step | None:
        """The last decision."""
        found = [step for step in self.steps if step.action in DECIDING]
        return found[-1] if found else None

    @property
    def decided_by(self) -> str:
        """Who made the last decision: a first name, or the panel."""
        return self.who(self.decided) if self.decided else ""

    def who(self, step: Step) -> str:
        """Whose step it was. What the panel decided one of them wrote down."""
        if step.action in DECIDING and step.at in self.by_panel:
            return _("The panel")
        return step.by.first_name or _("Someone")

    @property
    def failed(self) -> Instalment | None:
        return next((one for one in self.instalments if one.state == State.FAILED), None)

    @property
    def last_change(self) -> AwardChange | None:
        """The last dated decision about an award that is paid again and again."""
        return self.changes[-1] if self.changes else None

    @property
    def held(self) -> bool:
        """Whether any of it is held now."""
        return any(one.state == State.HELD for one in self.instalments)

    @property
    def next_payment(self) -> Instalment | None:
        return next((one for one in self.instalments if one.state in {State.OWED, State.IN_BATCH}), None)

    @property
    def paid_pence(self) -> int:
        return sum(one.pence for one in self.instalments if one.state == State.PAID)

    @property
    def paid(self) -> bool:
        owed = [one for one in self.instalments if one.state != State.CANCELLED]
        return bool(owed) and all(one.state == State.PAID for one in owed)

    @property
    def may_withdraw(self) -> bool:
        """Until Finance has it."""
        if self.asked.status in WAITING or self.asked.status == Status.MORE_WANTED:
            return not self._with_finance
        return self.asked.status in AGREED and not self._with_finance

    @property
    def _with_finance(self) -> bool:
        return any(one.state in {State.IN_BATCH, State.PAID} for one in self.instalments)

    @property
    def may_ask_review(self) -> bool:
        return self.asked.status in {Status.DECLINED, Status.PART_APPROVED}


def tell(asked: PaymentRequest) -> Story:
    """Read a request's story: three queries, and one more for what was decided about a regular award."""
    steps = list(asked.steps.select_related("by"))
    instalments = list(
        Instalment.objects.filter(award__asked=asked)
        .select_related("award__regular", "provision")
        .order_by("award", "number")
    )
    told = Story(asked, steps, instalments, added=list(asked.added_words.select_related("by")))
    if any(step.action == Action.SEND_TO_PANEL for step in steps):
        together = asked.decisions.filter(level=Level.PANEL, chair_alone=False)
        told.by_panel = frozenset(together.values_list("at", flat=True))
    for one in instalments:
        told.regular = getattr(one.award, "regular", None) or told.regular
        told.thing = getattr(one, "provision", None) or told.thing
    if told.regular is not None:
        told.changes = list(told.regular.changes.select_related("by"))
    return told


def waits_for_account(told: Story, *, on: date) -> bool:
    """Whether new bank details of theirs hold this money: nobody has rung yet, or the two days are not over."""
    return goes_to_account(told.asked, told.instalments) and new_account_waits(told.asked.young_person, on=on)


def new_account_waits(person: YoungPerson, *, on: date) -> bool:
    """Whether they gave new bank details that cannot be used yet."""
    waiting = Q(state="GIVEN") | Q(state="CONFIRMED", use_from__gt=on)
    return person.bank_details.filter(waiting).exists()


def goes_to_account(asked: PaymentRequest, instalments: list[Instalment]) -> bool:
    """Whether some of it is still to be paid into an account of their own."""
    if asked.how_helped not in {"", HowHelped.BANK}:
        return False
    return any(
        one.state in {State.OWED, State.FAILED} and not hasattr(one.award, "pay_to") for one in instalments
    )


def for_lists() -> QuerySet[Instalment]:
    """Instalments with all that `agreed_words` looks at."""
    return Instalment.objects.select_related("provision", "award__regular", "award__pay_to").order_by(
        "number"
    )


def still_to_come(instalments: list[Instalment]) -> bool:
    """Whether they were promised something that has not reached them."""
    return any(one.state in TO_COME for one in instalments)


def agreed_words(
    asked: PaymentRequest, instalments: list[Instalment], *, on: date, account_waits: bool = False
) -> str:
    """A sentence for lists about what was agreed: when it comes, why it waits, or the day it was sent. Empty when
    nothing was agreed. `account_waits`: new bank details of theirs cannot be used yet."""
    live = [one for one in instalments if one.state != State.CANCELLED]
    if not live:
        return ""
    words = _when_it_comes(asked, live, on=on, account_waits=account_waits)
    if asked.agreed_pence and asked.asked_pence and asked.agreed_pence < asked.asked_pence:
        return _("Yes to %(money)s") % {"money": in_pounds(asked.agreed_pence)} + f". {words}"
    return words


def _when_it_comes(asked: PaymentRequest, live: list[Instalment], *, on: date, account_waits: bool) -> str:
    thing = getattr(live[0], "provision", None)
    if thing is not None:
        return _where_the_thing_is(thing)
    sent = [one.paid_at for one in live if one.state == State.PAID and one.paid_at]
    if len(sent) == len(live):
        return _("Sent on %(day)s.") % {"day": day(localtime(max(sent)))}
    if account_waits and goes_to_account(asked, live):
        return _("You gave us a new account. Your money waits until we can use it.")
    if any(one.state == State.HELD for one in live):
        return _("Held means: we keep it for you. Nothing is lost. When it goes on, you get all of it.")
    ahead = [one for one in live if one.state in {State.OWED, State.IN_BATCH}]
    if ahead and hasattr(ahead[0].award, "regular"):
        return _("Next") + ": " + _("sent on %(day)s") % {"day": day(ahead[0].due_on)}
    if not ahead or asked.money_by is None:
        return ""
    if asked.money_by < on:
        late = _(
            "We said you would get it by %(day)s. We are late. That is our fault, not yours. It is still coming."
        )
        return late % {"day": day(asked.money_by)}
    return _("You get it by %(day)s.") % {"day": day(asked.money_by)}


def _where_the_thing_is(thing: Provision) -> str:
    if thing.collected_at is not None:
        return _("You collected it on %(day)s.") % {"day": day(localtime(thing.collected_at))}
    if thing.code:
        return _("It is ready for you")
    return _("Ordered on %(day)s: %(what)s.") % {"day": day(localtime(thing.ordered_at)), "what": thing.what}


def tag_of(asked: PaymentRequest, instalments: list[Instalment] | None = None) -> Tag:
    """A word or two for lists: who has it, or what it came to."""
    status = asked.status
    if any(one.state == State.FAILED for one in instalments or []):
        return Tag("stop", _("The money did not arrive"))
    if status == Status.DRAFT:
        return Tag("plain", _("Not sent yet"))
    if status == Status.MORE_WANTED:
        return Tag("wait", _("We need something from you"))
    if status in WAITING:
        return Tag("wait", _("With %(name)s") % {"name": asked.holder_name})
    if status in AGREED:
        live = [one for one in instalments or [] if one.state != State.CANCELLED]
        if live and all(one.state == State.PAID for one in live):
            return Tag("go", _("Paid"))
        return Tag("go", _("Yes") if status != Status.PART_APPROVED else _("Yes, in part"))
    if status == Status.NOT_CHANGED and asked.agreed_pence:
        return Tag("go", _("Yes, in part"))
    if status == Status.WITHDRAWN:
        return Tag("plain", _("You took it back"))
    return Tag("stop", _("No"))


def progress_of(asked: PaymentRequest, instalments: list[Instalment]) -> list[dict[str, str]]:
    """Four stops, for the line of steps."""
    status = asked.status
    names = [_("Sent"), _("Looked at"), _("Decided"), _("Money")]
    if status in {Status.DRAFT, Status.WITHDRAWN}:
        return []
    if status in {Status.SUBMITTED, Status.MORE_WANTED}:
        at = 1
    elif status in {Status.RECOMMENDED, Status.WITH_PANEL, Status.REVIEW_ASKED}:
        at = 2
    elif status in AGREED:
        at = (
            4 if instalments and all(one.state in {State.PAID, State.CANCELLED} for one in instalments) else 3
        )
    else:
        names, at = names[:3], 3
    return [
        {"label": name, "state": "done" if place < at else "now" if place == at else "todo"}
        for place, name in enumerate(names)
    ]


def day(moment: date) -> str:
    """A day as people say it: Thursday 26 November."""
    return date_format(moment, "l j F")


def _what_happened(step: Step, told: Story, viewer: int | None) -> str:
    asked, name = told.asked, told.who(step)
    own = step.by_id == asked.young_person.user_id
    you = own and viewer == step.by_id
    who = _("You") if you else asked.young_person.name if own else name
    money = in_pounds(step.pence) if step.pence else ""
    words = {
        Action.SUBMIT: _("%(who)s asked for %(money)s.") if money else _("%(who)s sent this."),
        Action.ASK_MORE: _("%(who)s asked for something: %(code)s."),
        Action.ANSWER_MORE: _("%(who)s answered."),
        Action.GO_ON: _("%(who)s went on with it."),
        Action.RECOMMEND: _("%(who)s said yes and passed it on."),
        Action.SEND_TO_PANEL: _("%(who)s sent it to a panel."),
        Action.APPROVE: _("%(who)s said yes to %(money)s."),
        Action.PART_APPROVE: _("%(who)s said yes to %(money)s. %(code)s."),
        Action.DECLINE: _("%(who)s said no. %(code)s."),
        Action.WITHDRAW: _("%(who)s took it back."),
        Action.ASK_REVIEW: _("%(who)s asked for someone else to look."),
        Action.CHANGE: _("%(who)s looked again and changed it: %(money)s in all."),
        Action.KEEP: _("%(who)s looked again and did not change it. %(code)s."),
    }[Action(step.action)]
    return words % {"who": who, "money": money, "code": code_words(step.code)}


def code_words(code: str) -> str:
    """A coded reason, as the young person reads it."""
    for codes in (Reason, MoreWanted):
        if code in codes.values:
            return str(codes(code).label)
    return ""
