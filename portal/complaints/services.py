"""What may be done with a complaint, by whoever made it and by whoever answers it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.clock import local_date
from portal.complaints import rules
from portal.complaints.models import Complaint, ComplaintQuerySet, ComplaintStep, KeptFrom, Source
from portal.complaints.noting import note_step
from portal.complaints.rules import Action, Reach, Stage, State
from portal.notifications.outbox import promise
from portal.payments.authority import judged_by, present_or_cover, role_holders, touched_by
from portal.payments.holding import verb
from portal.payments.models import PaymentRequest
from portal.people.models import YoungPerson
from portal.refs import ALPHABET, new_token

WORD_LETTERS = 8  # 39 bits, and few tries from one place
SAME_WITHIN = 600  # seconds in which the very same words from the same browser are one complaint
MANAGERS = (Role.SERVICE_MANAGER, Role.TEAM_MANAGER)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote. Nothing but the words is needed."""

    words: str
    put_right: str = ""
    name: str = ""
    reach: str = Reach.HERE
    reach_at: str = ""
    reach_when: str = ""
    keep_from: str = ""
    wants_advocate: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A complaint, and the word that opens it again without signing in."""

    complaint: Complaint
    word: str


# ----------------------------------------------------------------------------------------------------------------------
# Whoever complains


@verb
def make(
    *,
    said: Said,
    now: datetime,
    young_person: YoungPerson | None = None,
    by: User | None = None,
    browser: str = "",
    source: str = Source.WRITTEN,
    about: str = "",
    but: Iterable[User] = (),
) -> Made:
    """Take a complaint in any words, from anybody: a reference, a word to look it up by, and a day to hear by.

    `browser` tells one browser from another, so that a page sent twice is one complaint. `but`: who had a hand in what
    it is about and neither reads nor answers it. Managers named in `said.keep_from` are kept out too. Refuses
    `no_words`.
    """
    return _make(
        said=said, now=now, young_person=young_person, by=by, browser=browser, source=source, about=about, but=but
    )  # fmt: skip


def _make(
    *, said: Said, now: datetime, young_person: YoungPerson | None, by: User | None, browser: str, source: str,
    about: str, but: Iterable[User],
) -> Made:  # fmt: skip
    if not said.words.strip():
        raise ValidationError(_("Write what happened. A few words are fine."), code="no_words")
    on = local_date(now)
    state, due_on = rules.begins(Stage.FIRST, on=on)
    prints = [
        _fingerprint(said, young_person, browser or new_token(), about, moment) for moment in _moments(now)
    ]
    known = Complaint.objects.filter(fingerprint__in=prints).first()
    if known is not None:
        return Made(known, word_of(known.ref))
    complaint = Complaint(
        fingerprint=prints[0], young_person=young_person, source=source, about=about, words=said.words.strip(),
        put_right=said.put_right.strip(), name=said.name.strip(), reach=said.reach or Reach.HERE,
        reach_at=said.reach_at.strip(), reach_when=said.reach_when.strip(), keep_from=said.keep_from.strip(),
        wants_advocate=said.wants_advocate, made_at=now, stage=Stage.FIRST, state=state, stage_began_on=on,
        due_on=due_on,
    )  # fmt: skip
    complaint.word_hash = _hash_of(complaint.ref, word_of(complaint.ref))
    try:
        with transaction.atomic():
            complaint.save()
    except IntegrityError:  # the other of two equal presses was faster
        known = Complaint.objects.get(fingerprint=prints[0])
        return Made(known, word_of(known.ref))
    kept_out = {user.pk for user in but} | {user.pk for user in _named(said.keep_from, on=on)}
    KeptFrom.objects.bulk_create([KeptFrom(complaint=complaint, user_id=pk) for pk in sorted(kept_out)])
    _find_holder(complaint, on=on)
    _write(complaint, Action.MADE, by=by, by_us=source != Source.WRITTEN, now=now)
    tell_us(complaint, "complaint_new", key="new", now=now)
    return Made(complaint, word_of(complaint.ref))


@verb
def make_from_request(
    *, asked: PaymentRequest, words: str, by: User, now: datetime, note: str = ""
) -> Complaint:
    """Make what a young person said on a request a complaint, in their own words, so that they need not say it again.

    Whoever decided the request, raised it or holds it has no part in it. They are told by their safe way, and may stop
    it. The same words of the same request give the same complaint.
    """
    had_a_hand = judged_by(asked) | touched_by(asked) | ({asked.holder_id} if asked.holder_id else set())
    had_a_hand.discard(asked.young_person.user_id or 0)
    about = f"payment_request:{asked.ref}"
    known = Complaint.objects.filter(about=about, words=words.strip()).first()
    if known is not None:
        return known
    made = _make(
        said=Said(words=words, reach=Reach.USUAL), now=now, young_person=asked.young_person, by=by, browser=about,
        source=Source.REQUEST, about=about, but=User.objects.filter(pk__in=had_a_hand),
    )  # fmt: skip
    complaint = made.complaint
    tell_them(complaint, "complaint_update", key="made", now=now)
    return complaint


def find(*, ref: str, word: str) -> Complaint:
    """The complaint with this reference and word. Refuses `wrong_word`, the same for either being wrong."""
    ref, word = _plain(ref), _plain(word)
    complaint = Complaint.objects.select_related("young_person", "holder").filter(ref=ref).first()
    right = constant_time_compare(complaint.word_hash if complaint else "", _hash_of(ref, word))
    if complaint is None or not right:
        raise ValidationError(
            _("We cannot find that. Check the number and the word, letter by letter."), code="wrong_word"
        )
    return complaint


@verb
def say_more(*, complaint: Complaint, words: str, by: User | None, now: datetime) -> Complaint:
    """Whoever complained adds something; the same words pressed twice are added once. Refuses `no_words`, and
    `not_now` once it was stopped."""
    complaint = _hold(complaint)
    if not words.strip():
        raise ValidationError(_("Write what you want to add."), code="no_words")
    if complaint.state == State.STOPPED:
        raise ValidationError(_("You asked us to stop. Write a new one and we look again."), code="not_now")
    last = complaint.steps.latest("number")
    if (last.action, last.words, last.by) == (Action.SAID_MORE, words.strip(), by):
        return complaint
    _write(complaint, Action.SAID_MORE, by=by, by_us=False, words=words.strip(), now=now)
    tell_us(complaint, "complaint_new", key=f"more:{complaint.row_version}", now=now)
    return complaint


@verb
def ask_next_step(
    *,
    complaint: Complaint,
    words: str,
    by: User | None,
    now: datetime,
    by_staff: bool = False,
    seen: int | None = None,
) -> Complaint:
    """On to the next step: after an answer, or when the answer is late. Refuses `last_step` and `not_now`.

    `seen` is the row version of the screen somebody acted on: two presses on one screen are one step.

    After the answer of step 2 the panel should be asked for within 20 working days; later it is still taken, and the
    complaints manager decides (regulation 18).
    """
    complaint, on = _hold(complaint), local_date(now)
    _check_seen(complaint, seen)
    stage = rules.next_stage(
        complaint.stage, complaint.state, due_on=complaint.due_on, on=on, by_staff=by_staff
    )
    complaint.stage, complaint.stage_began_on = stage, on
    complaint.state, due_on = rules.begins(stage, on=on)
    _set_day(complaint, due_on)
    complaint.answer, complaint.answered_at, complaint.extended_at = "", None, None
    complaint.independent = ""  # whoever looked before is not one of those who look now
    complaint.holder = None
    _find_holder(complaint, on=on)
    _write(complaint, Action.NEXT_STEP, by=by, by_us=by_staff, words=words.strip(), now=now)
    tell_us(complaint, "complaint_new", key=f"step:{stage}", now=now)
    if by_staff:
        tell_them(complaint, "complaint_update", key=f"step:{stage}", now=now)
    return complaint


@verb
def stop(*, complaint: Complaint, by: User | None, now: datetime) -> Complaint:
    """Whoever complained takes it back, quietly. Refuses `not_now` when it is not open."""
    complaint = _hold(complaint)
    if not complaint.is_open:
        raise ValidationError(_("This is not open any more."), code="not_now")
    complaint.state = State.STOPPED
    _set_day(complaint, None)
    _write(complaint, Action.STOPPED, by=by, by_us=False, now=now)
    return complaint


# ----------------------------------------------------------------------------------------------------------------------
# Whoever answers


@verb
def opened(*, ref: str, by: User, now: datetime) -> None:
    """A person read it for the first time (safety rule 29)."""
    theirs = complaints_for(by, on=local_date(now))
    if theirs.filter(ref=ref, opened_at=None).update(opened_at=now):
        complaint = theirs.get(ref=ref)
        record("complaint_opened", by=by, now=now, young_person_id=complaint.young_person_id,
               subject=f"complaint:{ref}")  # fmt: skip


@verb
def answer(*, ref: str, words: str, by: User, now: datetime, seen: int | None = None) -> Complaint:
    """Answer the step it is in. `seen` as in `ask_next_step`. Refuses `not_now`, `no_independent`, `no_words`, and
    `own_answer`: whoever answered step 1 does not answer step 2."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    _check_seen(complaint, seen)
    rules.check_answer(
        stage=complaint.stage, state=complaint.state, words=words, independent=complaint.independent
    )
    before = complaint.steps.filter(action=Action.ANSWERED, stage=Stage.FIRST, by=by)
    if complaint.stage == Stage.INVESTIGATION and before.exists():
        raise ValidationError(_("You answered step 1. Somebody else must answer step 2."), code="own_answer")
    complaint.state, complaint.answer, complaint.answered_at = State.ANSWERED, words.strip(), now
    _set_day(complaint, None)
    _write(complaint, Action.ANSWERED, by=by, by_us=True, words=words.strip(), now=now)
    tell_them(complaint, "complaint_update", key=f"answer:{complaint.stage}", now=now)
    return complaint


