"""Giving help on the spot, checking it after, and who may.

It goes through the ledger under its own reference, in the allowance of "something else": it uses up no entitlement, no
cap stops it, and nothing here ever takes it back (product: help first, record after).
"""

from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cms.form_fields import in_pounds
from portal.accounts.models import CASEWORK_ROLES, Role, User
from portal.accounts.services import freeze
from portal.audit.services import record
from portal.case_notes.models import Kind
from portal.case_notes.services import in_its_language, write_note
from portal.clock import LONDON, local_date
from portal.ledger.rules import check_amount
from portal.ledger.services import allowance_for, record_elsewhere
from portal.notifications.outbox import promise
from portal.people.models import YoungPerson
from portal.spot_help import rules
from portal.spot_help.models import SpotAuthority, SpotHelp, SpotLookup, opened_by_lookup
from portal.spot_help.rules import Finding, How, Need
from portal.verbs import verb
from portal.working_days import add_working_days, is_working_day

MAY_GIVE = CASEWORK_ROLES | {Role.OUT_OF_HOURS}
REMINDING = (Role.TEAM_MANAGER, Role.DUTY_ADVISER)


@verb
def give(
    *,
    young_person: YoungPerson,
    need: str,
    how: str,
    pence: int,
    proof: str = "",
    token: str,
    by: User,
    now: datetime,
) -> SpotHelp:
    """Write down help that somebody has in their hand. The same form twice is one help.

    `pence` within the worker's spot authority for this young person today. Refuses `not_yours`, `no_authority`,
    `above_spot`, `proof_used`, `other_form`, `not_an_amount`, and `demo_person` outside the demo.
    """
    on = local_date(now)
    held = YoungPerson.objects.select_for_update(of=("self",), no_key=True).get(pk=young_person.pk)
    before = SpotHelp.objects.filter(token=token).first()
    proof = as_number(proof)
    if before is not None:
        said = (before.given_by_id, before.young_person_id, before.need, before.how, before.pence)
        if said != (by.pk, held.pk, need, how, pence):
            raise ValidationError(_("This form was already sent with other answers."), code="other_form")
        return before
    _check_may_give(by, held, now=now)
    check_amount(pence)
    limit = limit_for(by, on=on)
    already = SpotHelp.objects.given_pence(by=by, young_person_id=held.pk, on=on)
    rules.check_sum(pence=pence, limit_pence=limit, already_pence=already)
    _check_free(how, proof)
    given = _save(SpotHelp(
        token=token, young_person=held, need=Need(need), how=How(how), pence=pence, proof=proof, given_by=by,
        given_at=now, given_on=on, limit_pence=limit or 0, check_by=rules.check_by(on),
    ))  # fmt: skip
    allowance = allowance_for(young_person=held, version=None, on=on)
    record_elsewhere(allowance=allowance, pence=pence, key=given.key, by=by, now=now)
    record("spot_help_given", by=by, now=now, young_person_id=held.pk, subject=f"spot_help:{given.ref}",
           detail={"pence": pence, "how": how, "need": need})  # fmt: skip
    _note(given, "given", by=by, now=now)
    if held.user is not None:
        promise("spot_help", to=held.user, key=given.key, subject=given.key, due_at=now,
                not_after=add_time(now), now=now)  # fmt: skip
    return given


@verb
def add_number(*, ref: str, proof: str, by: User, now: datetime) -> SpotHelp:
    """The number of the voucher, slip or receipt, when there was no time for it. Once; refuses `not_yours`, `no_proof`,
    `proof_used` and `has_number`."""
    given = SpotHelp.objects.select_for_update(of=("self",)).get(ref=ref)
    proof = as_number(proof)
    if given.given_by_id != by.pk:
        raise ValidationError(_("Whoever gave it writes its number."), code="not_yours")
    if not proof:
        raise ValidationError(_("Write the number on the voucher, receipt or slip."), code="no_proof")
    if given.proof == proof:
        return given
    if given.proof:
        raise ValidationError(_("It has a number already."), code="has_number")
    _check_free(given.how, proof)
    given.proof = proof
    _save(given)
    record("spot_help_number", by=by, now=now, young_person_id=given.young_person_id,
           subject=f"spot_help:{given.ref}")  # fmt: skip
    _note(given, "number", by=by, now=now)
    return given


