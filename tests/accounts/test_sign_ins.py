from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from portal.accounts import services
from portal.accounts.devices import coarse_name
from portal.accounts.models import Device, Role, RoleHeld, User
from portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def travel(now, clock):
    """Moves the real clock of this process, as time in the hand goes by."""
    with time_machine.travel(now, tick=False) as traveller:
        clock.set(now)
        yield lambda **by: traveller.shift(timedelta(**by))


def _is_in(browser):
    return browser.get("/account/home/").headers["Location"] == "/me/"


def test_a_shared_phone_is_signed_out_after_fifteen_idle_minutes(young, signed_in, travel):
    browser = signed_in(young)
    travel(minutes=14)
    assert _is_in(browser)
    travel(minutes=16)

    assert not _is_in(browser)


@pytest.mark.parametrize(
    ("own", "after", "spoken"), [("no", {"minutes": 16}, "en"), ("yes", {"days": 14, "minutes": 1}, "ar")]
)
def test_whoever_comes_after_a_sign_in_that_ran_out_on_a_shared_phone_is_not_spoken_to_in_its_language(
    young, signed_in, travel, own, after, spoken
):
    User.objects.filter(pk=young.pk).update(language="ar")
    browser = signed_in(young, own=own)
    assert '<html lang="ar"' in browser.get("/me/settings/").text
    travel(**after)

    for answer in (browser.get("/account/login/"), browser.get("/account/login/")):
        assert f'<html lang="{spoken}"' in answer.text
        assert answer.headers["Content-Language"] == spoken


def test_whoever_says_after_all_that_the_phone_is_shared_is_believed(young, signed_in, travel):
    browser = signed_in(young, own="yes")

    answer = browser.post("/account/own-phone/", {"own": "no"})

    assert browser.session.get_expire_at_browser_close()
    assert answer.cookies["device"].value == ""
    assert list(Device.objects.values_list("own_phone", flat=True)) == [False]
    travel(minutes=16)
    assert not _is_in(browser)


def test_until_somebody_says_it_is_theirs_a_phone_counts_as_shared(young, door, travel):
    door.ask(young.email)
    door.type_code(door.sent()[0])
    assert door.browser.session.get_expire_at_browser_close()
    travel(minutes=16)

    assert not _is_in(door.browser)


def test_their_own_phone_stays_signed_in_for_fourteen_days(young, signed_in, travel):
    browser = signed_in(young, own="yes")
    travel(days=13)
    assert _is_in(browser)
    travel(days=1, minutes=1)

    assert not _is_in(browser)


def test_staff_are_signed_out_after_fifteen_idle_minutes_and_after_ten_hours_in_all(staff, travel):
    browser = Client()
    browser.force_login(staff)
    at_the_desk = browser.get("/account/home/").headers["Location"]
    assert at_the_desk == "/desk/"
    for _ in range(42):
        travel(minutes=14)
        assert browser.get("/account/home/").headers["Location"] == "/desk/"
    travel(minutes=14)
    assert browser.get("/account/home/").headers["Location"].startswith("/account/login/")

    browser.force_login(staff)
    browser.get("/account/home/")
    travel(minutes=16)
    assert browser.get("/account/home/").headers["Location"].startswith("/account/login/")


def test_moving_the_demos_clock_signs_nobody_out(young, signed_in, clock):
    browser = signed_in(young)

    clock.forward(days=3)

    assert _is_in(browser)


def test_a_frozen_account_is_out_at_its_next_request_on_every_device(young, staff, signed_in, now):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(young)
        assert _is_in(browser)

    services.freeze(user=young, by=staff, now=now)

    assert not any(_is_in(browser) for browser in browsers)
    services.unfreeze(user=young, by=staff, now=now)
    assert not any(_is_in(browser) for browser in browsers)


def test_a_closed_account_is_out_at_its_next_request(young):
    browser = Client()
    browser.force_login(young)
    User.objects.filter(pk=young.pk).update(is_active=False)

    assert not _is_in(browser)


def test_signing_out_everywhere_ends_every_sign_in_and_leaves_a_line(young, now):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(young)

    services.sign_out_everywhere(user=young, by=young, now=now)

    assert not any(_is_in(browser) for browser in browsers)
    assert AuditEvent.objects.filter(action="signed_out_everywhere", actor_id=young.pk).exists()


def test_the_key_of_a_sign_in_is_new_each_time(young, door):
    door.browser.get("/account/login/")
    door.ask(young.email)
    before = door.browser.cookies.get("s")
    door.type_code(door.sent()[0])
    first = door.browser.cookies["s"].value
    door.browser.post("/account/logout/")
    door.ask(young.email)
    door.type_code(door.sent()[1])

    assert before is None or before.value != first
    assert door.browser.cookies["s"].value != first