@verb
def extend(*, ref: str, words: str, by: User, now: datetime, seen: int | None = None) -> Complaint:
    """Take the longest time this step may take, and say why in words they read. `seen` as in `ask_next_step`. Refuses
    `no_words`, `not_now` and `no_longer`."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    _check_seen(complaint, seen)
    if not words.strip():
        raise ValidationError(_("Say why it needs longer, in words they can use."), code="no_words")
    latest = rules.extended(
        complaint.stage, complaint.state, began_on=complaint.stage_began_on,
        due_on=complaint.due_on or complaint.stage_began_on,
    )  # fmt: skip
    complaint.extended_at = now
    _set_day(complaint, latest)
    _write(complaint, Action.EXTENDED, by=by, by_us=True, words=words.strip(), now=now)
    tell_them(complaint, "complaint_update", key=f"longer:{complaint.stage}", now=now)
    return complaint


@verb
def give(
    *, ref: str, to: User, by: User, now: datetime, staff_words: str = "", seen: int | None = None
) -> Complaint:
    """Give it to a manager whom it is not about. `seen` as in `ask_next_step`. Refuses `kept_out`, `not_now` and
    `not_their_work`."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    _check_seen(complaint, seen)
    if complaint.kept_from.filter(user=to).exists():
        raise ValidationError(_("It is about them, or they had a hand in it."), code="kept_out")
    if not to.is_active or not to.holds(*MANAGERS, on=local_date(now)):
        raise ValidationError(_("They do not do this work."), code="not_their_work")
    complaint.holder = to
    _write(complaint, Action.GIVEN, by=by, by_us=True, staff_words=staff_words.strip(), now=now)
    tell_us(complaint, "complaint_new", key=f"given:{complaint.row_version}", now=now)
    return complaint


