"""Paying exactly once: whom, the batch that fixes a set of payments, each attempt, and what came back."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Role, User
from portal.finance.remittance_file import FailureReason, Outcome
from portal.finance.rules import DEAD_ACCOUNT, UNMATCHED, Result, State
from portal.payments.models import Award, Instalment
from portal.people.models import YoungPerson
from portal.refs import new_ref


class PayeeKind(models.TextChoices):
    YOUNG_PERSON = "YOUNG_PERSON", _("the young person")
    SUPPLIER = "SUPPLIER", _("a supplier")
    LANDLORD = "LANDLORD", _("a landlord")
    CARER = "CARER", _("a carer")
    PRISON = "PRISON", _("a prison account")
    PREPAID_CARD = "PREPAID_CARD", _("a prepaid card")
    APPOINTEE = "APPOINTEE", _("an appointee")


class Method(models.TextChoices):
    BACS = "BACS", _("bank transfer, three days")
    FASTER = "FASTER", _("bank transfer, same day")


class Payee(models.Model):
    """Somebody else who is paid for a young person: one supplier for all of them, or one landlord, carer... for one."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    kind = models.CharField(max_length=12, choices=PayeeKind.choices)
    name = models.CharField(max_length=120)
    vendor_number = models.CharField(max_length=40, blank=True)
    young_person = models.ForeignKey(
        YoungPerson, on_delete=models.PROTECT, null=True, blank=True, related_name="payees"
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_on = models.DateField(null=True, blank=True)  # the last day it may be paid

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="vendor_number_once",
                fields=["vendor_number"],
                condition=Q(kind="SUPPLIER", ended_on=None),
            ),
            models.CheckConstraint(name="payee_is_somebody_else", condition=~Q(kind="YOUNG_PERSON")),
            models.CheckConstraint(
                name="payee_supplier_has_a_number",
                condition=~Q(kind="SUPPLIER") | (~Q(vendor_number="") & Q(young_person=None)),
            ),
            models.CheckConstraint(
                name="payee_other_is_for_one_person",
                condition=Q(kind="SUPPLIER") | Q(young_person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PayTo(models.Model):
    """Whom an award is paid to, when it is not the young person. Chosen by casework, never by who pays."""

    award = models.OneToOneField(Award, on_delete=models.PROTECT, related_name="pay_to")
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="+")
    order_number = models.CharField(max_length=40, blank=True)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"award {self.award_id} to {self.payee_id}"


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: User, *, on: date) -> "BatchQuerySet":
        """Every batch for a finance officer; none for anybody else."""
        return self.all() if user.holds(Role.FINANCE_OFFICER, on=on) and not user.frozen_at else self.none()


