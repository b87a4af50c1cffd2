"""The people of the table, and the objects behind addresses. To add an object: one function in `OBJECTS`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from wagtail.models import Locale, Page, Site

from entitlements.facts import CareLeaverStatus
from portal.accounts.models import Role, RoleHeld, User
from portal.accounts.services import join_groups
from portal.advocates.models import AdvocateSeat
from portal.coming_back.services import Said
from portal.coming_back.services import ask as ask_to_come_back
from portal.complaints import services as complaints
from portal.drop_ins.models import Series, Session
from portal.drop_ins.services import book
from portal.payments import services as payments
from portal.payments.models import Evidence, EvidencePage, PaymentRequest
from portal.people.models import Absence, Allocation, BreakGlass, Team, TeamMembership, YoungPerson
from portal.refs import new_token
from portal.spot_help.models import SpotHelp
from tests.authorisation.table import Row
from tests.conftest import NOW
from tests.factories import LONG_AGO, StaffFactory, UserFactory, YoungPersonFactory

TODAY = NOW.date()


@dataclass
class World:
    """Everybody of the table, by their name there."""

    users: dict[str, User]
    young: dict[str, YoungPerson]  # own, foreign, nobodys
    made: dict[tuple[str, str], dict[str, object]]

    def browser(self, person: str) -> Client:
        """A browser in which this person signed in before anything happened to their account."""
        browser = Client(raise_request_exception=False)
        if person != "visitor":
            browser.force_login(self.users[person])
        return browser

    def kept_browser(self, person: str) -> Client:
        """One browser a person, for addresses that end nobody's sign-in."""
        if ("browser", person) not in self.made:
            self.made["browser", person] = {"browser": self.browser(person)}
        return self.made["browser", person]["browser"]  # type: ignore[return-value]

    def given(self, row: Row) -> dict[str, object]:
        """The parts of an address that a row fills itself, objects made."""
        return {
            name: SHARED[part[1:]](self) if str(part).startswith("@") else part
            for name, part in row.given.items()
        }

    def behind(self, about: str, whose: str) -> dict[str, object]:
        """The parts of the address of an object of somebody's, made once."""
        if (about, whose) not in self.made:
            self.made[about, whose] = OBJECTS[about](self.young[whose])
        return self.made[about, whose]


def make_world() -> World:
    """People, teams, allocations, a cover that runs and one that is over, break-glass open and over."""
    _page_tree()
    ours, theirs = (Team.objects.create(code=code, name=code.title()) for code in ("ours", "theirs"))
    pa = Role.PERSONAL_ADVISER
    users = {
        "pa_allocated": StaffFactory(role=pa, team=ours),
        "pa_other": StaffFactory(role=pa, team=theirs),
        "pa_covering": StaffFactory(role=pa),
        "pa_cover_ended": StaffFactory(role=pa),
        "social_worker": StaffFactory(role=Role.SOCIAL_WORKER),
        "duty": StaffFactory(role=Role.DUTY_ADVISER),
        "tm_own": StaffFactory(role=Role.TEAM_MANAGER, team=ours),
        "tm_other": StaffFactory(role=Role.TEAM_MANAGER, team=theirs),
        "service_manager": StaffFactory(role=Role.SERVICE_MANAGER),
        "finance": StaffFactory(role=Role.FINANCE_OFFICER),
        "editor": StaffFactory(role=Role.EDITOR),
        "publisher": StaffFactory(role=Role.PUBLISHER),
        "budget_holder": StaffFactory(role=Role.BUDGET_HOLDER),
        "data_officer": StaffFactory(role=Role.DATA_OFFICER),
        "auditor": StaffFactory(role=Role.AUDITOR),
        "administrator": StaffFactory(role=Role.ADMINISTRATOR),
        "out_of_hours": StaffFactory(role=Role.OUT_OF_HOURS),
        "advocate": StaffFactory(role=Role.ADVOCATE),
        "advocate_seated": StaffFactory(role=Role.ADVOCATE, first_name="Seated"),
        "disabled": StaffFactory(role=Role.SERVICE_MANAGER, is_active=False),
        "frozen": StaffFactory(role=Role.SERVICE_MANAGER, frozen_at=NOW),
        "break_glass": StaffFactory(role=pa),
        "break_glass_over": StaffFactory(role=pa),
        "yp_self": UserFactory(),
        "yp_other": UserFactory(),
        "yp_16": UserFactory(),
    }
    for user in users.values():
        join_groups(user=user, on=TODAY)
    maya = YoungPersonFactory(user=users["yp_self"], adviser=users["pa_allocated"])
    stranger = YoungPersonFactory(user=users["yp_other"], adviser=users["pa_other"])
    nobodys = YoungPersonFactory(
        user=users["yp_16"], born_on=date(TODAY.year - 16, 3, 1), status=CareLeaverStatus.ELIGIBLE
    )
    Allocation.objects.create(
        young_person=maya, worker=users["social_worker"], acts_as=Role.SOCIAL_WORKER, starts_on=LONG_AGO
    )
    away = users["pa_allocated"]
    Absence.objects.create(user=away, cover=users["pa_covering"], starts_on=TODAY, ends_on=TODAY)
    yesterday = TODAY - timedelta(days=1)
    Absence.objects.create(user=away, cover=users["pa_cover_ended"], starts_on=yesterday, ends_on=yesterday)
    for person, ago in (("break_glass", timedelta(minutes=1)), ("break_glass_over", timedelta(minutes=61))):
        BreakGlass.objects.create(
            young_person=maya, user=users[person], reason="Her own adviser is away and she rang us",
            opened_at=NOW - ago, ends_at=NOW - ago + timedelta(hours=1),
        )  # fmt: skip
    assert not TeamMembership.objects.filter(user=users["duty"]).exists()
    assert RoleHeld.objects.filter(user=users["advocate"], role=Role.ADVOCATE).exists()
    return World(users, {"own": maya, "foreign": stranger, "nobodys": nobodys}, {})


