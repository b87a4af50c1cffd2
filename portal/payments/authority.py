"""Who may decide what today, read from the dated rows; and what the rule says about a person, as advice."""

from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from entitlements.models import EntitlementVersion
from entitlements.rules import evaluate, from_data
from entitlements.wording import sentence
from portal.accounts.models import Role, RoleHeld, User
from portal.payments import rules
from portal.payments.models import AuthorityGiven, DelegatedAuthority, PaymentRequest
from portal.payments.rules import Authority, Level
from portal.people.models import TeamMembership, YoungPerson, held_on


def authority_of(user: User, *, young_person: YoungPerson, on: date) -> Authority | None:
    """The highest authority somebody was given and may use on a day for this young person; None when they have none."""
    roles = user.roles_on(on)
    limits = _limits(young_person, on)
    usable = [
        Authority(rules.LEVEL_OF_ROLE[given.role], min(limits[given.role], _own(given, limits[given.role])))
        for given in AuthorityGiven.objects.filter(held_on(on), user=user)
        if given.role in roles and given.role in limits
    ]
    return max(usable, key=lambda authority: (authority.limit_pence, authority.level), default=None)


def limits_by_level(*, young_person: YoungPerson, on: date) -> dict[Level, int]:
    """How much each level may agree on a day for this young person, in pence."""
    by_level: dict[Level, int] = {}
    for role, pence in _limits(young_person, on).items():
        level = rules.LEVEL_OF_ROLE[role]
        by_level[level] = max(pence, by_level.get(level, 0))
    return by_level


def level_of(version: EntitlementVersion | None) -> Level:
    """The entitlement's own approver, which is a minimum."""
    return rules.LEVEL_OF_APPROVER[version.approver_level if version else ""]


def level_needed(asked: PaymentRequest, *, pence: int | None, on: date) -> Level:
    """Who must decide this, counting what was agreed in the last 30 days."""
    already = PaymentRequest.objects.agreed_pence(young_person_id=asked.young_person_id, on=on, but=asked.pk)
    return rules.level_needed(
        pence=pence or 0,
        already_pence=already,
        at_least=level_of(asked.version),
        limits=limits_by_level(young_person=asked.young_person, on=on),
    )


def touched_by(asked: PaymentRequest) -> set[int]:
    """Everybody who raised or edited it."""
    return {asked.raised_by_id, *asked.touches.values_list("user_id", flat=True)}


def judged_by(asked: PaymentRequest) -> set[int]:
    """Everybody who recommended or decided it, so that a second look is somebody else's."""
    judging = [rules.Action.RECOMMEND, rules.Action.APPROVE, rules.Action.PART_APPROVE, rules.Action.DECLINE]
    return set(asked.steps.filter(action__in=judging).values_list("by_id", flat=True))


def give_authority(
    *, user: User, role: str, by: User | None, on: date, limit_pence: int | None = None
) -> AuthorityGiven:
    """Let somebody use their role's band from a day on, or only part of it. Given twice is given once."""
    given, _made = AuthorityGiven.objects.get_or_create(
        user=user,
        role=role,
        ends_on=None,
        defaults={"starts_on": on, "given_by": by, "limit_pence": limit_pence},
    )
    return given


def load_example_bands(*, on: date) -> int:
    """Write the example bands where a role has none; they count in the demo alone. Returns how many were written."""
    made = [
        DelegatedAuthority.objects.get_or_create(
            role=role, ages=ages, ends_on=None, defaults={"starts_on": on, "limit_pence": pence}
        )[1]
        for role, ages, pence in rules.DEFAULT_BANDS
    ]
    return sum(made)


def advice(
    version: EntitlementVersion | None, *, young_person: YoungPerson, on: date
) -> tuple[str, list[str]]:
    """What the rule says about them today and why, in sentences to them; ("", []) where no rule was written."""
    if version is None or not version.rule:
        return "", []
    outcome = evaluate(from_data(version.rule), young_person.facts(on), on)
    return outcome.answer.name, [sentence(reason, gettext=gettext) for reason in outcome.reasons]


def find_holder(
    young_person: YoungPerson, level: Level, *, on: date, but: set[int]
) -> tuple[str, User | None]:
    """Whose move it is at a level, as (held by, who): somebody present who has had no hand in it, or the next above.

    Under 18 the social worker comes before the adviser. Nobody allocated: the duty team, by name of the team.
    """
    if level == Level.ADVISER:
        worker = young_person.social_worker_on(on) or young_person.adviser_on(on)
        if worker is None:
            return "DUTY", None
        if worker.pk not in but:
            return "ADVISER", worker
        level = Level.TEAM_MANAGER
    if level == Level.TEAM_MANAGER:
        for manager in managers_of(young_person, on=on):
            if manager.pk not in but:
                return "TEAM_MANAGER", manager
    for manager in _present(User.objects.filter(pk__in=_holding(Role.SERVICE_MANAGER, on)), on):
        if manager.pk not in but:
            return ("PANEL" if level == Level.PANEL else "SERVICE_MANAGER"), manager
    return ("PANEL" if level == Level.PANEL else "SERVICE_MANAGER"), None


def managers_of(young_person: YoungPerson, *, on: date) -> list[User]:
    """The team managers of somebody's team, or of their worker's, each replaced by their cover while away."""
    worker = young_person.holder_on(on)
    team = Q(team=young_person.team_id) if young_person.team_id else Q(pk__in=[])
    if worker is not None:
        team |= Q(team__memberships__user=worker) & held_on(on, "team__memberships__")
    managing = User.objects.filter(
        pk__in=_holding(Role.TEAM_MANAGER, on), team_memberships__in=_managing(team, on)
    ).distinct()
    return _present(managing, on)


def role_holders(role: str, *, on: date) -> list[User]:
    """Everybody who holds a role today and can sign in."""
    return list(User.objects.filter(pk__in=_holding(role, on), is_active=True).order_by("pk"))


def present_or_cover(user: User, *, on: date) -> User:
    """Somebody, or whoever covers for them today. An absence nobody covers changes nothing."""
    seen: set[int] = set()
    while user.pk not in seen:
        seen.add(user.pk)
        away = user.absences.filter(held_on(on), cover__is_active=True).select_related("cover").first()
        if away is None or away.cover is None:
            break
        user = away.cover
    return user


def _present(users: "QuerySet[User]", on: date) -> list[User]:
    return [present_or_cover(user, on=on) for user in users.filter(is_active=True).order_by("pk")]


def _holding(role: str, on: date) -> "QuerySet[RoleHeld, int]":
    return RoleHeld.objects.on(on).filter(role=role).values_list("user_id", flat=True)


def _managing(team: Q, on: date) -> "QuerySet[TeamMembership]":
    return TeamMembership.objects.filter(held_on(on), team, manages=True)


def _limits(young_person: YoungPerson, on: date) -> dict[str, int]:
    return DelegatedAuthority.objects.limits(
        under_18=young_person.is_child_on(on), on=on, with_examples=settings.DEMO
    )


def _own(given: AuthorityGiven, band_pence: int) -> int:
    return band_pence if given.limit_pence is None else given.limit_pence
