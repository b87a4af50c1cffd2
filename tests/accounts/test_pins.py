"""The PIN: what it may be, how often it may be tried, and what it ends and keeps."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts import pins
from portal.accounts.models import User
from portal.accounts.rules import check_pin
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
BORN = date(2007, 7, 1)
PIN, WRONG = "580371", "580372"


@pytest.fixture
def theirs(young, now):
    """Maya, who chose a PIN."""
    choose(young, PIN, now)
    return young


def choose(user, pin, now):
    pins.choose_pin(user=user, pin=pin, born_on=BORN, session_key="", now=now)


def tried(user, typed, now):
    """What came of a try: a refusal's code, or "right"."""
    try:
        pins.try_pin(user=user, typed=typed, now=now)
    except ValidationError as refusal:
        return refusal.code
    return "right"


def refused(pin):
    try:
        check_pin(pin, born_on=BORN, number="+447700900001")
    except ValidationError as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("12345", "not_six"), ("1234567", "not_six"), ("58037a", "not_six"), ("५८०३७१", "not_six"),
        ("111111", "easy_pin"), ("123456", "easy_pin"), ("654321", "easy_pin"), ("890123", "easy_pin"),
        ("121212", "easy_pin"), ("123123", "easy_pin"), ("112233", "easy_pin"),
        ("010707", "easy_pin"), ("070107", "easy_pin"), ("070701", "easy_pin"), ("200707", "easy_pin"),
        ("072007", "easy_pin"), ("172007", "easy_pin"), ("900001", "easy_pin"),
        ("580371", ""), ("124578", ""), ("112200", ""),
    ],
)  # fmt: skip
def test_a_pin_is_six_digits_that_nobody_tries_first(pin, code):
    assert refused(pin) == code


def test_the_right_pin_is_right_and_its_hash_tells_nothing(theirs, now):
    assert tried(theirs, "580 371", now) == "right"
    assert tried(theirs, "٥٨٠٣٧١", now) == "right", "the digits of an Arabic keyboard"
    theirs.refresh_from_db()
    assert PIN not in theirs.pin_hash
    with pytest.raises(ValidationError, match="already"):
        choose(theirs, "902746", now)
    assert list(AuditEvent.objects.filter(action__startswith="pin").values_list("action", "detail")) == [
        ("pin_chosen", {})
    ]


def test_after_five_wrong_tries_even_the_right_one_waits_and_each_five_more_wait_longer(theirs, now):
    assert [tried(theirs, WRONG, now) for _ in range(6)] == ["wrong_pin"] * 4 + ["pin_waits"] * 2
    for wait in (timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)):
        assert tried(theirs, PIN, now + wait - timedelta(seconds=1)) == "pin_waits"
        now += wait
        if wait < timedelta(days=1):
            assert [tried(theirs, WRONG, now) for _ in range(5)] == ["wrong_pin"] * 4 + ["pin_waits"]
    assert tried(theirs, WRONG, now) == "pin_waits", "after fifteen each wrong one waits a day"
    assert tried(theirs, PIN, now + timedelta(days=1)) == "right"
    assert [tried(theirs, WRONG, now + timedelta(days=1)) for _ in range(2)] == ["wrong_pin"] * 2


def test_rows_read_before_do_not_buy_a_sixth_try(theirs, now):
    """Each try counts in the database, not in what a request has read: ten old copies have five tries together."""
    copies = [User.objects.get(pk=theirs.pk) for _ in range(10)]

    met = [tried(copy, WRONG, now) for copy in copies]

    assert met == ["wrong_pin"] * 4 + ["pin_waits"] * 6
    assert User.objects.get(pk=theirs.pk).pin_tries == 5


def test_a_try_stays_counted_when_what_follows_fails(theirs, now, monkeypatch):
    def broken(*args):
        raise RuntimeError("after the count")

    monkeypatch.setattr(pins, "check_password", broken)
    with pytest.raises(RuntimeError):
        pins.try_pin(user=theirs, typed=PIN, now=now)

    assert User.objects.get(pk=theirs.pk).pin_tries == 1


def test_the_key_outside_the_database_can_be_changed(theirs, now, settings):
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another " * 8
    assert tried(theirs, PIN, now) == "wrong_pin"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert tried(theirs, PIN, now) == "right"
    settings.SECRET_KEY_FALLBACKS = []
    assert tried(theirs, PIN, now) == "right", "once given, it is kept with the new key"


def test_a_new_pin_needs_the_old_one_and_one_that_will_not_do_costs_no_try(theirs, now):
    def change(typed, pin):
        with pytest.raises(ValidationError) as refused:
            pins.change_pin(user=theirs, typed=typed, pin=pin, born_on=BORN, session_key="", now=now)
        return refused.value.code

    assert [change(PIN, "123456"), change(PIN, PIN), change(WRONG, "902746")] == [
        "easy_pin",
        "same_pin",
        "wrong_pin",
    ]
    assert User.objects.get(pk=theirs.pk).pin_tries == 1

    pins.change_pin(user=theirs, typed=PIN, pin="902746", born_on=BORN, session_key="", now=now)

    assert (tried(theirs, PIN, now), tried(theirs, "902746", now)) == ("wrong_pin", "right")


def test_a_pin_that_was_chosen_or_changed_is_said_in_one_neutral_sentence(theirs, now):
    pins.change_pin(
        user=theirs, typed=PIN, pin="903615", born_on=BORN, session_key="", now=now + timedelta(hours=1)
    )

    told = Notification.objects.filter(to=theirs).order_by("pk")
    assert [(one.kind, one.wanted_at) for one in told] == [
        ("settings_changed", now), ("settings_changed", now + timedelta(hours=1)),
    ]  # fmt: skip


def test_a_forgotten_pin_is_gone_with_every_sign_in_and_its_wait(theirs, staff, now):
    browser = Client()
    browser.force_login(theirs)
    for _ in range(5):
        tried(theirs, WRONG, now)

    pins.forget_pin(user=theirs, by=staff, now=now)

    assert browser.get("/account/home/").headers["Location"].startswith("/account/login/")
    choose(theirs, "902746", now)
    assert tried(theirs, "902746", now) == "right"