@verb
def keep_out(*, ref: str, whom: User, by: User, now: datetime) -> Complaint:
    """Somebody it turns out to be about: from now on they neither see it nor answer it. If they held it, somebody else
    does, or all who coordinate complaints do. A manager may keep themselves out."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    KeptFrom.objects.get_or_create(complaint=complaint, user=whom)
    if complaint.holder_id in {None, whom.pk}:
        complaint.holder = None
        _find_holder(complaint, on=local_date(now))
    complaint.save()
    record("complaint_kept_from", by=by, now=now, young_person_id=complaint.young_person_id,
           subject=f"complaint:{ref}", detail={"user": whom.pk})  # fmt: skip
    tell_us(complaint, "complaint_new", key=f"kept:{whom.pk}", now=now)
    return complaint


@verb
def panel_step(
    *, ref: str, action: str, words: str, by: User, now: datetime, seen: int | None = None
) -> Complaint:
    """The panel met, or its findings came. `seen` as in `ask_next_step`. Refuses `not_now` and `no_independent`."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    _check_seen(complaint, seen)
    rules.check_independent(complaint.stage, complaint.state, independent=complaint.independent)
    complaint.state, due_on = rules.after_panel(Action(action), complaint.state, on=local_date(now))
    _set_day(complaint, due_on)
    _write(complaint, Action(action), by=by, by_us=True, words=words.strip(), now=now)
    tell_them(complaint, "complaint_update", key=action.lower(), now=now)
    return complaint