def _page_tree() -> None:
    """Wagtail's language, root and site, should a test before this one have emptied the tables."""
    Locale.objects.get_or_create(language_code="en")
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    Site.objects.get_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": root})


def _young_person(young_person: YoungPerson) -> dict[str, object]:
    return {"ref": young_person.ref}


def _draft(young_person: YoungPerson) -> dict[str, object]:
    said = {"story": "A bed for my flat.", "pence": 18_000, "how": "BANK"}
    asked = payments.start(
        young_person=young_person,
        entitlement=None,
        answers=said,
        token=new_token(),
        by=young_person.user,
        now=NOW,
    )
    return {"ref": asked.ref}


def _request(young_person: YoungPerson) -> dict[str, object]:
    asked = PaymentRequest.objects.get(ref=_draft(young_person)["ref"])
    payments.submit(
        ref=asked.ref, shown=payments.shown_print(asked), token=new_token(), by=young_person.user, now=NOW
    )
    return {"ref": asked.ref}


def _photo(young_person: YoungPerson) -> dict[str, object]:
    made = _request(young_person)
    evidence = Evidence.objects.create(
        asked=PaymentRequest.objects.get(ref=made["ref"]),
        sha256="0" * 64,
        added_by=young_person.user,
        added_at=NOW,
    )
    stored_as = storages["evidence"].save(f"{new_token()}.jpg", ContentFile(b"a picture"))
    EvidencePage.objects.create(evidence=evidence, number=1, stored_as=stored_as, width=10, height=10, size=9)
    return made | {"photo": evidence.ref, "number": 1}


def _seated(young_person: YoungPerson) -> dict[str, object]:
    return _with_seat(young_person, _request(young_person))


def _seated_photo(young_person: YoungPerson) -> dict[str, object]:
    return _with_seat(young_person, _photo(young_person))


def _with_seat(young_person: YoungPerson, made: dict[str, object]) -> dict[str, object]:
    """Maya's advocate has a seat at her request; nobody has one at the others', who were made after her."""
    if young_person == YoungPerson.objects.order_by("pk").first():
        AdvocateSeat.objects.create(
            asked=PaymentRequest.objects.get(ref=made["ref"]), user=User.objects.get(first_name="Seated"),
            invited_by=young_person.user, invited_at=NOW, ends_on=TODAY,
        )  # fmt: skip
    return made


def _complaint(young_person: YoungPerson) -> dict[str, object]:
    said = complaints.Said(words="Nobody rang me back.")
    made = complaints.make(said=said, young_person=young_person, by=young_person.user, now=NOW)
    return {"ref": made.complaint.ref}


def _session() -> Session:
    starts_at = NOW + timedelta(days=2)
    return Session.objects.create(
        name="Drop-in",
        where="Bromley Road",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        places=9,
    )


def _booking(young_person: YoungPerson) -> dict[str, object]:
    return {"ref": book(session=_session(), young_person=young_person, by=young_person.user, now=NOW).ref}


def _spot_help(young_person: YoungPerson) -> dict[str, object]:
    giver = StaffFactory(role=Role.OUT_OF_HOURS)
    given = SpotHelp.objects.create(
        young_person=young_person, token=new_token(), need="FOOD", how="CASH", pence=2_000, given_by=giver,
        given_at=NOW, given_on=TODAY, limit_pence=4_000, check_by=TODAY + timedelta(days=1),
    )  # fmt: skip
    return {"ref": given.ref}


# Objects of one young person's, by the name rows use in `about`: the parts of their address.
OBJECTS: dict[str, Callable[[YoungPerson], dict[str, object]]] = {
    "young_person": _young_person,
    "draft": _draft,
    "request": _request,
    "photo": _photo,
    "complaint": _complaint,
    "seated": _seated,
    "seated_photo": _seated_photo,
    "booking": _booking,
    "spot_help": _spot_help,
}
# Objects that are nobody's, by the name rows use in `given` after an @.
SHARED: dict[str, Callable[[World], object]] = {
    "series": lambda world: (
        Series.objects.create(
            name="Open door", weekday=3, opens=time(14), closes=time(17), places=5, starts_on=TODAY
        ).pk
    ),
    "session": lambda world: _session().ref,
    "coming_back": lambda world: (
        ask_to_come_back(said=Said("CALL", "07700 900123"), browser="", language="en", now=NOW).ref
    ),
    "booking_token": lambda world: (
        book(session=_session(), young_person=world.young["own"], by=world.users["yp_self"], now=NOW).token
    ),
}
