import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import services

pytestmark = pytest.mark.django_db


def _shape(answer):
    """Everything a stranger can measure of an answer, with what is random anyway made equal."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content)
    body = re.sub(rb'nonce="[^"]+"', b"", body)
    headers = {k: v for k, v in answer.headers.items() if k != "Content-Security-Policy"}
    if "Expires" in headers:
        headers["Expires"] = "this second"
    cookies = {
        name: (len(morsel.value), morsel["max-age"], morsel["path"])
        for name, morsel in answer.cookies.items()
    }
    return answer.status_code, headers, len(body), cookies


def _measured(ask, monkeypatch):
    """An answer's shape, the queries it made (their text without values), and how many hashes of which kind."""
    hashes = []
    keyed = services.limits.keyed_hash

    def counted(secret):
        hashes.append("keyed")
        return keyed(secret)

    from django.contrib.auth import hashers

    slow = {"encode": 0}
    hasher = hashers.get_hasher()
    encode = type(hasher).encode

    def counted_encode(self, *args, **kwargs):
        slow["encode"] += 1
        return encode(self, *args, **kwargs)

    with monkeypatch.context() as patched, CaptureQueriesContext(connection) as queries:
        patched.setattr("portal.accounts.limits.keyed_hash", counted)
        patched.setattr(type(hasher), "encode", counted_encode)
        answer = ask()
    asked = [re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"]) for query in queries]
    return _shape(answer), asked, len(hashes), slow["encode"]


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("maya@example.com", "nora@example.com"),
        ("07700 900001", "07700 900555"),
        ("sam@example.com", "tom@example.com"),
    ],
)
def test_asking_for_a_code_is_answered_the_same(young, staff, worker, monkeypatch, known, unknown):
    first = _measured(lambda: Client().post("/account/login/", {"where": known}), monkeypatch)
    second = _measured(lambda: Client().post("/account/login/", {"where": unknown}), monkeypatch)

    assert first == second


def test_the_page_after_it_is_the_same_too(young, worker):
    pages = []
    for where in ("maya@example.com", "nora@example.com"):
        browser = Client()
        pages.append(_shape(browser.post("/account/login/", {"where": where}, follow=True)))

    assert pages[0] == pages[1]


def test_a_wrong_code_is_answered_the_same(young, worker, monkeypatch):
    measured = []
    for where in ("maya@example.com", "nora@example.com"):
        browser = Client()
        browser.post("/account/login/", {"where": where})
        worker.work()
        measured.append(_measured(lambda b=browser: b.post("/account/code/", {"code": "00"}), monkeypatch))

    assert measured[0] == measured[1]


def test_a_wrong_staff_password_is_answered_the_same_for_everybody(young, staff, monkeypatch):
    Client().get("/account/staff/")  # so that nothing is loaded for the first one alone
    answers = [
        _measured(
            lambda e=email: Client().post("/account/staff/", {"login": e, "password": "not the right one"}),
            monkeypatch,
        )
        for email in ("sam@example.com", "tom@example.com")
    ]

    (known_shape, known_queries, known_hashes, known_slow), (shape, queries, hashes, slow) = answers
    assert (known_shape, known_hashes, known_slow) == (shape, hashes, slow)
    assert len(known_queries) == len(queries)


CLOSED = """
signup/ signup/passkey/ email/ confirm-email/ password/reset/ password/change/ password/set/ login/code/
login/code/confirm/ phone/verify/ 3rdparty/ social/signup/ sessions/ 2fa/
"""


@pytest.mark.parametrize("door", CLOSED.split())
def test_no_door_of_the_library_lets_anybody_make_an_account(db, door):
    for method in ("get", "post"):
        assert getattr(Client(), method)(f"/account/{door}").status_code == 404


def test_the_page_editor_and_djangos_admin_have_no_door_of_their_own(db):
    assert (
        Client().get("/cms/login/?next=/cms/pages/").headers["Location"]
        == "/account/staff/?next=%2Fcms%2Fpages%2F"
    )
    assert Client().post("/cms/login/", {"username": "a", "password": "b"}).status_code == 302
    assert Client().get("/admin/").status_code == 404


def test_an_invitation_that_does_not_work_says_the_same_whatever_is_wrong(db, young, staff, now):
    made, code = services.make_invitation(user=young, by=staff, now=now)
    services.cancel_invitation(invitation=made, by=staff, now=now)

    pages = {
        _shape(Client().post("/account/invite/", {"invitation": typed.ljust(10), "where": "a@example.com"}))[
            0:1
        ]
        for typed in (code, "ABCDEFGHJK")
    }

    assert pages == {(200,)}
