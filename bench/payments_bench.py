"""What asking, deciding and the queue cost: queries and processor time, with few rows and with many.

On SQLite, the demo's database, with a team of its own beside the demo's people.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench import demo
from bench.http_bench import TEMPLATE, asker, bare_django, sign_in
from bench.row import Row, measured, timed_each, timed_together

TIMES = 25  # how often each verb is measured, each time with a request of its own
SIZES = (25, 2_500, 25_000)
PEOPLE = 500
PENCE = 18_000
SIZE_MATTERS = 1.2  # how much dearer the largest queue may be than the smallest
QUEUES = {"/desk/requests/": "the queue of requests", "/desk/": "an adviser's first page"}
ALONE = "the verb alone, without its page"
# The first page also asks for complaints, and in one question for all that must not wait its turn.
MOST = {"/desk/requests/": 6, "/desk/": 8}
LIMITS: dict[str, dict[str, Any]] = {
    "submit a request": {"most_queries": 8, "most_ms": 20.0},
    "approve one: award, ledger, message": {"most_queries": 15},
    "decline one with a reason": {"most_queries": 15},
}


def rows() -> list[Row]:
    """Submit, decide and decline as verbs; the queue as a page, at each size."""
    demo.ready()

    house = _House()
    return [*_verbs(house), *_queues(house)]


class _House:
    """A manager, an adviser and five hundred young people of one team, none of them in the demo's story."""

    def __init__(self) -> None:
        from entitlements.facts import CareLeaverStatus
        from entitlements.models import Entitlement
        from portal import clock
        from portal.accounts.models import Role, User
        from portal.payments import services
        from portal.people.models import Allocation, StatusPeriod, Team, TeamMembership, YoungPerson

        self.now = clock.now()
        self.today = clock.local_date(self.now)
        since = self.today - timedelta(days=400)
        self.team = Team.objects.create(code="bench", name="Measured team")
        self.manager = User.objects.create(username="bench-manager", first_name="Manager")
        self.adviser = User.objects.create(username="bench-adviser", first_name="Adviser")
        for user, role in ((self.manager, Role.TEAM_MANAGER), (self.adviser, Role.PERSONAL_ADVISER)):
            user.roles_held.create(role=role, starts_on=since)
            manages = role == Role.TEAM_MANAGER
            TeamMembership.objects.create(team=self.team, user=user, manages=manages, starts_on=since)
            services.give_authority(user=user, role=role, by=None, on=since)
        services.load_example_bands(on=since)
        users = User.objects.bulk_create(
            User(username=f"bench-{n}", first_name="Young") for n in range(PEOPLE)
        )
        self.people = YoungPerson.objects.bulk_create(
            YoungPerson(
                user=user, person_id=f"BENCH-{n}", given_name="Young", family_name="Person", team=self.team,
                born_on=self.today - timedelta(days=19 * 366), in_the_demo=True,
            )
            for n, user in enumerate(users)
        )  # fmt: skip
        status = CareLeaverStatus.FORMER_RELEVANT
        StatusPeriod.objects.bulk_create(
            StatusPeriod(young_person=person, status=status, starts_on=since) for person in self.people
        )
        Allocation.objects.bulk_create(
            Allocation(young_person=person, worker=self.adviser, starts_on=since) for person in self.people
        )
        self.entitlement = Entitlement.objects.select_related("current").get(code="setting-up-home-allowance")

    def again(self, user: Any) -> Any:
        """The same account as a new request would read it, with nothing remembered."""
        return type(user).objects.get(pk=user.pk)

    def draft(self, person: Any) -> Any:
        """Every question answered, not sent yet: £180 for a bed."""
        from portal.payments import services
        from portal.refs import new_token

        said = {"story": "A bed for my flat.", "pence": PENCE, "how": "BANK"}
        return services.start(
            young_person=person, entitlement=self.entitlement, answers=said, token=new_token(),
            by=person.user, now=self.now,
        )  # fmt: skip

    def sending(self, person: Any) -> Callable[[], object]:
        """The press on send, ready to be made once."""
        from portal.payments import services
        from portal.refs import new_token

        asked, by, token = self.draft(person), self.again(person.user), new_token()
        shown = services.shown_print(asked)
        return lambda: services.submit(ref=asked.ref, shown=shown, token=token, by=by, now=self.now)

    def deciding(self, person: Any, verb: str, **words: str) -> Callable[[], object]:
        """A manager's decision about a request that is waiting, ready to be made once."""
        from portal.payments import services

        self.sending(person)()
        ref = person.payment_requests.latest("pk").ref
        by = self.again(self.manager)
        return lambda: getattr(services, verb)(ref=ref, by=by, now=self.now, **words)

    def fill(self, size: int) -> None:
        """Make `size` requests wait for the manager, spread over everybody and over the last two months."""
        from portal.payments.models import HeldBy, PaymentRequest
        from portal.payments.rules import Status

        def waiting(number: int) -> PaymentRequest:
            person = self.people[number % PEOPLE]
            sent_at = self.now - timedelta(hours=number % 1_400)
            return PaymentRequest(
                young_person=person, entitlement=self.entitlement, version=self.entitlement.current,
                title="A bed", story="A bed for my flat.", asked_pence=PENCE, how_helped="BANK",
                status=Status.SUBMITTED, row_version=1, raised_by=person.user, started_at=sent_at,
                submitted_at=sent_at, decide_by=(sent_at + timedelta(days=7)).date(),
                held_by=HeldBy.TEAM_MANAGER, holder=self.manager,
            )  # fmt: skip

        have = PaymentRequest.objects.filter(holder=self.manager).waiting().count()
        PaymentRequest.objects.bulk_create((waiting(n) for n in range(have, size)), batch_size=2_000)