@verb
def name_independent(*, ref: str, who: str, by: User, now: datetime, seen: int | None = None) -> Complaint:
    """Who looks at this step from outside, as whoever complained reads it. `seen` as in `ask_next_step`. Refuses
    `no_words`, and `not_now` in a step that has nobody from outside."""
    complaint = _hold_as_staff(ref, by=by, now=now)
    _check_seen(complaint, seen)
    if not complaint.is_open or complaint.stage < Stage.INVESTIGATION:
        raise moved_on()
    if not who.strip():
        raise ValidationError(_("Write their name, and where they are from."), code="no_words")
    complaint.independent = who.strip()
    _write(complaint, Action.INDEPENDENT, by=by, by_us=True, words=who.strip(), now=now)
    return complaint


def complaints_for(user: User, *, on: date) -> ComplaintQuerySet:
    """What somebody may see and answer as staff: never their own."""
    return Complaint.objects.visible_to(user, on=on).exclude(young_person__user=user)


def who_may_have(complaint: Complaint, *, on: date) -> list[User]:
    """Managers it may be given to: none that it is about."""
    kept = set(complaint.kept_from.values_list("user_id", flat=True))
    found = {user.pk: user for role in MANAGERS for user in role_holders(role, on=on)}
    return [user for user in found.values() if user.pk not in kept]


def coordinators(complaint: Complaint, *, on: date) -> list[User]:
    """Who has to see to it now: its holder, else every service manager it is not about, else the team managers."""
    if complaint.holder is not None:
        return [complaint.holder]
    kept = set(complaint.kept_from.values_list("user_id", flat=True))
    for role in MANAGERS:
        found = [user for user in role_holders(role, on=on) if user.pk not in kept]
        if found:
            return found
    return []


def tell_us(complaint: Complaint, kind: str, *, key: str, now: datetime) -> int:
    """Owe a message to everybody who has to see to it. Returns how many."""
    found = coordinators(complaint, on=local_date(now))
    for person in found:
        tell_one(complaint, kind, to=person, key=key, now=now)
    return len(found)


def tell_one(complaint: Complaint, kind: str, *, to: User, key: str, now: datetime) -> None:
    """Owe one member of staff a message. The same key twice is one message."""
    promise(
        kind, to=to, key=f"complaint:{complaint.ref}:{key}:{to.pk}", due_at=now, now=now,
        not_after=now + rules.TOLD_WITHIN, subject=f"complaint:{complaint.ref}",
    )  # fmt: skip


def tell_them(complaint: Complaint, kind: str, *, key: str, now: datetime) -> None:
    """Owe whoever complained a message, if they asked for one and we know them."""
    user = complaint.young_person.user if complaint.young_person else None
    if user is not None and complaint.reach == Reach.USUAL:
        promise(
            kind, to=user, key=f"complaint:{complaint.ref}:{key}", due_at=now, now=now,
            not_after=now + rules.TOLD_WITHIN, subject=f"complaint:{complaint.ref}",
        )  # fmt: skip