@verb
def check(*, ref: str, finding: str, words: str = "", by: User, now: datetime) -> SpotHelp:
    """A second officer has looked. The same by the same officer twice is once. It never takes anything back.

    Refuses `not_yours` (gave it, is the young person, or may not see them), `no_words` for something odd, and
    `checked_before` when a colleague was faster: what this one found must not be lost.
    """
    given = SpotHelp.objects.select_for_update(of=("self",)).get(ref=ref)
    if given.is_checked and (given.checked_by_id, given.finding) == (by.pk, finding):
        return given
    if given.is_checked:
        raise ValidationError(
            _(
                "A colleague looked at it a moment ago. If you found something else, tell the service manager."
            ),
            code="checked_before",
        )
    if not SpotHelp.objects.to_check(by, on=local_date(now)).filter(pk=given.pk).exists():
        raise ValidationError(_("Another officer checks this: not whoever gave it."), code="not_yours")
    if Finding(finding) == Finding.ODD and not words.strip():
        raise ValidationError(_("Say what must be looked into."), code="no_words")
    given.checked_by, given.checked_at = by, now
    given.finding, given.finding_words = Finding(finding), words.strip()[:300]
    given.save(update_fields=["checked_by", "checked_at", "finding", "finding_words"])
    record("spot_help_checked", by=by, now=now, young_person_id=given.young_person_id,
           subject=f"spot_help:{given.ref}", detail={"finding": given.finding})  # fmt: skip
    _note(given, "checked", by=by, now=now)
    if given.finding == Finding.ODD:
        for manager in User.objects.holding(Role.SERVICE_MANAGER, on=local_date(now)):
            _remind(given, manager, why="odd", now=now)
    return given


@verb
def look_for(*, family_name: str, born_on: date, by: User, now: datetime) -> YoungPerson | None:
    """Find one young person by family name and birthday, to help them now; None when it is nobody, or not one alone.

    Each look is written down, found or not, and the young person can see it. Refuses `not_yours`, `too_many`.
    """
    on = local_date(now)
    if not by.holds(*MAY_GIVE, on=on) or by.frozen_at:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    missed = SpotLookup.objects.filter(user=by, young_person=None, at__gt=now - rules.MISSES_COUNT_FOR)
    if missed.count() >= rules.MOST_MISSES:
        raise ValidationError(
            _("Too many tries. Help them all the same, and tell the duty team in the morning."),
            code="too_many",
        )
    matches = list(YoungPerson.objects.filter(family_name__iexact=family_name.strip(), born_on=born_on)[:2])
    found = matches[0] if len(matches) == 1 and matches[0].user_id != by.pk else None
    SpotLookup.objects.create(user=by, young_person=found, at=now, ends_at=now + rules.LOOKUP_LASTS)
    record("spot_help_found" if found else "spot_help_not_found", by=by, now=now,
           young_person_id=found.pk if found else None, part="spot_help",
           role=min(by.roles_on(on), default=""))  # fmt: skip
    return found


@verb
def shut_account(*, young_person: YoungPerson, by: User, now: datetime) -> None:
    """Whoever may help somebody now may shut their account, which somebody else may be in (rule 16). Shut already:
    nothing happens. Refuses `not_yours`."""
    _check_may_give(by, young_person, now=now)
    user = young_person.user
    if user is not None and user.frozen_at is None:
        freeze(user=user, by=by, now=now)


@verb
def give_spot_authority(
    *, user: User, limit_pence: int, decision_reference: str, by: User, now: datetime
) -> SpotAuthority:
    """From today a worker may give up to this to one young person in a day; what they had before ends yesterday.

    Refuses `not_yours` (not a service manager, or for oneself), `cannot_give` (a role that gives no help), `above_most`
    (the council's own ceiling) and, outside the demo, `no_reference`.
    """
    on = local_date(now)
    if not by.holds(Role.SERVICE_MANAGER, on=on) or by.frozen_at or by.pk == user.pk:
        raise ValidationError(_("A service manager gives this, to somebody else."), code="not_yours")
    if not user.holds(*MAY_GIVE, on=on) or not user.is_active:
        raise ValidationError(_("Their role gives no help on the spot."), code="cannot_give")
    if not decision_reference.strip() and not settings.DEMO:
        raise ValidationError(_("Write where this was decided."), code="no_reference")
    if not 0 < limit_pence <= settings.SPOT_HELP_MOST_PENCE:
        most = in_pounds(settings.SPOT_HELP_MOST_PENCE)
        raise ValidationError(_("The most anybody may give on the spot is %(most)s.") % {"most": most},
                              code="above_most")  # fmt: skip
    _end(user, on=on)
    given = SpotAuthority.objects.create(
        user=user, limit_pence=limit_pence, given_by=by, given_at=now, starts_on=on,
        decision_reference=decision_reference.strip(),
    )  # fmt: skip
    record("spot_authority_given", by=by, now=now, subject=f"user:{user.pk}", detail={"pence": limit_pence})
    return given


