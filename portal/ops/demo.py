"""The demo's people: all invented, the same each time, born relative to the day they are loaded.

`PEOPLE` is the table of who they are; `load` makes them once and changes nothing the second time.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.db import transaction

from entitlements.facts import CareLeaverStatus
from portal.accounts.models import Role, User
from portal.people.models import (
    Allocation,
    Circumstance,
    PlanReview,
    StatusPeriod,
    Team,
    TeamMembership,
    YoungPerson,
)

SEED = 620
EMPLOYED_ON_DAYS_AGO = 400


@dataclass(frozen=True)
class Staff:
    """A member of staff: what they are called, what they do, and the team they belong to or manage."""

    key: str
    name: str
    roles: tuple[str, ...]
    does: str
    team: str = ""
    manages: bool = False
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Young:
    """A young person: age as (years, extra days), status, who looks after them, and what is known of their life."""

    key: str
    name: str
    family_name: str
    age: tuple[int, int]
    status: str
    does: str
    adviser: str = ""
    social_worker: str = ""
    language: str = "en"
    interpreter: str = ""
    told: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    not_so: tuple[str, ...] = ()
    in_custody: bool = False
    born_estimated: bool = False
    team: str = "leaving-care"
    extra: dict[str, str] = field(default_factory=dict)


TEAMS = {"leaving-care": "Leaving care team", "children": "Children's team", "duty": "Duty"}

STAFF = (
    Staff("sam", "Sam Okoro", (Role.PERSONAL_ADVISER,), "Personal adviser of Maya, Yusuf and Kofi", "leaving-care"),
    Staff("grace", "Grace Bell", (Role.PERSONAL_ADVISER,), "Personal adviser of Ade and Linh", "leaving-care"),
    Staff("ruth", "Ruth Marsh", (Role.SOCIAL_WORKER,), "Social worker of Yusuf", "children"),
    Staff("dami", "Dami Cole", (Role.DUTY_ADVISER,), "Duty adviser: sees whoever has no adviser", "duty"),
    Staff("priya", "Priya Nair", (Role.TEAM_MANAGER,), "Manages the leaving care team", "leaving-care", manages=True),
    Staff(
        "omar", "Omar Haddad", (Role.SERVICE_MANAGER, Role.BUDGET_HOLDER), "Service manager and budget holder",
        groups=("Budget holders",),
    ),
    Staff("lee", "Lee Porter", (Role.FINANCE_OFFICER,), "Finance officer: pays what was agreed"),
    Staff("jo", "Jo Lindley", (Role.EDITOR,), "Participation editor: writes the pages", groups=("Editors",)),
    Staff(
        "bea", "Bea Novak", (Role.PUBLISHER, Role.EDITOR), "Participation lead: publishes the pages",
        groups=("Publishers",),
    ),
    Staff("noor", "Noor Aziz", (Role.DATA_OFFICER,), "Data officer: brings in the case record's extract"),
    Staff("ash", "Ash Turner", (Role.ADMINISTRATOR,), "Administrator: accounts, no casework"),
    Staff("remi", "Remi Fox", (Role.AUDITOR,), "Auditor: reads the trail"),
    Staff("kit", "Kit Doyle", (Role.OUT_OF_HOURS,), "Out-of-hours officer: helps on the spot at night"),
)  # fmt: skip

YOUNG = (
    Young(
        "maya", "Maya", "Adeyemi", (19, 120), CareLeaverStatus.FORMER_RELEVANT,
        "19, at college, in her own first home. Her adviser is Sam", adviser="sam",
        told=("has_provisional_licence",),
        confirmed=(
            "moving_to_first_tenancy", "moving_home", "living_independently", "in_further_education",
            "lives_in_lewisham", "lives_in_london", "named_on_council_tax_bill", "low_income",
            "was_in_care_as_child", "in_care_12_months_or_more",
        ),
        not_so=("parent", "in_custody", "in_higher_education", "lives_outside_lewisham", "apprentice"),
    ),
    Young(
        "yusuf", "Yusuf", "Idris", (17, 335), CareLeaverStatus.ELIGIBLE,
        "17 years 11 months, reads Arabic first, lives in a semi-independent home. Social worker Ruth, adviser Sam",
        adviser="sam", social_worker="ruth", language="ar", interpreter="Arabic",
        confirmed=(
            "living_semi_independently", "in_care_now", "in_care_12_months_or_more", "was_in_care_as_child", "uasc",
            "waiting_for_home_office_decision", "in_further_education", "lives_in_lewisham", "lives_in_london",
            "under_19_at_course_start", "not_british",
        ),
        not_so=("parent", "in_custody", "living_independently"), born_estimated=True,
    ),
    Young(
        "tia", "Tia", "Brooks", (23, 40), CareLeaverStatus.FORMER_RELEVANT,
        "23, has a little girl, no adviser right now: duty looks after her",
        confirmed=("parent", "living_independently", "lives_in_lewisham", "lives_in_london", "on_qualifying_benefits",
                   "low_income", "named_on_council_tax_bill", "was_in_care_as_child", "in_care_12_months_or_more"),
        told=("looking_for_work",), not_so=("in_custody", "in_higher_education"), team="duty",
    ),
    Young(
        "kofi", "Kofi", "Mensah", (17, 60), CareLeaverStatus.ELIGIBLE,
        "17, lives with his foster carer. Sam is getting to know him", adviser="sam", social_worker="ruth",
        confirmed=("in_care_now", "in_care_12_months_or_more", "was_in_care_as_child", "lives_in_lewisham",
                   "lives_in_london", "in_further_education", "under_19_at_course_start"),
        not_so=("parent", "in_custody", "living_independently", "living_semi_independently"),
    ),
    Young(
        "ade", "Ade", "Balogun", (20, 200), CareLeaverStatus.FORMER_RELEVANT, "20, in prison. His adviser is Grace",
        adviser="grace", confirmed=("in_custody", "was_in_care_as_child", "in_care_12_months_or_more"),
        not_so=("parent", "living_independently", "in_higher_education", "in_further_education"), in_custody=True,
    ),
    Young(
        "linh", "Linh", "Tran", (21, 90), CareLeaverStatus.FORMER_RELEVANT,
        "21, at university in Leeds, reads Vietnamese first. Her adviser is Grace", adviser="grace", language="vi",
        confirmed=("in_higher_education", "lives_outside_lewisham", "no_holiday_home", "was_in_care_as_child",
                   "in_care_12_months_or_more"),
        not_so=("parent", "in_custody", "lives_in_lewisham", "lives_in_london", "in_further_education", "apprentice"),
    ),
)  # fmt: skip

PEOPLE = (*YOUNG, *STAFF)

_GIVEN = [
    "Aaliyah",
    "Abdi",
    "Aiden",
    "Aisha",
    "Alfie",
    "Amara",
    "Amina",
    "Anton",
    "Bella",
    "Ben",
    "Callum",
    "Carlos",
    "Chidi",
    "Chloe",
    "Dana",
    "Daniel",
    "Dara",
    "Delia",
    "Ebony",
    "Eden",
    "Efe",
    "Elif",
    "Emre",
    "Esi",
    "Fatou",
    "Femi",
    "Finn",
    "Freya",
    "Gabe",
    "Gina",
    "Hana",
    "Hassan",
    "Ife",
    "Imani",
    "Isaac",
    "Jada",
    "Jamal",
    "Jay",
    "Jess",
    "Joel",
    "Kai",
    "Kayla",
    "Kemi",
    "Kian",
    "Leah",
    "Leon",
    "Lila",
    "Luca",
    "Malik",
    "Mia",
    "Mina",
    "Musa",
    "Nadia",
    "Nia",
    "Noah",
    "Ola",
    "Omari",
    "Paige",
    "Rae",
    "Reece",
    "Remy",
    "Rosa",
    "Rudi",
    "Ryan",
    "Sade",
    "Sami",
    "Sara",
    "Seb",
    "Shay",
    "Sofia",
    "Tariq",
    "Tess",
    "Theo",
    "Tobi",
    "Uma",
    "Vera",
    "Will",
    "Xena",
    "Yara",
    "Zac",
    "Zara",
]
_FAMILY = [
    "Ahmed",
    "Allen",
    "Amoah",
    "Bailey",
    "Baker",
    "Bianchi",
    "Bryant",
    "Campbell",
    "Clarke",
    "Costa",
    "Daley",
    "Das",
    "Demir",
    "Diallo",
    "Eze",
    "Farah",
    "Fisher",
    "Francis",
    "Gordon",
    "Green",
    "Hall",
    "Hassan",
    "Hill",
    "Hughes",
    "Jallow",
    "James",
    "Kamara",
    "Khan",
    "King",
    "Lewis",
    "Lopes",
    "Malik",
    "Martin",
    "Mensah",
    "Mills",
    "Morgan",
    "Musa",
    "Nguyen",
    "Obi",
    "Owusu",
    "Palmer",
    "Park",
    "Petrov",
    "Quinn",
    "Reid",
    "Roberts",
    "Rossi",
    "Santos",
    "Sesay",
    "Shah",
    "Silva",
    "Smith",
    "Stone",
    "Tahir",
    "Taylor",
    "Turay",
    "Walsh",
    "Ward",
    "West",
    "Wright",
    "Yilmaz",
    "Young",
]


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


# Of the numbers kept for drama: nobody answers them.
WORK_PHONES = {"sam": "+442079460101", "grace": "+442079460102", "dami": "+442079460103"}


@transaction.atomic
def load(*, today: date, generated: int = 600) -> None:
    """Make the demo's people: those in the table, and a seeded crowd for the managers' pages. Twice is once."""
    teams = {
        code: Team.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in TEAMS.items()
    }
    accounts = {person.key: _staff(person, teams, today) for person in STAFF}
    for person in YOUNG:
        _young(person, teams, accounts, today)
    if not YoungPerson.objects.filter(person_id__startswith="DEMO-G").exists():
        _crowd(generated, teams, today)


def _account(key: str, name: str, language: str) -> tuple[User, bool]:
    first, _, last = name.partition(" ")
    return User.objects.get_or_create(
        username=key,
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{key}@demo.invalid",
            "language": language,
            "password": "!demo",
        },
    )


def _staff(person: Staff, teams: dict[str, Team], today: date) -> User:
    user, new = _account(person.key, person.name, "en")
    if new:
        since = today - timedelta(days=EMPLOYED_ON_DAYS_AGO)
        number = WORK_PHONES.get(person.key, "")
        User.objects.filter(pk=user.pk).update(work_phone=number)
        for role in person.roles:
            user.roles_held.create(role=role, starts_on=since)
        if person.team:
            TeamMembership.objects.create(
                team=teams[person.team], user=user, manages=person.manages, starts_on=since
            )
    for name in person.groups:
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def _young(person: Young, teams: dict[str, Team], accounts: dict[str, User], today: date) -> None:
    user, new = _account(person.key, person.name, person.language)
    if not new:
        return
    years, days = person.age
    born_on = years_before(today, years) - timedelta(days=days)
    young_person = YoungPerson.objects.create(
        user=user,
        person_id=f"DEMO-{person.key}",
        given_name=person.name,
        family_name=person.family_name,
        born_on=born_on,
        born_estimated=person.born_estimated,
        team=teams[person.team],
        interpreter_language=person.interpreter,
        in_custody_since=today - timedelta(days=60) if person.in_custody else None,
        in_the_demo=True,
    )
    since = (
        max(years_before(born_on, -18), today - timedelta(days=900))
        if years >= 18
        else today - timedelta(days=300)
    )
    young_person.status_periods.create(status=person.status, starts_on=since)
    for key, acts_as in ((person.adviser, "PERSONAL_ADVISER"), (person.social_worker, "SOCIAL_WORKER")):
        if key:
            young_person.allocations.create(worker=accounts[key], acts_as=acts_as, starts_on=since)
    facts = [
        *((key, True, Circumstance.Source.CONFIRMED) for key in person.confirmed),
        *((key, True, Circumstance.Source.TOLD) for key in person.told),
        *((key, False, Circumstance.Source.CONFIRMED) for key in person.not_so),
    ]
    Circumstance.objects.bulk_create(_circumstances(young_person, facts, today - timedelta(days=30)))
    PlanReview.objects.create(young_person=young_person, due_on=today + timedelta(days=52))


def _circumstances(
    young_person: YoungPerson, facts: Iterable[tuple[str, bool, str]], as_of: date
) -> list[Circumstance]:
    return [
        Circumstance(young_person=young_person, key=key, value=value, source=source, as_of=as_of)
        for key, value, source in facts
    ]


def _crowd(number: int, teams: dict[str, Team], today: date) -> None:
    """A repeatable crowd: the same names, ages and lives from the same seed."""
    chance = random.Random(SEED)  # noqa: S311  (repeatable, nothing secret)
    since = today - timedelta(days=EMPLOYED_ON_DAYS_AGO)
    advisers = [
        _staff(
            Staff(f"adviser{n:02}", f"Adviser {n:02}", (Role.PERSONAL_ADVISER,), "generated", "leaving-care"),
            teams,
            today,
        )
        for n in range(3, 26)
    ]
    people = []
    for n in range(number):
        age_days = chance.randrange(18 * 365 + 10, 25 * 365)
        people.append(
            YoungPerson(
                person_id=f"DEMO-G{n:04}",
                given_name=chance.choice(_GIVEN),
                family_name=chance.choice(_FAMILY),
                born_on=today - timedelta(days=age_days),
                team=teams["leaving-care"],
                in_the_demo=True,
            )
        )
    people = YoungPerson.objects.bulk_create(people)
    StatusPeriod.objects.bulk_create(
        StatusPeriod(young_person=person, status=CareLeaverStatus.FORMER_RELEVANT, starts_on=since)
        for person in people
    )
    Allocation.objects.bulk_create(
        Allocation(young_person=person, worker=advisers[n % len(advisers)], starts_on=since)
        for n, person in enumerate(people)
        if n % 20
    )
    odds = {
        "lives_in_lewisham": 0.6, "living_independently": 0.7, "in_further_education": 0.2, "in_higher_education": 0.1,
        "looking_for_work": 0.3, "parent": 0.15, "low_income": 0.5, "moving_to_first_tenancy": 0.15,
        "named_on_council_tax_bill": 0.5, "has_provisional_licence": 0.5, "on_qualifying_benefits": 0.4,
    }  # fmt: skip
    Circumstance.objects.bulk_create(
        Circumstance(
            young_person=person,
            key=key,
            value=chance.random() < odd,
            source=Circumstance.Source.IMPORTED,
            as_of=today - timedelta(days=chance.randrange(10, 300)),
        )
        for person in people
        for key, odd in odds.items()
        if chance.random() < 0.8
    )