@pytest.mark.parametrize("method", ["get", "post"])
def test_leaving_ends_the_sign_in_on_the_server_without_script_or_token(young, method, settings):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(young)
    stolen = browser.cookies["s"].value

    answer = getattr(browser, method)("/account/leave/")

    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    page = browser.get(answer.headers["Location"])
    assert page.headers["Refresh"] == f"0; url={settings.LEAVE_TO}"
    assert b"cannot wipe your history" in page.content
    again = Client()
    again.cookies["s"] = stolen
    assert not _is_in(again)


def test_anybody_may_leave_signed_in_or_not(db):
    assert Client().get("/account/leave/").status_code == 303


def test_signing_out_asks_first_by_get_and_clears_the_browser_by_post(young):
    browser = Client()
    browser.force_login(young)
    assert browser.get("/account/logout/").status_code == 200
    assert _is_in(browser)

    answer = browser.post("/account/logout/")

    assert answer.headers["Location"] == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not _is_in(browser)


@pytest.mark.parametrize(
    ("roles", "front"),
    [
        ([], "/me/"),
        ([Role.PERSONAL_ADVISER], "/desk/"),
        ([Role.SERVICE_MANAGER, Role.BUDGET_HOLDER], "/desk/"),
        ([Role.FINANCE_OFFICER], "/desk/finance/"),
        ([Role.EDITOR], "/cms/"),
        ([Role.PUBLISHER, Role.EDITOR], "/cms/"),
        ([Role.BUDGET_HOLDER], "/cms/"),
    ],
)
def test_each_person_begins_at_their_own_front_page(young, now, roles, front):
    for role in roles:
        RoleHeld.objects.create(user=young, role=role, starts_on=now.date())
    browser = Client()
    browser.force_login(young)

    assert browser.get("/account/home/").headers["Location"] == front


def test_who_has_no_pages_of_their_own_is_told_so(young, now):
    RoleHeld.objects.create(user=young, role=Role.AUDITOR, starts_on=now.date())
    browser = Client()
    browser.force_login(young)

    assert "Your role has no pages of its own here" in browser.get("/account/home/").text


def test_after_signing_in_they_go_on_to_the_page_they_wanted_and_never_to_another_site(young, door):
    for wanted, there in (("/me/requests/", "/me/requests/"), ("https://evil.example/", "/account/home/"),
                          ("//evil.example/", "/account/home/")):  # fmt: skip
        door.ask(young.email)
        door.type_code(door.sent()[-1])
        answer = door.browser.post("/account/own-phone/", {"own": "no", "next": wanted})
        assert answer.headers["Location"] == there
        door.browser.post("/account/logout/")


def test_a_device_is_a_coarse_name_and_two_days_and_nothing_more(young, signed_in, now):
    signed_in(young, own="yes")

    device = Device.objects.get(user=young)
    assert (device.own_phone, device.first_on, device.last_on) == (True, now.date(), now.date())
    assert {field.name for field in Device._meta.fields}.isdisjoint({"ip", "address", "user_agent", "place"})
    assert coarse_name("Mozilla/5.0 (Linux; Android 9; SM-J330F) Chrome/99.0") == "Android phone"


def test_a_role_that_changes_ends_the_sign_in_and_moves_the_publishing_groups(staff, now):
    boss = User.objects.create(username="priya")
    browser = Client()
    browser.force_login(staff)
    services.give_role(
        user=staff, role=Role.EDITOR, starts_on=now.date() - timedelta(days=9), by=boss, now=now
    )
    assert list(staff.groups.values_list("name", flat=True)) == ["Editors"]
    assert browser.get("/account/home/").headers["Location"].startswith("/account/login/")

    services.end_role(user=staff, role=Role.EDITOR, ends_on=now.date() - timedelta(days=1), by=boss, now=now)

    assert not staff.groups.exists()


def test_a_role_that_ended_in_the_night_takes_its_group_at_the_next_sign_in(staff, now):
    boss = User.objects.create(username="priya")
    services.give_role(
        user=staff, role=Role.EDITOR, starts_on=now.date() - timedelta(days=9), ends_on=now.date() - timedelta(days=1),
        by=boss, now=now - timedelta(days=9),
    )  # fmt: skip
    assert staff.groups.filter(name="Editors").exists()
    browser = Client()
    browser.force_login(staff)
    browser.get("/account/home/")

    assert not staff.groups.exists()


def test_nobody_changes_their_own_roles(staff, now):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as refusal:
        services.give_role(user=staff, role=Role.SERVICE_MANAGER, starts_on=now.date(), by=staff, now=now)

    assert refusal.value.code == "own_role"
