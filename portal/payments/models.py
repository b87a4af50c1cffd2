"""Asking for money and deciding: what is stored, and what can never be stored."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Role, User
from portal.ledger.models import Allowance
from portal.payments import rules
from portal.payments.regular.rules import ChangeKind, ChangeReason, Every
from portal.payments.rules import Action, Ages, HowHelped, Status
from portal.people.models import DatedRow, YoungPerson, held_on
from portal.refs import new_ref


class HeldBy(models.TextChoices):
    """Whose move it is. The labels are what a young person reads when no name can be given."""

    ADVISER = "ADVISER", _("your adviser")
    DUTY = "DUTY", _("the duty team")
    TEAM_MANAGER = "TEAM_MANAGER", _("a team manager")
    SERVICE_MANAGER = "SERVICE_MANAGER", _("a service manager")
    PANEL = "PANEL", _("the panel")
    YOU = "YOU", _("you")


HELD_BY_A_TEAM = [team for team in HeldBy if team != HeldBy.YOU]


STAFF_WORDS = {
    Status.SUBMITTED: _("New"),
    Status.MORE_WANTED: _("Asked for more"),
    Status.RECOMMENDED: _("Recommended"),
    Status.REVIEW_ASKED: _("Second look"),
    Status.WITHDRAWN: _("Taken back"),
}


class InPlan(models.TextChoices):
    YES = "YES", _("in the pathway plan")
    NO = "NO", _("not in the pathway plan")
    UNCHECKED = "UNCHECKED", _("not checked")


class CameAs(models.TextChoices):
    """How a request began. A refusal somebody heard counts as one, and is decided by somebody else."""

    ASKED = "ASKED", _("asked here")
    TOLD_NO = "TOLD_NO", _("I was told no")
    NOBODY_ANSWERED = "NOBODY_ANSWERED", _("Nobody answered me")


class PanelMember(DatedRow):
    """Somebody's seat on the panel that decides what is above everybody's own authority."""

    class Part(models.TextChoices):
        CHAIR = "CHAIR", _("Chair")
        MEMBER = "MEMBER", _("Member")
        CLERK = "CLERK", _("Clerk: writes down, does not decide")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="panel_seats")
    part = models.CharField(max_length=6, choices=Part.choices)

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(name="one_seat_each", fields=["user"], condition=Q(ends_on=None)),
            models.UniqueConstraint(
                name="one_chair", fields=["part"], condition=Q(ends_on=None, part="CHAIR")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.part}"


class PanelMeetingQuerySet(models.QuerySet["PanelMeeting"]):
    def ahead(self, *, on: date) -> "PanelMeetingQuerySet":
        """What is planned from a day on, soonest first."""
        return self.filter(called_off_at=None, meets_on__gte=on).order_by("meets_on")

    def taking_papers(self, *, on: date) -> "PanelMeetingQuerySet":
        """The meetings that something may still be put before on a day, soonest first."""
        return self.ahead(on=on).filter(papers_by__gte=on)


class PanelMeeting(models.Model):
    """One day on which the panel decides: when its papers close, and how many must be there."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    meets_on = models.DateField()
    papers_by = models.DateField()
    quorum = models.PositiveSmallIntegerField(default=rules.QUORUM)
    called_off_at = models.DateTimeField(null=True)
    called_off_why = models.CharField(max_length=200, blank=True)

    objects = PanelMeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_panel_a_day", fields=["meets_on"], condition=Q(called_off_at=None)
            ),
            models.CheckConstraint(name="panel_papers_first", condition=Q(papers_by__lte=F("meets_on"))),
            models.CheckConstraint(name="panel_is_not_one_person", condition=Q(quorum__gte=2)),
            models.CheckConstraint(
                name="panel_called_off_says_why", condition=Q(called_off_at=None) | ~Q(called_off_why="")
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class PaymentRequestQuerySet(models.QuerySet["PaymentRequest"]):
    def visible_to(self, user: User, *, on: date, at: datetime | None = None) -> "PaymentRequestQuerySet":
        """Every view and service starts here. A draft is seen by nobody but whoever is writing it, and one that was
        thrown away by nobody.

        An advocate sees the requests they have a seat at. With `at` also what break-glass opened, to look at only.
        """
        theirs = Q(young_person__in=YoungPerson.objects.visible_to(user, on=on, at=at))
        if user.holds(Role.ADVOCATE, on=on):
            theirs |= Q(pk__in=user.advocate_seats.live(on).values("asked"))
        own_draft = Q(status=Status.DRAFT) & (Q(raised_by=user) | Q(young_person__user=user))
        return self.filter(theirs).filter(Q(submitted_at__isnull=False) | own_draft)

    def own(self, user: User) -> "PaymentRequestQuerySet":
        """What is asked for somebody themselves: nothing while their account is shut."""
        return self.filter(young_person__user=user) if user.is_active and not user.frozen_at else self.none()

    def with_hand_of(self, user: User) -> "PaymentRequestQuerySet":
        """Each with `had_a_hand`: whether somebody raised or edited it."""
        touched = RequestTouch.objects.filter(asked=OuterRef("pk"), user=user)
        return self.annotate(had_a_hand=Exists(touched) | Q(raised_by=user))

    def with_agreed_lately(self, *, on: date) -> "PaymentRequestQuerySet":
        """Each with `agreed_lately`: pence agreed for the same person in the last 30 days, leaving itself out."""
        theirs = PaymentRequest.objects.filter(young_person=OuterRef("young_person")).exclude(
            pk=OuterRef("pk")
        )
        total = theirs.counted(on=on).order_by().values("young_person").annotate(total=Sum("agreed_pence"))
        return self.annotate(agreed_lately=Coalesce(Subquery(total.values("total")), 0))

    def counted(self, *, on: date) -> "PaymentRequestQuerySet":
        """What was agreed in the last 30 days, over all kinds. What was taken back again does not count."""
        since = rules.window_starts_on(on)
        return self.filter(agreed_pence__gt=0, decided_at__date__gte=since).exclude(status=Status.WITHDRAWN)

    def open(self) -> "PaymentRequestQuerySet":
        """Somebody is owed an answer."""
        return self.filter(status__in=rules.OPEN)

    def waiting(self) -> "PaymentRequestQuerySet":
        """The clock runs, and we hold it."""
        return self.filter(status__in=rules.WAITING)

    def first_for(self, user: User, *, many: int) -> "PaymentRequestQuerySet":
        """The first `many` that wait for somebody: what they hold, and what a team holds with nobody's name on it.

        Each half is read in its own order from an index, so a long queue costs what a short one does.
        """
        halves = (self.filter(holder=user), self.filter(holder=None, held_by__in=HELD_BY_A_TEAM))
        first = [half.waiting().oldest_promise_first().values("pk")[:many] for half in halves]
        return PaymentRequest.objects.filter(Q(pk__in=first[0]) | Q(pk__in=first[1]))

    def oldest_promise_first(self) -> "PaymentRequestQuerySet":
        """Urgent ones first, then by the day we promised."""
        return self.order_by("-urgent", "decide_by", "pk")

    def agreed_pence(self, *, young_person_id: int, on: date, but: int) -> int:
        """All that was agreed for one person in the last 30 days, leaving out one request (its pk)."""
        counted = self.filter(young_person_id=young_person_id).counted(on=on).exclude(pk=but)
        total: int | None = counted.aggregate(total=Sum("agreed_pence"))["total"]
        return total or 0


class PaymentRequest(models.Model):
    """One thing a young person asks for, from its first answer to the decision. Its story is in `Step`."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="payment_requests")
    # Both empty for "something else", which no page describes and no cap limits.
    entitlement = models.ForeignKey(
        "entitlements.Entitlement", on_delete=models.PROTECT, null=True, related_name="+"
    )
    version = models.ForeignKey(
        "entitlements.EntitlementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    title = models.CharField(max_length=255)
    story = models.TextField(blank=True)
    asked_pence = models.PositiveIntegerField(null=True)  # empty: they do not know the price
    needed_by = models.DateField(null=True)
    urgent = models.BooleanField(default=False)
    how_helped = models.CharField(max_length=10, choices=HowHelped.choices, blank=True)
    talk_first = models.BooleanField(
        default=False
    )  # "I want to talk to somebody": a task for a person, no delay
    no_evidence_why = models.TextField(blank=True)
    # What was answered so far, kept on the server so that it survives a lost phone. Emptied once it is sent.
    draft_answers = models.JSONField(default=dict)
    # The form that sent it, and what that form held: the same press again is no second step (safety rule 47).
    sent_token = models.CharField(max_length=26, blank=True)
    sent_print = models.CharField(max_length=64, blank=True)

    came_as = models.CharField(max_length=16, choices=CameAs.choices, default=CameAs.ASKED)
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.DRAFT)
    row_version = models.PositiveIntegerField(
        default=0
    )  # one more with each step; a screen that shows less is stale
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # when a person first read it (safety rule 29)
    decided_at = models.DateTimeField(null=True)
    decide_by = models.DateField(null=True)
    money_by = models.DateField(null=True)
    paused_days = models.PositiveSmallIntegerField(null=True)  # working days left, while more is wanted
    due_told_for = models.DateField(null=True)  # the promise its holder was last reminded of
    overdue_told_on = models.DateField(null=True)
    unopened_told_on = models.DateField(null=True)
    held_by = models.CharField(max_length=16, choices=HeldBy.choices, blank=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    # The panel it waits for, and waited for when it was decided.
    meeting = models.ForeignKey(PanelMeeting, on_delete=models.PROTECT, null=True, related_name="requests")

    in_plan = models.CharField(max_length=10, choices=InPlan.choices, default=InPlan.UNCHECKED)
    # What the rule said when it was sent: advice for a person who decides, never a decision.
    rule_answer = models.CharField(max_length=12, blank=True)
    rule_reasons = models.JSONField(default=list)
    agreed_pence = models.PositiveIntegerField(null=True)
    agreed_above_why = models.TextField(blank=True)
    reason_code = models.CharField(max_length=20, blank=True)
    answer_words = models.TextField(blank=True)  # the decision's own words, as the young person reads them

    had_a_hand: bool  # of `with_hand_of`
    agreed_lately: int  # of `with_agreed_lately`, pence

    objects = PaymentRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                name="request_queue",
                fields=["-urgent", "decide_by", "id"],
                condition=Q(status__in=sorted(rules.OPEN)),
            ),
            # What somebody holds is open, so this is their queue in its order, however long everybody's is.
            models.Index(name="request_holder_queue", fields=["holder", "-urgent", "decide_by", "id"]),
        ]
        constraints = [
            models.CheckConstraint(name="request_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="request_asks_for_something", condition=Q(asked_pence=None) | Q(asked_pence__gt=0)
            ),
            models.CheckConstraint(
                name="request_sent_has_a_clock",
                condition=Q(status__in=[Status.DRAFT, Status.WITHDRAWN])
                | Q(submitted_at__isnull=False, decide_by__isnull=False),
            ),
            models.CheckConstraint(
                name="request_open_is_held", condition=~Q(status__in=sorted(rules.OPEN)) | ~Q(held_by="")
            ),
            models.CheckConstraint(
                name="request_with_panel_has_a_day",
                condition=~Q(status=Status.WITH_PANEL) | Q(meeting__isnull=False),
            ),
            models.CheckConstraint(
                name="request_no_has_a_reason",
                condition=~Q(status__in=sorted(rules.NEEDS_A_REASON))
                | (~Q(reason_code="") & ~Q(answer_words="")),
            ),
            models.CheckConstraint(
                name="request_decided_says_when",
                condition=~Q(status__in=sorted(rules.DECIDED)) | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_yes_has_an_amount",
                condition=~Q(status__in=sorted(rules.AGREED)) | Q(agreed_pence__gt=0, money_by__isnull=False),
            ),
            models.CheckConstraint(
                name="request_agreed_not_above_asked",
                condition=Q(agreed_pence=None)
                | Q(asked_pence=None)
                | Q(agreed_pence__lte=F("asked_pence"))
                | ~Q(agreed_above_why=""),
            ),
            models.CheckConstraint(
                name="request_part_is_less",
                condition=~Q(status=Status.PART_APPROVED) | Q(agreed_pence__lt=F("asked_pence")),
            ),
            models.CheckConstraint(
                name="request_paused_only_while_more_wanted",
                condition=Q(paused_days=None) | Q(status__in=[Status.MORE_WANTED, Status.WITHDRAWN]),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_open(self) -> bool:
        return self.status in rules.OPEN

    @property
    def listed_as(self) -> str:
        """What staff's lists call it: beside a name nothing that tells of immigration, custody or crisis."""
        return str(_("A private matter")) if self.version is not None and self.version.quiet else self.title

    @property
    def was_refused_before(self) -> bool:
        """Somebody said no in words, or said nothing."""
        return self.came_as != CameAs.ASKED

    @property
    def on_behalf(self) -> bool:
        """Somebody else asked for them."""
        return self.raised_by_id != self.young_person.user_id

    @property
    def holder_name(self) -> str:
        """Who holds it, in words: a first name, or the team."""
        if self.held_by == HeldBy.YOU or self.holder is None:
            return self.get_held_by_display()
        return self.holder.first_name or str(self.holder)

    @property
    def staff_holder_name(self) -> str:
        """The same, as staff read it."""
        return str(_("the young person")) if self.held_by == HeldBy.YOU else self.holder_name

    @property
    def status_words(self) -> str:
        return self.get_status_display()

    @property
    def staff_words(self) -> str:
        """Where it is, as staff say it."""
        return str(STAFF_WORDS.get(Status(self.status), self.get_status_display()))

    @property
    def reason_words(self) -> str:
        """Why it was refused or cut, as the young person reads it."""
        return str(rules.Reason(self.reason_code).label) if self.reason_code else ""


class SubmittedForm(models.Model):
    """One form, one request: the same form again shows what the first sending made (safety rule 47)."""

    token = models.CharField(max_length=26, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    asked = models.ForeignKey(PaymentRequest, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"form {self.pk}"


class RequestTouch(models.Model):
    """Somebody raised or edited a request, or refused it in words before: they may not decide it (safety rule 4)."""

    asked = models.ForeignKey(PaymentRequest, on_delete=models.CASCADE, related_name="touches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="touch_once", fields=["asked", "user"])]

    def __str__(self) -> str:
        return f"touch {self.pk}"


class Step(models.Model):
    """One line of a request's story: added, never changed. Triggers refuse UPDATE and DELETE."""

    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()  # the request's row_version after it
    action = models.CharField(max_length=14, choices=Action.choices)
    status = models.CharField(max_length=14, choices=Status.choices)  # where it led
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    code = models.CharField(max_length=20, blank=True)
    pence = models.PositiveIntegerField(null=True)
    words = models.TextField(blank=True)  # what the young person reads, or what they wrote
    staff_words = models.TextField(
        blank=True
    )  # a note for colleagues; the young person may ask for it, never by surprise

    class Meta:
        ordering = ["asked", "number"]
        constraints = [models.UniqueConstraint(name="step_number_once", fields=["asked", "number"])]

    def __str__(self) -> str:
        return f"{self.action} {self.number}"


class Decision(models.Model):
    """A yes, a part or a no, and what it rested on: added, never changed. One for each round; round 2 is the review."""

    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="decisions")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(
        max_length=14, choices=[(s.value, s.label) for s in Status if s in rules.DECIDED]
    )
    pence = models.PositiveIntegerField(null=True)  # what is agreed in all; empty for a no
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason_code = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)
    version = models.ForeignKey(
        "entitlements.EntitlementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    rule_answer = models.CharField(max_length=12, blank=True)
    override_why = models.TextField(blank=True)  # why the rule's answer was departed from
    panel_why = models.TextField(
        blank=True
    )  # which panel met and who was there, or why its chair acted alone
    meeting = models.ForeignKey(PanelMeeting, on_delete=models.PROTECT, null=True, related_name="+")
    chair_alone = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField()  # the authority it was made under, as it stood
    limit_pence = models.PositiveIntegerField()
    already_pence = models.PositiveIntegerField()  # agreed in the 30 days before

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_decision_a_round", fields=["asked", "round"]),
            models.CheckConstraint(name="decision_two_rounds", condition=Q(round__in=[1, 2])),
            models.CheckConstraint(
                name="decision_no_has_a_reason",
                condition=~Q(outcome__in=sorted(rules.NEEDS_A_REASON)) | (~Q(reason_code="") & ~Q(words="")),
            ),
            models.CheckConstraint(
                name="decision_of_a_panel_says_which",
                condition=~Q(level=rules.Level.PANEL.value) | ~Q(panel_why=""),
            ),
            models.CheckConstraint(
                name="decision_yes_has_an_amount",
                condition=~Q(outcome__in=sorted(rules.AGREED)) | Q(pence__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} round {self.round}"

    @property
    def reason_words(self) -> str:
        return str(rules.Reason(self.reason_code).label) if self.reason_code else ""


class PanelPresence(models.Model):
    """Who sat on the panel for one decision: added, never changed."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="present")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="present_once", fields=["decision", "user"])]

    def __str__(self) -> str:
        return f"present {self.pk}"


class Award(models.Model):
    """What a yes makes: money or a thing, in one or more dated payments."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("being paid")
        CLOSED = "CLOSED", _("all paid")
        CANCELLED = "CANCELLED", _("taken back before it was paid")

    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="awards")
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="awards")
    version = models.ForeignKey(
        "entitlements.EntitlementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    allowance = models.ForeignKey(Allowance, on_delete=models.PROTECT, null=True, related_name="awards")
    pence = models.PositiveIntegerField()
    how_helped = models.CharField(max_length=10, choices=HowHelped.choices, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_open_award", fields=["asked"], condition=Q(state="OPEN")),
            models.CheckConstraint(name="award_is_something", condition=Q(pence__gt=0)),
        ]

    def __str__(self) -> str:
        return f"award {self.pk}"


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    def owed(self, *, on: date) -> "InstalmentQuerySet":
        """What Finance may pay on a day: due, and not in a batch; a failed one may go in again."""
        states = [Instalment.State.OWED, Instalment.State.FAILED]
        return self.filter(state__in=states, due_on__lte=on).order_by("due_on", "pk")


class Instalment(models.Model):
    """One sum owed on one day. Finance makes the attempts to pay it; here stands where it is."""

    class State(models.TextChoices):
        OWED = "OWED", _("to be paid")
        HELD = "HELD", _("held for now")
        IN_BATCH = "IN_BATCH", _("with Finance")
        PAID = "PAID", _("paid")
        FAILED = "FAILED", _("did not arrive")
        CANCELLED = "CANCELLED", _("taken back")

    ref = models.CharField(
        max_length=10, unique=True, default=new_ref, editable=False
    )  # stands in the payment file
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    # Of a regular award: the week, month or term it pays, and the allowance of that period. Else the award's.
    period = models.CharField(max_length=12, blank=True)
    allowance = models.ForeignKey(Allowance, on_delete=models.PROTECT, null=True, related_name="instalments")
    due_on = models.DateField()
    pence = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OWED)
    paid_at = models.DateTimeField(null=True)
    failed_why = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(
        default=0
    )  # how often it was paid or came back; part of the ledger's keys

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        ordering = ["award", "number"]
        indexes = [
            models.Index(name="instalment_owed", fields=["due_on"], condition=Q(state__in=["FAILED", "OWED"]))
        ]
        constraints = [
            models.UniqueConstraint(name="instalment_number_once", fields=["award", "number"]),
            models.UniqueConstraint(
                name="one_payment_a_period", fields=["award", "period"], condition=~Q(period="")
            ),
            models.CheckConstraint(name="instalment_is_something", condition=Q(pence__gt=0)),
            models.CheckConstraint(
                name="instalment_paid_says_when", condition=~Q(state="PAID") | Q(paid_at__isnull=False)
            ),
            models.CheckConstraint(
                name="instalment_failed_says_why", condition=~Q(state="FAILED") | ~Q(failed_why="")
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def taken_from(self) -> Allowance | None:
        """The allowance its money stands in."""
        return self.allowance or self.award.allowance


class Provision(models.Model):
    """A thing instead of money: ordered, ready for them, and collected with a code that only they were shown."""

    instalment = models.OneToOneField(Instalment, on_delete=models.PROTECT, related_name="provision")
    what = models.CharField(max_length=120)
    order_number = models.CharField(max_length=40, blank=True)
    expected_on = models.DateField(null=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    ready_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ready_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=6, blank=True)  # shown to the young person from then on
    collected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="provision_ready_has_a_code",
                condition=Q(ready_at=None, ready_by=None, code="")
                | (Q(ready_at__isnull=False, ready_by__isnull=False) & ~Q(code="")),
            ),
            models.CheckConstraint(
                name="provision_collected_after_ready",
                condition=Q(collected_at=None) | Q(ready_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class RegularAward(models.Model):
    """How an award is paid again and again: one instalment for each period, all set aside when it was agreed."""

    award = models.OneToOneField(Award, on_delete=models.PROTECT, related_name="regular")
    every = models.CharField(max_length=6, choices=Every.choices)
    each_pence = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    review_on = models.DateField()
    review_told_for = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="regular_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on"), review_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(name="regular_is_something", condition=Q(each_pence__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.each_pence} each {self.every}"


class AwardChange(models.Model):
    """A dated decision about a regular award: hold, go on, change, end or keep; and a second look at it."""

    regular = models.ForeignKey(RegularAward, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=6, choices=ChangeKind.choices)
    starts_on = models.DateField()  # from the payment due on this day
    each_pence = models.PositiveIntegerField(null=True)  # the new sum of a change
    was_pence = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=16, choices=ChangeReason.choices, blank=True)
    words = models.TextField(blank=True)  # what the young person reads
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    review_asked_at = models.DateTimeField(null=True)
    review_words = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    stands = models.BooleanField(null=True)  # after a second look: whether it stays as it was decided
    answer_words = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="award_change_says_why",
                condition=Q(kind__in=["RESUME", "KEEP"]) | (~Q(code="") & ~Q(words="")),
            ),
            models.CheckConstraint(
                name="award_never_ended_for_a_missing_paper",
                condition=~Q(kind__in=["END", "CHANGE"]) | ~Q(code="MISSING_PAPER"),
            ),
            models.CheckConstraint(
                name="award_change_reviewed_by_another",
                condition=Q(reviewed_by=None, reviewed_at=None, stands=None)
                | (
                    Q(reviewed_by__isnull=False, reviewed_at__isnull=False, stands__isnull=False)
                    & ~Q(reviewed_by=F("by"))
                    & ~Q(answer_words="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.starts_on}"

    @property
    def waits_for_review(self) -> bool:
        """Somebody else is still to look at it."""
        return self.review_asked_at is not None and self.reviewed_at is None


class Evidence(models.Model):
    """One photo or file somebody sent, kept only as pictures we made again ourselves."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    asked = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="evidence")
    sha256 = models.CharField(max_length=64)  # of what was sent: the same photo twice is one
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="evidence_once", fields=["asked", "sha256"])]

    def __str__(self) -> str:
        return self.ref


class EvidencePage(models.Model):
    """One picture of a piece of evidence, under a random name."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    stored_as = models.CharField(max_length=60, unique=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ["evidence", "number"]
        constraints = [models.UniqueConstraint(name="evidence_page_once", fields=["evidence", "number"])]

    def __str__(self) -> str:
        return f"page {self.number}"

    @property
    def small_height(self) -> int:
        """How tall it stands when shown 120 wide."""
        return round(120 * self.height / self.width)


class DelegatedAuthorityQuerySet(models.QuerySet["DelegatedAuthority"]):
    def in_force(self, *, ages: Ages, on: date, with_examples: bool) -> "DelegatedAuthorityQuerySet":
        """The bands of a day for somebody of this age. Unconfirmed examples count in the demo alone."""
        bands = self.filter(held_on(on), ages__in=[Ages.ANY, ages])
        return bands if with_examples else bands.exclude(confirmed_on=None)

    def limits(self, *, under_18: bool, on: date, with_examples: bool) -> dict[str, int]:
        """Pence by role on a day, for somebody of this age. Unconfirmed examples count in the demo alone."""
        bands = self.in_force(
            ages=Ages.UNDER_18 if under_18 else Ages.FROM_18, on=on, with_examples=with_examples
        )
        limits: dict[str, int] = {}
        for role, pence in bands.values_list("role", "limit_pence"):
            limits[role] = max(pence, limits.get(role, 0))
        return limits

    def limit_for(self, role: str, *, under_18: bool = False, on: date, with_examples: bool = False) -> int:
        """What one role may agree on a day, in pence; 0 when it has no band."""
        return self.limits(under_18=under_18, on=on, with_examples=with_examples).get(role, 0)


class DelegatedAuthority(DatedRow):
    """What a role may agree, from one day to another. Unconfirmed figures are examples: nothing outside the demo."""

    role = models.CharField(max_length=20, choices=Role.choices)
    ages = models.CharField(max_length=8, choices=Ages.choices, default=Ages.ANY)
    limit_pence = models.PositiveIntegerField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_on = models.DateField(null=True)
    decision_reference = models.CharField(max_length=80, blank=True)

    objects = DelegatedAuthorityQuerySet.as_manager()

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="one_current_band", fields=["role", "ages"], condition=Q(ends_on=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.limit_pence}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_on is not None


class AuthorityGiven(DatedRow):
    """A manager lets one person use their role's band, or less. New staff have no such row, and so decide nothing."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="authority_given"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    limit_pence = models.PositiveIntegerField(null=True)  # empty: the whole band
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta(DatedRow.Meta):
        constraints = [
            *DatedRow.Meta.constraints,
            models.UniqueConstraint(
                name="authority_given_once", fields=["user", "role"], condition=Q(ends_on=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"
