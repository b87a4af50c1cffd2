"""Who may decide what today, read from the dated rows; and what the rule says about a person, as advice."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext

from entitlements.models import EntitlementVersion
from entitlements.rules import evaluate, from_data
from entitlements.wording import sentence
from portal.accounts.models import Role, RoleHeld, User
from portal.payments import rules
from portal.payments.models import AuthorityGiven, DelegatedAuthority, PaymentRequest
from portal.payments.rules import Ages, Authority, Level
from portal.people.models import Absence, TeamMembership, YoungPerson, held_on


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody was given, by role: up to how many pence for a child, and for an adult. None: no band."""

    bands: tuple[tuple[str, int | None, int | None], ...]

    def towards(self, young_person: YoungPerson, *, on: date) -> Authority | None:
        """The highest authority they may use for this young person; None when they have none."""
        child = young_person.is_child_on(on)
        usable = [
            Authority(rules.LEVEL_OF_ROLE[role], pence)
            for role, for_child, for_adult in self.bands
            if (pence := for_child if child else for_adult) is not None
        ]
        return max(usable, key=lambda authority: (authority.limit_pence, authority.level), default=None)


def standing_of(user: User, *, on: date) -> Standing:
    """The roles somebody holds on a day and what they may agree in each: one query, and none for their roles after."""
    given = AuthorityGiven.objects.filter(held_on(on), user=OuterRef("user"), role=OuterRef("role"))
    whole_band_first = given.order_by(F("limit_pence").desc(nulls_first=True))
    held = RoleHeld.objects.on(on).filter(user=user)
    rows = list(
        held.values_list(
            "role",
            Exists(given),
            Subquery(whole_band_first.values("limit_pence")[:1]),
            _band(Ages.UNDER_18, on),
            _band(Ages.FROM_18, on),
        )
    )
    user.know_roles({role for role, *_rest in rows}, on=on)
    return Standing(
        tuple(
            (role, _least(own, for_child), _least(own, for_adult))
            for role, was_given, own, for_child, for_adult in rows
            if was_given and role in rules.LEVEL_OF_ROLE
        )
    )


def authority_of(user: User, *, young_person: YoungPerson, on: date) -> Authority | None:
    """The highest authority somebody was given and may use on a day for this young person; None when they have none."""
    return standing_of(user, on=on).towards(young_person, on=on)


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
        worker = _worker(young_person, on=on)
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


def _worker(young_person: YoungPerson, *, on: date) -> User | None:
    """A child's social worker, or the adviser, or whoever covers. One query while nobody is away."""
    away = Absence.objects.filter(held_on(on), user=OuterRef("worker"), cover__isnull=False)
    held = young_person.allocations.filter(held_on(on), worker__is_active=True)
    theirs = {
        allocation.acts_as: allocation
        for allocation in held.select_related("worker").annotate(away=Exists(away)).order_by("-pk")
    }
    now_theirs = [Role.SOCIAL_WORKER] if young_person.is_child_on(on) else []
    for role in (*now_theirs, Role.PERSONAL_ADVISER):
        if role in theirs:
            worker: User = theirs[role].worker
            return present_or_cover(worker, on=on) if theirs[role].away else worker
    return None


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
    return User.objects.holding(role, on=on)


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


def _band(ages: Ages, on: date) -> Subquery:
    """The band of a role for an age, as part of another query."""
    bands = DelegatedAuthority.objects.in_force(ages=ages, on=on, with_examples=settings.DEMO)
    return Subquery(bands.filter(role=OuterRef("role")).order_by("-limit_pence").values("limit_pence")[:1])


def _least(own: int | None, band: int | None) -> int | None:
    return band if own is None or band is None else min(own, band)
