"""All that happens by itself, in one list. Beat calls it each minute; `manage.py run_due` does the same by
hand.

Every job may run twice, or two at once, without harm (rule 70). One that fails is written down, stops no
other, and is tried again in the next round.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic

from django.core.management import call_command
from django.db.models import Q

from entitlements.pdf import refresh
from portal.accounts.services import forget_spent, send_codes_asked
from portal.audit.chain import seal_audit
from portal.case_notes.services import make_tonights_file
from portal.clock import LONDON
from portal.coming_back.services import forget_told
from portal.coming_back.services import remind as remind_of_coming_back
from portal.complaints.clocks import run_clocks as run_complaint_clocks
from portal.drop_ins.services import expire_offers, make_sessions
from portal.finance.services import purge as purge_bank_details
from portal.notifications.delivery import send_due
from portal.ops.models import JobRun
from portal.ops.page_care import chase_reviews, try_outside_links
from portal.ops.reconciliation import differences
from portal.ops.silence import silence_by_record
from portal.payments.clocks import run_clocks
from portal.payments.regular.changing import remind_award_reviews
from portal.people.recovery import look_after as look_after_new_phones
from portal.people.services import remind_of_asked_duty, remind_of_withheld_looks
from portal.spot_help.services import remind_checks
from portal.take_up.services import count_take_up

log = logging.getLogger(__name__)

ROUND = "round"
HELD_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Job:
    """One line of the timetable. `at` is a London hour for a daily job; without it the job is done in every
    round."""

    name: str
    what: str
    do: Callable[[datetime], object]
    at: time | None = None

    @property
    def when(self) -> str:
        """In words, for people who run the service."""
        return f"each day from {self.at:%H:%M}, London time" if self.at else "each minute"


def _reconcile(now: datetime) -> None:
    """An alarm, not a repair: what differs is logged, and the job counts as failed until it agrees again."""
    found = differences(now=now)
    for one in found:
        log.error("the books differ: %s, %s", one.check, one.subject)
    if found:
        raise BooksDiffer(f"{len(found)} differences")


class BooksDiffer(Exception):
    """What must agree does not."""


JOBS = (
    Job("silence", "Silence who died, opted out or is in custody by the record", silence_by_record),
    Job(
        "place offers",
        "Take back kept places whose time ran out, and offer them on",
        lambda now: expire_offers(now=now),
    ),
    Job(
        "contact today",
        "Tell managers whom duty has not been in touch with after an hour",
        remind_of_asked_duty,
    ),
    Job(
        "coming back",
        "Tell managers who asked to come back and was not called in time",
        remind_of_coming_back,
    ),
    Job("decision clocks", "Remind holders, tell managers, say sorry to young people", run_clocks),
    Job(
        "award reviews", "Say two weeks before that a regular award is to be looked at", remind_award_reviews
    ),
    Job("spot help", "Remind colleagues of help on the spot that nobody has checked", remind_checks),
    Job("complaint clocks", "Remind who answers a complaint, tell managers, say sorry", run_complaint_clocks),
    Job(
        "new phones",
        "Say once to an old number that it is not used any more, and forget it after 30 days",
        look_after_new_phones,
    ),
    Job("sign-in codes", "Send the codes whose bell nobody heard", lambda now: send_codes_asked(now=now)),
    Job("messages", "Deliver the messages that are due", lambda now: send_due(clock=_going_on_from(now))),
    Job(
        "sessions",
        "Make the drop-in sessions of the weeks ahead",
        lambda now: make_sessions(today=_day(now)),
        time(5),
    ),
    Job(
        "spent codes",
        "Forget codes and tries that no limit needs",
        lambda now: forget_spent(now=now),
        time(4),
    ),
    Job(
        "who came back",
        "Forget what people wrote who asked to come back, 90 days after",
        forget_told,
        time(4),
    ),
    Job(
        "bank details",
        "Take away bank details that are not needed any more",
        lambda now: purge_bank_details(now=now),
    ),
    Job("seal", "Chain the newest lines of the trail", lambda now: seal_audit(now=now)),
    Job(
        "scheduled pages",
        "Publish and withdraw the pages whose time has come",
        lambda now: call_command("publish_scheduled"),
    ),
    Job(
        "withheld looks",
        "Ask managers a week before looks that were kept out show again",
        remind_of_withheld_looks,
        time(9),
    ),
    Job("page reviews", "Remind editors of pages to read again", chase_reviews, time(9)),
    Job("outside links", "Try some links to other sites", try_outside_links, time(6)),
    Job(
        "handbook file",
        "Draw the printed handbook again after a change",
        lambda now: refresh(today=_day(now)),
    ),
    Job("take-up", "Count who can have what", lambda now: count_take_up(now=now), time(2)),
    Job(
        "notes file",
        "Write the notes that the case record does not hold yet into tonight's file",
        lambda now: make_tonights_file(now=now),
        time(1),
    ),
    Job("reconcile", "Hold the books against each other", _reconcile, time(3)),
)


def run(*, clock: Callable[[], datetime], jobs: tuple[Job, ...] = JOBS) -> dict[str, str]:
    """Do what is due now, one job after another. Returns each job's outcome: "done" or the kind of error."""
    outcomes = {job.name: _do(job, now=clock()) for job in jobs if is_due(job, now=clock())}
    JobRun.objects.update_or_create(name=ROUND, defaults={"done_at": clock()})
    return outcomes


def is_due(job: Job, *, now: datetime) -> bool:
    """Every minute for most; a daily job once its London hour has come and it was not done for that London
    day.

    So a clock change, or a machine that slept through the hour, neither skips a day nor does it twice.
    """
    if job.at is None:
        return True
    local = _london(now)
    return local.time() >= job.at and not JobRun.objects.filter(name=job.name, done_on=local.date()).exists()


def _do(job: Job, *, now: datetime) -> str:
    if job.at is not None and not _hold(job, now=now):
        return "held"
    try:
        job.do(now)
    except Exception as failure:
        kind = type(failure).__name__
        log.exception("the job %s failed", job.name)
        _written(job, failed_at=now, failure=kind, held_until=None)
        return kind
    _written(job, done_at=now, done_on=_day(now), failure="", held_until=None)
    return "done"


def _hold(job: Job, *, now: datetime) -> bool:
    """Whether this worker may do a daily job now: nobody else does, or whoever did has not come back."""
    JobRun.objects.get_or_create(name=job.name)
    free = Q(held_until=None) | Q(held_until__lte=now)
    not_yet = Q(done_on=None) | Q(done_on__lt=_day(now))
    return bool(JobRun.objects.filter(free & not_yet, name=job.name).update(held_until=now + HELD_FOR))


def _written(job: Job, **values: object) -> None:
    JobRun.objects.update_or_create(name=job.name, defaults=values)


def _going_on_from(now: datetime) -> Callable[[], datetime]:
    """A clock for a job that lasts: the lease of a message taken up late in the round counts from then."""
    began = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - began)


def _day(now: datetime) -> date:
    return _london(now).date()


def _london(now: datetime) -> datetime:
    return now.astimezone(LONDON)