def _verbs(house: _House) -> list[Row]:
    no = {"code": "ANOTHER_WAY", "words": "The shop gives beds for free."}
    verbs: dict[str, Callable[[Any], Callable[[], object]]] = {
        "submit a request": house.sending,
        "approve one: award, ledger, message": lambda person: house.deciding(person, "approve"),
        "decline one with a reason": lambda person: house.deciding(person, "decline", **no),
    }
    everybody = iter(house.people)
    answers = []
    for what, ready in verbs.items():
        took = timed_each([ready(next(everybody)) for _time in range(TIMES + 1)])
        once = ready(next(everybody))
        with demo.counting() as asked:
            once()
        answers.append(measured(what, took, queries=len(asked), note=ALONE, **LIMITS[what]))
    return answers


def _queues(house: _House) -> list[Row]:
    """Each size is measured in turns with a template, so that a busy moment is no part of the comparison."""
    from django.core.wsgi import get_wsgi_application

    application, cookie = get_wsgi_application(), sign_in(house.manager)
    pages = {address: asker(application, address, cookie=cookie) for address in QUEUES}
    template = bare_django()[TEMPLATE]
    answers: list[Row] = []
    small: dict[str, float] = {}
    for size in SIZES:
        house.fill(size)
        queries = {address: demo.count(ask) for address, ask in pages.items()}
        took = timed_together({TEMPLATE: template, **pages}, repeats=TIMES)
        for address, name in QUEUES.items():
            cost = took[address].beside(took[TEMPLATE])
            small.setdefault(address, cost)
            beside = {"ratio": cost / small[address], "limit_name": f"{SIZES[0]} waiting"}
            limit = SIZE_MATTERS if size == SIZES[-1] else None
            what = f"{name}, {size:,} waiting"
            more = {"queries": queries[address], "most_queries": MOST[address], "limit": limit}
            answers.append(measured(what, took[address], **more, **(beside if size > SIZES[0] else {})))
    return sorted(answers, key=lambda row: row.what.partition(",")[0], reverse=True)