def word_of(ref: str) -> str:
    """The word that goes with a reference. Told once, when the complaint is made; only its hash is kept."""
    digest = salted_hmac("portal.complaints.word", ref, algorithm="sha256").digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:WORD_LETTERS])


def in_two(word: str) -> str:
    """A word as it is shown: two halves, easier to copy."""
    return f"{word[:4]} {word[4:]}"


def _hash_of(ref: str, word: str) -> str:
    """Without the site's secret key, so that the word still opens it after that key was changed."""
    return hashlib.sha256(f"complaint:{ref}:{word}".encode()).hexdigest()


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)


def _moments(now: datetime) -> tuple[int, int]:
    this = int(now.timestamp()) // SAME_WITHIN
    return this, this - 1


def _fingerprint(said: Said, young_person: YoungPerson | None, browser: str, about: str, moment: int) -> str:
    parts = repr((said, young_person and young_person.pk, browser, about, moment))
    return salted_hmac("portal.complaints.same", parts, algorithm="sha256").hexdigest()


def _named(typed: str, *, on: date) -> list[User]:
    """Managers whose name stands in the box that asks who should not read it."""
    words = set(re.findall(r"\w+", typed.casefold()))
    managers = {user.pk: user for role in MANAGERS for user in role_holders(role, on=on)} if words else {}
    return [
        user
        for user in managers.values()
        if words & {name for name in (user.first_name.casefold(), user.last_name.casefold()) if name}
    ]


def _find_holder(complaint: Complaint, *, on: date) -> None:
    """Nobody by name while a service manager can take it; else a team manager it is not about, who then sees it."""
    if complaint.holder is not None:
        return
    found = coordinators(complaint, on=on)
    if found and not any(user.holds(Role.SERVICE_MANAGER, on=on) for user in found):
        cover = present_or_cover(found[0], on=on) if len(found) == 1 else found[0]
        complaint.holder = cover if cover in who_may_have(complaint, on=on) else found[0]


def _hold(complaint: Complaint) -> Complaint:
    return Complaint.objects.select_for_update(of=("self",)).select_related("holder").get(pk=complaint.pk)


def _hold_as_staff(ref: str, *, by: User, now: datetime) -> Complaint:
    """Locked, for whoever may answer it still: `DoesNotExist` if not, also when they were kept out a moment ago."""
    theirs = complaints_for(by, on=local_date(now))
    held = _hold(theirs.only("pk").get(ref=ref))
    theirs.only("pk").get(pk=held.pk)
    return held


def _check_seen(complaint: Complaint, seen: int | None) -> None:
    if seen is not None and seen != complaint.row_version:
        raise moved_on()


def moved_on() -> ValidationError:
    return ValidationError(_("This has moved on since you opened it."), code="not_now")


def _set_day(complaint: Complaint, due_on: date | None) -> None:
    complaint.due_on, complaint.due_told_for, complaint.overdue_told_for = due_on, None, None


def _write(
    complaint: Complaint, action: Action, *, by: User | None, by_us: bool, now: datetime, words: str = "",
    staff_words: str = "",
) -> None:  # fmt: skip
    complaint.row_version += 1
    complaint.save()
    try:
        with transaction.atomic():
            ComplaintStep.objects.create(
                complaint=complaint, number=complaint.row_version, action=action, stage=complaint.stage, by=by,
                by_us=by_us, at=now, due_on=complaint.due_on, words=words, staff_words=staff_words,
            )  # fmt: skip
    except IntegrityError:
        raise moved_on() from None
    record(
        f"complaint_{action.lower()}", by=by, now=now, young_person_id=complaint.young_person_id,
        subject=f"complaint:{complaint.ref}", detail={"stage": int(complaint.stage), "state": str(complaint.state)},
    )  # fmt: skip
    note_step(complaint, action, by=by, now=now)