class Batch(models.Model):
    """A set of payments, fixed when it is made. Its file follows from these rows alone."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("open")
        CLOSED = "CLOSED", _("closed")
        VOID = "VOID", _("called off before it was loaded")

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    columns = models.JSONField()  # pairs of heading and field, as they were that day
    count = models.PositiveIntegerField()
    total_pence = models.PositiveBigIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    file_name = models.CharField(max_length=60, unique=True)
    sha256 = models.CharField(max_length=64, blank=True)  # empty until the whole file stands under its name
    file_written_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    void_why = models.CharField(max_length=200, blank=True)
    # Bank details of this batch and its file were removed: finance has had them long enough.
    emptied_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(name="batch_pays_something", condition=Q(count__gt=0, total_pence__gt=0)),
            models.CheckConstraint(
                name="batch_file_says_when", condition=Q(sha256="") | Q(file_written_at__isnull=False)
            ),
            models.CheckConstraint(
                name="batch_closed_has_a_file",
                condition=Q(state="OPEN", closed_at=None)
                | (Q(state="CLOSED", closed_at__isnull=False, closed_by__isnull=False) & ~Q(sha256=""))
                | (Q(state="VOID", closed_at__isnull=False, closed_by__isnull=False) & ~Q(void_why="")),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_open(self) -> bool:
        return self.state == Batch.State.OPEN


class Payment(models.Model):
    """One attempt to pay one instalment, with all its file needs, copied when the batch was made."""

    State = State

    ref = models.CharField(
        max_length=10, unique=True, default=new_ref, editable=False
    )  # what the bank's answer quotes
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="payments")
    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="payments")
    payee = models.ForeignKey(
        Payee, on_delete=models.PROTECT, null=True, related_name="+"
    )  # empty: the young person
    payee_kind = models.CharField(max_length=12, choices=PayeeKind.choices)
    payee_name = models.CharField(max_length=170)
    vendor_number = models.CharField(max_length=40, blank=True)
    order_number = models.CharField(max_length=40, blank=True)
    person_id = models.CharField(max_length=40)  # the case record's own
    request_ref = models.CharField(max_length=10)
    method = models.CharField(max_length=6, choices=Method.choices)
    # The account it goes to, encrypted, as it was when the batch was made; empty where finance holds it.
    account = models.TextField(blank=True, default="", db_default="")
    details = models.ForeignKey("BankDetails", on_delete=models.PROTECT, null=True, related_name="payments")
    pence = models.PositiveIntegerField()
    cost_code = models.CharField(max_length=40, blank=True)
    due_on = models.DateField()
    approver = models.CharField(max_length=160)
    decided_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN_BATCH)
    settled_at = models.DateTimeField(null=True)
    failed_why = models.CharField(
        max_length=14, blank=True, choices=[(r.value, r.value) for r in FailureReason]
    )
    returned = models.BooleanField(default=False)  # the bank sent it back, perhaps days after "paid"

    class Meta:
        ordering = ["ref"]
        constraints = [
            models.UniqueConstraint(
                name="one_live_payment", fields=["instalment"], condition=Q(state__in=["IN_BATCH", "PAID"])
            ),
            models.UniqueConstraint(name="payment_once_a_batch", fields=["batch", "instalment"]),
            models.CheckConstraint(name="payment_is_something", condition=Q(pence__gt=0)),
            models.CheckConstraint(
                name="payment_settled_says_when", condition=Q(state="IN_BATCH") | Q(settled_at__isnull=False)
            ),
            models.CheckConstraint(
                name="payment_failed_says_why", condition=~Q(state="FAILED") | ~Q(failed_why="")
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Remittance(models.Model):
    """What finance's system answered, read once: the same bytes again change nothing."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    repeated = False
    """Whether a service found that these bytes were read before."""

    class Meta:
        ordering = ["-read_at", "-pk"]

    def __str__(self) -> str:
        return self.ref


class RemittanceLineQuerySet(models.QuerySet["RemittanceLine"]):
    def unmatched(self) -> "RemittanceLineQuerySet":
        """Lines that a person must still look at, oldest first."""
        return self.filter(result__in=sorted(UNMATCHED), looked_at=None).order_by("pk")


