"""Bromley Road: what happens each week, on which days, who holds a place, who waits for one."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.drop_ins.rules import LONDON, BookingState, SessionState
from portal.notifications.words import clock_time, day_and_time, day_of
from portal.people.models import YoungPerson
from portal.refs import new_ref, new_token


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Series(models.Model):
    """Something that happens every week: its day, its London hours, who is there, and how many places may be
    booked."""

    name = models.CharField(max_length=80)
    host = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=200, blank=True)  # one plain sentence for the timetable
    service = models.SlugField(blank=True)  # the slug of its page among the services
    where = models.CharField(max_length=120, default="Bromley Road")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()
    places = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "series"
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(
                name="series_once", fields=["name", "weekday", "opens"], condition=Q(ends_on=None)
            ),
            models.CheckConstraint(name="series_closes_after_opening", condition=Q(closes__gt=F("opens"))),
            models.CheckConstraint(name="series_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="series_ends_after_start", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClosedDay(models.Model):
    """A day on which nothing happens; bank holidays need no row."""

    on = models.DateField(unique=True)
    why = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"closed on {self.on}"


class SessionQuerySet(models.QuerySet["Session"]):
    def coming(self, *, now: datetime) -> "SessionQuerySet":
        """What has not ended yet, next first."""
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def with_a_place(self) -> "SessionQuerySet":
        """Those where a place is neither booked nor kept for somebody."""
        return self.filter(state=SessionState.OPEN, places__gt=F("booked") + F("offered"))


class Session(models.Model):
    """One day of a series. `booked` and `offered` are counted by conditional updates and can never pass
    `places`."""

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="sessions")
    name = models.CharField(max_length=80)
    host = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=200, blank=True)
    service = models.SlugField(blank=True)
    where = models.CharField(max_length=120)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    booked = models.PositiveSmallIntegerField(default=0)
    offered = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in SessionState], default=SessionState.OPEN
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="session_once", fields=["series", "starts_at"]),
            models.CheckConstraint(name="session_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="session_never_over", condition=Q(places__gte=F("booked") + F("offered"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.ref}"

    @property
    def left(self) -> int:
        """How many places can be booked now."""
        return max(self.places - self.booked - self.offered, 0) if self.state == SessionState.OPEN else 0

    @property
    def day(self) -> datetime:
        """The start, in London."""
        return self.starts_at.astimezone(LONDON)

    @property
    def when(self) -> str:
        """Day and time as people say it: "Thursday 3 December at 2pm"."""
        return day_and_time(self.starts_at, get_language() or "en")

    @property
    def day_name(self) -> str:
        """The day alone: "Thursday 3 December"."""
        return day_of(self.starts_at, get_language() or "en")

    @property
    def hours(self) -> str:
        """From when to when: "2pm to 5pm"."""
        language = get_language() or "en"
        return _("%(start)s to %(end)s") % {
            "start": clock_time(self.starts_at, language),
            "end": clock_time(self.ends_at, language),
        }

    @property
    def service_address(self) -> str:
        """The page of its service, among the published services."""
        return f"/services/{self.service}/"

    @property
    def called_off(self) -> bool:
        """Whether it does not happen."""
        return self.state == SessionState.CALLED_OFF


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> "BookingQuerySet":
        """Those that hold a place."""
        return self.exclude(state=BookingState.CANCELLED)

    def to_ask_after(self) -> "BookingQuerySet":
        """They did not come, and nobody has asked yet whether they are well; the longest waiting first."""
        open_ones = self.filter(welfare_check_opened_at__isnull=False, welfare_check_done_at=None)
        return open_ones.order_by("welfare_check_opened_at", "pk")

    def coming(self, *, now: datetime) -> "BookingQuerySet":
        """Booked, and not over yet, next first."""
        return self.filter(state=BookingState.BOOKED, session__ends_at__gt=now).order_by("session__starts_at")


class Booking(models.Model):
    """A named place. Whoever holds its link and its word may move or cancel it without signing in."""

    class How(models.TextChoices):
        THERE = "THERE", _("I will come")
        PHONE = "PHONE", _("By phone instead")
        ONLINE = "ONLINE", _("Online instead")

    # What a young person and staff read: none of them blames anybody.
    OUTCOME_WORDS = {
        BookingState.BOOKED: _("Expected"),
        BookingState.CANCELLED: _("Cancelled"),
        BookingState.CAME: _("Came"),
        BookingState.CAME_LATE: _("Came late"),
        BookingState.TOLD_US: _("Told us they could not"),
        BookingState.WE_COULD_NOT: _("We could not do it"),
        BookingState.DID_NOT_COME: _("Did not come"),
    }

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    token = models.CharField(max_length=26, unique=True, default=new_token, editable=False)
    word_hash = models.CharField(max_length=128, blank=True)
    word_tries = models.PositiveSmallIntegerField(default=0)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="bookings")
    made_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in BookingState], default=BookingState.BOOKED
    )
    moves = models.PositiveSmallIntegerField(default=0)
    how = models.CharField(max_length=6, choices=How.choices, default=How.THERE)
    needs_interpreter = models.BooleanField(default=False)
    needs_step_free = models.BooleanField(default=False)
    brings_child = models.BooleanField(default=False)
    needs_fare = models.BooleanField(default=False)
    outcome_at = models.DateTimeField(null=True)
    outcome_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Somebody did not come: a person asks whether they are well.
    welfare_check_opened_at = models.DateTimeField(null=True)
    welfare_check_done_at = models.DateTimeField(null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_live_booking_each",
                fields=["session", "young_person"],
                condition=~Q(state="CANCELLED"),
            ),
            models.CheckConstraint(name="booking_word_tries", condition=Q(word_tries__lte=5)),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def outcome(self) -> str:
        """How it stands, in words for the register."""
        return str(self.OUTCOME_WORDS[BookingState(self.state)])

    @property
    def is_on(self) -> bool:
        """Whether it still holds for a day to come."""
        return self.state == BookingState.BOOKED

    @property
    def needs(self) -> list[str]:
        """What they asked for, in words for the register."""
        said = {
            _("An interpreter"): self.needs_interpreter,
            _("No stairs"): self.needs_step_free,
            _("Brings a child"): self.brings_child,
            _("Help with the fare"): self.needs_fare,
            self.get_how_display(): self.how != self.How.THERE,
        }
        return [str(words) for words, asked in said.items() if asked]


class WalkIn(models.Model):
    """Somebody who came without a booking, which is always welcome; the name is theirs to give. Counted
    apart."""

    # One form is one person; what was written down before there were tokens has none.
    token = models.CharField(max_length=26, unique=True, null=True, editable=False)  # noqa: DJ001
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="walk_ins")
    young_person = models.ForeignKey(
        YoungPerson, on_delete=models.PROTECT, null=True, related_name="walk_ins"
    )
    name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"walk-in {self.pk}"


class WaitingPlace(models.Model):
    """Somebody's turn in the line for a full session."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        OFFERED = "OFFERED", _("a place is kept for you")
        TAKEN = "TAKEN", _("took the place")
        SAID_NO = "SAID_NO", _("said no")
        LAPSED = "LAPSED", _("the time ran out")
        LEFT = "LEFT", _("left the line")

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="waiting")
    young_person = models.ForeignKey(YoungPerson, on_delete=models.PROTECT, related_name="waiting_places")
    joined_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_turn_each",
                fields=["session", "young_person"],
                condition=Q(state__in=["WAITING", "OFFERED"]),
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class PlaceOffer(models.Model):
    """A freed place, kept for the next in line until a time. While it stands it counts as taken."""

    class State(models.TextChoices):
        STANDS = "STANDS", _("waiting for an answer")
        ACCEPTED = "ACCEPTED", _("taken")
        DECLINED = "DECLINED", _("not wanted")
        EXPIRED = "EXPIRED", _("the time ran out")

    ref = models.CharField(max_length=10, unique=True, default=new_ref, editable=False)
    waiting = models.ForeignKey(WaitingPlace, on_delete=models.PROTECT, related_name="offers")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.STANDS)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_standing_offer", fields=["waiting"], condition=Q(state="STANDS")
            ),
            models.CheckConstraint(
                name="offer_ends_after_it_began", condition=Q(expires_at__gt=F("made_at"))
            ),
        ]
        indexes = [models.Index(name="offers_standing", fields=["expires_at"], condition=Q(state="STANDS"))]

    def __str__(self) -> str:
        return self.ref