@verb
def end_spot_authority(*, user: User, by: User, now: datetime) -> None:
    """From now they give no more. Ended already: nothing happens. Refuses `not_yours`."""
    if not by.holds(Role.SERVICE_MANAGER, on=local_date(now)) or by.frozen_at:
        raise ValidationError(_("A service manager ends this."), code="not_yours")
    if _end(user, on=local_date(now)):
        record("spot_authority_ended", by=by, now=now, subject=f"user:{user.pk}")


def limit_for(user: User, *, on: date) -> int | None:
    """Pence somebody may give one young person today. Examples count in the demo alone."""
    return SpotAuthority.objects.limit_for(user, on=on, with_examples=settings.DEMO)


def remind_checks(now: datetime) -> int:
    """From the day a check is due remind whoever could do it, and the service manager once it is late. Once each."""
    on = local_date(now)
    if not is_working_day(on) or now.astimezone(LONDON).time() < settings.OFFICE_OPENS:
        return 0
    due = SpotHelp.objects.filter(checked_at=None, check_by__lte=on)
    if not due.exists():
        return 0
    told = 0
    for role in REMINDING:
        for user in User.objects.holding(role, on=on):
            for given in SpotHelp.objects.to_check(user, on=on).filter(check_by__lte=on):
                told += _remind(given, user, why="due", now=now)
    for given in due.filter(check_by__lt=on):
        for manager in User.objects.holding(Role.SERVICE_MANAGER, on=on):
            told += _remind(given, manager, why="late", now=now)
    return told


def as_number(typed: str) -> str:
    """One way to write the number of a voucher or receipt."""
    return " ".join(typed.split()).upper()


def add_time(now: datetime) -> datetime:
    """Until when a message about it still says something."""
    return datetime.combine(add_working_days(local_date(now), 3), settings.OFFICE_OPENS, LONDON)


def _note(given: SpotHelp, what: str, *, by: User, now: datetime) -> None:
    """For the case record: what was given and who looked at it. What was found odd is for colleagues alone."""
    with in_its_language():
        words = {
            "given": _("%(need)s: %(money)s on the spot. %(how)s%(number)s. It is never asked back."),
            "number": _("Help on the spot, %(need)s: its number is%(number)s."),
            "checked": _("Help on the spot, %(need)s, %(money)s: looked at by a second officer. %(finding)s."),
        }[what] % {
            "need": given.get_need_display(), "how": given.get_how_display(), "money": in_pounds(given.pence),
            "number": f" {given.proof}" if given.proof else "", "finding": given.get_finding_display(),
        }  # fmt: skip
    write_note(young_person=given.young_person, kind=Kind.SPOT_HELP, key=f"{given.key}:{what}", words=words,
               about=given.ref, by=by, now=now)  # fmt: skip


def _check_may_give(by: User, person: YoungPerson, *, now: datetime) -> None:
    on = local_date(now)
    if by.frozen_at or not by.is_active or not by.holds(*MAY_GIVE, on=on) or person.user_id == by.pk:
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    seen = YoungPerson.objects.visible_to(by, on=on).filter(pk=person.pk).exists()
    if not seen and not opened_by_lookup(by, at=now).filter(pk=person.pk).exists():
        raise ValidationError(_("Find them first."), code="not_yours")
    if person.in_the_demo and not settings.DEMO:
        raise ValidationError(_("This person is invented."), code="demo_person")


def _check_free(how: str, proof: str) -> None:
    if proof and SpotHelp.objects.filter(how=how, proof=proof).exists():
        raise _proof_used()


def _save(given: SpotHelp) -> SpotHelp:
    """Two at once with one number: the database lets one in."""
    try:
        with transaction.atomic():
            given.save()
    except IntegrityError:
        raise _proof_used() from None
    return given


def _proof_used() -> ValidationError:
    return ValidationError(_("This number was used for another help. Check it."), code="proof_used")


def _end(user: User, *, on: date) -> int:
    """Its last day was yesterday; one that began today never was."""
    current = SpotAuthority.objects.filter(user=user, ends_on=None)
    begun_today = current.filter(starts_on=on).delete()[0]
    return begun_today + current.update(ends_on=on - rules.ONE_DAY)


def _remind(given: SpotHelp, user: User, *, why: str, now: datetime) -> int:
    made = promise(
        "spot_check", to=user, key=f"{given.key}:{why}:{user.pk}", subject=given.key, due_at=now,
        not_after=add_time(now), now=now,
    )  # fmt: skip
    return int(made.made_at == now)