class RemittanceLine(models.Model):
    """One line of a remittance, and what it did."""

    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()  # the line in the file
    reference = models.CharField(max_length=40)
    pence = models.PositiveBigIntegerField()
    outcome = models.CharField(max_length=8, choices=[(o.value, o.value) for o in Outcome])
    on = models.DateField(null=True)
    reason = models.CharField(max_length=14, blank=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="lines")
    result = models.CharField(max_length=12, choices=Result.choices)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    objects = RemittanceLineQuerySet.as_manager()

    class Meta:
        ordering = ["remittance", "number"]
        constraints = [
            models.UniqueConstraint(name="remittance_line_once", fields=["remittance", "number"]),
            models.CheckConstraint(
                name="remittance_line_looked_at_by_somebody",
                condition=Q(looked_at=None, looked_by=None)
                | (Q(looked_at__isnull=False, looked_by__isnull=False) & ~Q(note="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.outcome}"


class Receipt(models.Model):
    """Help that reached somebody outside any batch: a voucher, a card purchase, petty cash, a thing collected."""

    class How(models.TextChoices):
        VOUCHER = "VOUCHER", _("a voucher was given")
        CARD = "CARD", _("it was bought with the council's card")
        CASH = "CASH", _("petty cash was given")
        COLLECTED = "COLLECTED", _("they collected it")

    instalment = models.OneToOneField(Instalment, on_delete=models.PROTECT, related_name="receipt")
    how = models.CharField(max_length=10, choices=How.choices)
    proof = models.CharField(max_length=60)  # the number of the voucher, till receipt or petty cash slip
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="proof_once", fields=["how", "proof"]),
            models.CheckConstraint(name="receipt_has_proof", condition=~Q(proof="")),
        ]

    def __str__(self) -> str:
        return f"{self.how} {self.proof}"


def _bounced() -> Exists:
    dead = Payment.objects.filter(state=State.FAILED, failed_why__in=sorted(DEAD_ACCOUNT))
    return Exists(dead.filter(details=OuterRef("pk")))


class BankDetailsQuerySet(models.QuerySet["BankDetails"]):
    def standing(self) -> "BankDetailsQuerySet":
        """What counts now: at most one for each young person."""
        return self.filter(state__in=BankDetails.STANDING)

    def bounced_or_not(self) -> "BankDetailsQuerySet":
        """Each with `bounced`: the bank sent a payment back because this very account is closed or wrong."""
        return self.annotate(bounced=_bounced())

    def bounced(self) -> "BankDetailsQuerySet":
        """Only those."""
        return self.filter(_bounced())

    def alarming(self, *, now: datetime) -> "BankDetailsQuerySet":
        """Ended in the last two weeks because they were not the young person's own: somebody must ask after them."""
        why = [BankDetails.Ended.NOT_THEIRS, BankDetails.Ended.STOPPED]
        return self.filter(ended_why__in=why, ended_at__gt=now - timedelta(days=14))

    def call_late(self, *, on: date) -> "BankDetailsQuerySet":
        """New details that nobody has rung about though their two working days are over: money may be waiting."""
        return self.filter(state=BankDetails.State.GIVEN, use_from__lte=on)


class BankDetails(models.Model):
    """Where a young person wants money to go. Encrypted, with a key outside the database; two digits are ever shown.

    Only while `BANK_DETAILS_ENABLED` is on; `docs/decisions/0014` says why, and what the life of a row is.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("being typed")
        GIVEN = "GIVEN", _("waiting for a phone call")
        CONFIRMED = "CONFIRMED", _("confirmed by phone")
        WITH_FINANCE = "WITH_FINANCE", _("Finance has it now; nothing but two digits is kept here")
        ENDED = "ENDED", _("not used any more")

    STANDING = (State.GIVEN, State.CONFIRMED, State.WITH_FINANCE)

    class Checked(models.TextChoices):
        FITS = "FITS", _("the number fits the sort code")
        NOT_LISTED = "NOT_LISTED", _("the tables do not know this sort code: only the format was checked")
        NO_TABLE = "NO_TABLE", _("no tables are loaded: only the format was checked")

    class Number(models.TextChoices):
        CASE_RECORD = "CASE_RECORD", _("the number in the case record")
        ADVISER = "ADVISER", _("the number their adviser uses")
        IN_PERSON = "IN_PERSON", _("no number: face to face")

    class Ended(models.TextChoices):
        REPLACED = "REPLACED", _("newer ones were given")
        TAKEN_BACK = "TAKEN_BACK", _("the young person took them back")
        NOT_THEIRS = "NOT_THEIRS", _("on the phone they did not know of it")
        STOPPED = "STOPPED", _("the council stopped using them")
        CLOSED = "CLOSED", _("the account here was closed")
        TOO_OLD = "TOO_OLD", _("they were not used in time")

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="bank_details")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    sealed = models.TextField(blank=True)  # sort code, account number and name, as one encrypted text
    ends = models.CharField(max_length=2, blank=True)
    checked = models.CharField(max_length=10, choices=Checked.choices, blank=True)
    started_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    use_from = models.DateField(null=True)  # the first day a payment may go there
    # The phone call: who rang, on which day, on which number that was known before; and who wrote it down.
    rang_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rang_on = models.DateField(null=True)
    rang_number = models.CharField(max_length=12, choices=Number.choices, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=Ended.choices, blank=True)

    objects = BankDetailsQuerySet.as_manager()

    class Meta:
        ordering = ["given_at", "pk"]
        verbose_name_plural = "bank details"
        constraints = [
            models.UniqueConstraint(
                name="bank_details_one_draft", fields=["young_person"], condition=Q(state="DRAFT")
            ),
            models.UniqueConstraint(
                name="bank_details_one_standing",
                fields=["young_person"],
                condition=Q(state__in=["GIVEN", "CONFIRMED", "WITH_FINANCE"]),
            ),
            models.CheckConstraint(
                name="bank_details_kept_no_longer_than_needed",
                condition=~Q(state__in=["WITH_FINANCE", "ENDED"]) | Q(sealed=""),
            ),
            models.CheckConstraint(
                name="bank_details_given_says_when",
                condition=~Q(state__in=["GIVEN", "CONFIRMED", "WITH_FINANCE"])
                | Q(given_at__isnull=False, use_from__isnull=False),
            ),
            models.CheckConstraint(
                name="bank_details_confirmed_says_who_rang",
                condition=~Q(state__in=["CONFIRMED", "WITH_FINANCE"])
                | Q(
                    rang_by__isnull=False,
                    rang_on__isnull=False,
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="bank_details_ended_says_why",
                condition=~Q(state="ENDED") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    def __str__(self) -> str:
        return self.ref
