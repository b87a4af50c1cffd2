"""When a message may go, and whether it may go at all: quiet hours, how many a day, and who is not to be
reached.

Pure: moments are aware datetimes, days and hours people see are London's (safety rules 22 to 25 and 58).
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
A_DAY = 3  # messages to one person in one London day
SUBJECT_GAP = timedelta(hours=6)  # between two messages about one subject
LAST_CALL = timedelta(minutes=30)  # how long before quiet begins the last message of a day goes
LEASE = timedelta(seconds=90)  # longer than the provider's time limit, so two workers never hold one message
FIRST_WAIT = timedelta(seconds=20)  # after a provider that did not answer; doubles each time
LONGEST_WAIT = timedelta(minutes=15)
MOST_ATTEMPTS = 10
ASK_AGAIN_AFTER = timedelta(days=90)  # whether a number or address is still theirs alone (rule 23)


@dataclass(frozen=True)
class Quiet:
    """The hours in which nothing is sent, in London: from one evening until the next morning."""

    starts: time = QUIET_FROM
    ends: time = QUIET_UNTIL


def quiet_for(chosen_from: time | None, chosen_until: time | None) -> Quiet:
    """The quiet hours of one person: 21:00 to 08:00, or wider if they chose so; never narrower (rule 25).

    A choice that is narrower, or that would leave less than an hour of the day, counts as no choice.
    """
    starts = chosen_from if chosen_from and time(12) <= chosen_from < QUIET_FROM else QUIET_FROM
    ends = chosen_until if chosen_until and chosen_until > QUIET_UNTIL else QUIET_UNTIL
    if ends >= time(starts.hour - 1, starts.minute):
        ends = QUIET_UNTIL
    return Quiet(starts=starts, ends=ends)


def last_digits(number: str) -> str:
    """All that a page ever shows of a phone number: its last two digits."""
    return number[-2:]


def first_letter(email: str) -> str:
    """All that a page ever shows of an email address: "r…@example.org"."""
    name, _at_sign, host = email.partition("@")
    return f"{name[:1]}…@{host}"


def must_ask_again(said_at: datetime | None, *, now: datetime) -> bool:
    """Whether it is 90 days since they said that this way reaches them alone."""
    return said_at is None or now - said_at >= ASK_AGAIN_AFTER


def local_day(moment: datetime) -> date:
    """The London date at a moment."""
    return moment.astimezone(LONDON).date()


def start_of_day(moment: datetime) -> datetime:
    """When the London day of a moment began, in UTC."""
    return _at(local_day(moment), time(0))


def is_quiet(moment: datetime, quiet: Quiet) -> bool:
    """Whether a moment falls in somebody's quiet hours. The first minute is quiet, the last one no more."""
    clock = moment.astimezone(LONDON).time()
    return clock >= quiet.starts or clock < quiet.ends


def next_opening(moment: datetime, quiet: Quiet) -> datetime:
    """The moment itself when it is not quiet, else the next morning's end of the quiet hours."""
    if not is_quiet(moment, quiet):
        return moment
    local = moment.astimezone(LONDON)
    day = local.date() if local.time() < quiet.ends else local.date() + timedelta(days=1)
    return _at(day, quiet.ends)


def last_opening(moment: datetime, quiet: Quiet) -> datetime:
    """The moment itself when it is not quiet, else shortly before those quiet hours began."""
    if not is_quiet(moment, quiet):
        return moment
    local = moment.astimezone(LONDON)
    day = local.date() if local.time() >= quiet.starts else local.date() - timedelta(days=1)
    return _at(day, quiet.starts) - LAST_CALL


def when_to_send(*, wanted_at: datetime, not_after: datetime, now: datetime, quiet: Quiet) -> datetime | None:
    """When a message may go: at its time, at the next opening, or at the last one before its event (rule 25).

    None when there is no moment left that is neither quiet nor too late: then a person must see to it.
    """
    opening = next_opening(max(wanted_at, now), quiet)
    if opening <= not_after:
        return opening
    earlier = last_opening(wanted_at, quiet)
    if earlier >= now:
        return earlier
    return None if is_quiet(now, quiet) or now > not_after else now


class Silence(StrEnum):
    """Why somebody is not reached by any electronic message."""

    DIED = "DIED"
    OPTED_OUT = "OPTED_OUT"
    CUSTODY = "CUSTODY"


@dataclass(frozen=True)
class Contact:
    """How one person may be reached at this moment. Empty destinations are not on."""

    sms_to: str = ""
    email_to: str = ""
    language: str = "en"
    says_more: bool = False
    quiet: Quiet = field(default_factory=Quiet)
    not_safe: bool = False
    silence: str = ""


class Action(StrEnum):
    SEND = "SEND"
    LATER = "LATER"
    NOTHING = "NOTHING"  # no longer to be sent, and nobody needs to do anything
    HELD = "HELD"  # not to be sent, and a person is told where it matters
    MISSED = "MISSED"
    SILENT = "SILENT"


@dataclass(frozen=True)
class Verdict:
    """What to do with one message now; `why` is a code, `at` the new time of one that goes later."""

    action: Action
    why: str = ""
    at: datetime | None = None
    channel: str = ""
    destination: str = ""


def weigh(
    *,
    contact: Contact,
    now: datetime,
    not_after: datetime,
    exempt: bool = False,
    sent_today: int = 0,
    last_of_subject: datetime | None = None,
) -> Verdict:
    """Whether a due message goes at this moment, and by which channel; asked again at each sending (rules 22
    to 25).

    `exempt` (answers to an urgent ask) passes quiet hours and the numbers a day; `sent_today` and
    `last_of_subject` leave the exempt out.
    """
    if contact.silence in {Silence.DIED, Silence.OPTED_OUT}:
        return Verdict(Action.NOTHING, why=contact.silence.lower())
    if now > not_after:
        return Verdict(Action.MISSED, why="late")
    if contact.silence == Silence.CUSTODY:
        return Verdict(Action.HELD, why="custody")
    if contact.not_safe:
        return Verdict(Action.HELD, why="not_safe")
    channel, destination = _channel(contact)
    if not destination:
        return Verdict(Action.SILENT, why="no_channel")
    if exempt:
        return Verdict(Action.SEND, channel=channel, destination=destination)
    at = _held_back_until(contact.quiet, now=now, sent_today=sent_today, last_of_subject=last_of_subject)
    if at == now:
        return Verdict(Action.SEND, channel=channel, destination=destination)
    if at > not_after:
        return Verdict(Action.MISSED, why="no_opening")
    return Verdict(Action.LATER, at=at)


def wait_after(attempts: int) -> timedelta:
    """How long to leave a provider alone after it failed to answer for the n-th time."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def _held_back_until(
    quiet: Quiet, *, now: datetime, sent_today: int, last_of_subject: datetime | None
) -> datetime:
    at = now
    if last_of_subject is not None:
        at = max(at, last_of_subject + SUBJECT_GAP)
    if sent_today >= A_DAY and local_day(at) == local_day(now):
        at = _at(local_day(now) + timedelta(days=1), quiet.ends)
    return next_opening(at, quiet)


def _channel(contact: Contact) -> tuple[str, str]:
    known = {"SMS": contact.sms_to, "EMAIL": contact.email_to}
    return next(((name, to) for name, to in known.items() if to), ("", ""))


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LONDON).astimezone(UTC)
