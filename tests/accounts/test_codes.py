import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from cms.languages import COOKIE_AGE
from portal.accounts import services, tasks
from portal.accounts.destinations import normalise
from portal.accounts.models import SignInCode, User
from portal.notifications import outbox
from portal.notifications.models import RecordedMessage
from portal.notifications.words import denied, fits_one_segment

pytestmark = pytest.mark.django_db


def test_a_young_person_signs_in_with_the_code_sent_to_their_email(door, young):
    assert door.ask("maya@example.com").headers["Location"] == "/account/code/"

    answer = door.type_code(door.sent()[0])

    assert answer.headers["Location"] == "/account/own-phone/"
    assert door.browser.get("/account/home/").headers["Location"] == "/me/"


@pytest.mark.parametrize(
    ("asked_for", "on_this_device", "spoken"),
    [("ar", None, "ar"), ("ar", "vi", "vi"), ("ar", "vi-unchosen", "ar"), ("en", None, "en")],
)
def test_the_language_chosen_before_is_spoken_unless_this_device_has_its_own(
    door, young, asked_for, on_this_device, spoken
):
    young.language = asked_for
    young.save(update_fields=["language"])
    if on_this_device:
        door.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = on_this_device
    door.ask("maya@example.com")

    door.type_code(door.sent()[0])

    home = door.browser.get("/account/own-phone/")
    assert f'<html lang="{spoken}"' in home.content.decode()
    door.browser.post("/language/", {"language": "en", "next": "/me/"})  # nobody is trapped in it
    assert '<html lang="en"' in door.browser.get("/account/own-phone/").content.decode()


def language_kept(browser):
    """For how many seconds this browser keeps a language; empty: until it is closed; nothing: it has none."""
    found = browser.cookies.get(settings.LANGUAGE_COOKIE_NAME)
    return found["max-age"] if found and found.value else None


@pytest.mark.parametrize("way_out", ["/account/logout/", "/account/leave/"])
@pytest.mark.parametrize("own", ["yes", "no"])
def test_an_accounts_language_stays_on_a_phone_no_longer_than_its_owner(door, young, own, way_out):
    User.objects.filter(pk=young.pk).update(language="ar")
    door.ask("maya@example.com")
    door.type_code(door.sent()[0])
    assert language_kept(door.browser) == "", "nobody has said yet whose phone this is"

    door.browser.post("/account/own-phone/", {"own": own})
    kept = COOKIE_AGE if own == "yes" else ""
    assert language_kept(door.browser) == kept
    door.browser.post("/me/settings/language/", {"language": "ps"})
    assert language_kept(door.browser) == kept

    door.browser.post(way_out)
    assert language_kept(door.browser) is None
    assert '<html lang="en"' in door.browser.get("/account/login/").text


def test_a_language_somebody_chose_in_the_menu_stays_when_they_sign_out(door, young):
    door.ask("maya@example.com")
    door.type_code(door.sent()[0])
    door.browser.post("/language/", {"language": "vi", "next": "/me/"})

    door.browser.post("/account/logout/")

    assert '<html lang="vi"' in door.browser.get("/account/login/").text


@pytest.mark.parametrize("typed", ["07700 900001", "+44 7700 900 001", "0044-7700-900001", "(07700) 900001"])
def test_every_way_to_write_a_number_reaches_the_same_person(door, young, typed):
    door.ask(typed)

    assert RecordedMessage.objects.get().destination == "+447700900001"
    assert door.type_code(door.sent()[0]).headers["Location"] == "/account/own-phone/"


@pytest.mark.parametrize(
    "typed", ["hello", "020 7946 0000", "+33 6 12 34 56 78", "07", "a@b", "070 1234 5678"]
)
def test_what_is_neither_an_email_nor_a_uk_mobile_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError) as refusal:
        normalise(typed)

    assert refusal.value.code == "not_a_destination"


def test_the_code_is_kept_as_a_hash_and_never_travels_through_the_broker(door, young, worker):
    door.browser.post("/account/login/", {"where": young.email})
    assert worker.waiting == [SignInCode.objects.get().pk]
    worker.work()

    kept = SignInCode.objects.get()
    assert door.sent()[0] not in kept.code_hash
    assert len(kept.code_hash) == 64


def test_the_message_is_one_harmless_segment(young, now):
    for language in ("en", "ar", "ps", "vi"):
        services.deliver_code(
            destination=young.phone, channel="SMS", code="123456", now=now, language=language
        )

    for message in RecordedMessage.objects.all():
        assert "123456" in message.body
        assert fits_one_segment(message.body)
        assert not denied(message.body)


def test_a_code_works_once(door, young):
    door.ask(young.email)
    code = door.sent()[0]
    door.type_code(code)
    door.browser.post("/account/logout/")

    assert door.type_code(code).status_code == 200
    assert "_auth_user_id" not in door.browser.session


def test_a_code_works_for_ten_minutes(door, young, now, clock):
    door.ask(young.email)

    clock.set(now + timedelta(minutes=10, seconds=5))

    assert b"no longer works" in door.type_code(door.sent()[0]).content


def test_a_code_works_only_in_the_browser_that_asked(door, young):
    door.ask(young.email)

    assert Client().post("/account/code/", {"code": door.sent()[0]}).status_code == 200


def test_after_five_wrong_tries_even_the_right_code_is_over(door, young):
    door.ask(young.email)
    right = door.sent()[0]
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(4):
        assert b"not the code" in door.type_code(wrong).content
    assert b"no longer works" in door.type_code(wrong).content

    assert b"no longer works" in door.type_code(right).content


def test_two_workers_send_one_code(door, young, now):
    door.browser.post("/account/login/", {"where": young.email})
    code_id = SignInCode.objects.get().pk

    assert services.send_code(code_id=code_id, now=now) is True
    assert services.send_code(code_id=code_id, now=now) is False
    assert RecordedMessage.objects.count() == 1


def test_three_codes_an_hour_go_to_one_number_however_it_is_written_and_from_whatever_browser(young, worker):
    written = ["07700900001", "+447700900001", "07700 900 001", "0044 7700 900001", "07700900001"]
    for number, address in enumerate(written):
        Client().post(
            "/account/login/", {"where": address}, headers={"X-Forwarded-For": f"203.0.113.{number}"}
        )
        worker.work()

    assert RecordedMessage.objects.count() == 3


def test_ten_codes_a_day_go_to_one_account_over_email_and_number_together(young, worker, now):
    for hour in range(8):
        worker.now = now + timedelta(hours=hour * 1.5)
        for where in (young.email, young.phone):
            asked, _key = services.ask_for_code(
                channel="EMAIL" if "@" in where else "SMS", destination=where, caller=where, now=worker.now
            )
            services.send_code(code_id=asked.pk, now=worker.now)

    assert RecordedMessage.objects.count() == 10


def test_an_attacker_who_uses_up_the_codes_does_not_lock_out_a_phone_known_from_before(
    door, young, signed_in, worker
):
    signed_in(young, own="yes")
    door.browser.post("/account/logout/")
    for _ in range(5):
        Client().post("/account/login/", {"where": young.email})
    worker.work()
    before = RecordedMessage.objects.count()

    door.ask(young.email)

    assert RecordedMessage.objects.count() == before + 1
    assert door.type_code(door.sent()[-1]).headers["Location"] == "/account/own-phone/"


def test_one_network_address_asks_sixty_times_an_hour_and_a_forged_header_does_not_help(worker, db):
    for number in range(62):
        Client().post(
            "/account/login/",
            {"where": f"{number}@example.com"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )

    assert SignInCode.objects.count() == 60


def test_the_proxy_says_who_asks_and_not_the_browser(settings, rf):
    from portal.accounts.limits import caller

    settings.TRUSTED_PROXY_COUNT = 1

    assert caller(rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.7"})) == "198.51.100.7"


def test_the_daily_ceiling_for_texts_stops_them_and_says_so(door, young, settings, caplog):
    settings.DAILY_TEXT_LIMIT = 0

    door.ask(young.phone)

    assert not RecordedMessage.objects.exists()
    assert "ceiling" in caplog.text


@pytest.mark.parametrize("state", [{"is_active": False}, {"frozen": True}])
def test_a_closed_or_frozen_account_gets_no_code(door, young, now, state):
    young.is_active = state.get("is_active", True)
    young.frozen_at = now if state.get("frozen") else None
    young.save()

    assert door.ask(young.email).headers["Location"] == "/account/code/"
    assert not RecordedMessage.objects.exists()


def test_staff_never_get_in_with_a_code_alone(door, staff):
    assert door.ask(staff.email).headers["Location"] == "/account/code/"

    assert not RecordedMessage.objects.exists()


def test_old_codes_and_tries_are_forgotten(door, young, now):
    door.ask(young.email)

    assert services.forget_spent(now=now + timedelta(days=1)) == 0
    assert services.forget_spent(now=now + timedelta(days=3)) > 0
    assert not SignInCode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_down_the_code_is_sent_from_here(young, monkeypatch):
    def broken(*args, **kwargs):
        raise ConnectionError

    bell = outbox.Bell()
    monkeypatch.setattr(tasks, "bell", bell)
    monkeypatch.setattr(outbox.current_app, "send_task", broken)

    assert Client().post("/account/login/", {"where": young.email}).status_code == 302
    for thread in threading.enumerate():
        if thread.name == "send-code":
            thread.join(timeout=20)

    assert RecordedMessage.objects.count() == 1
    assert bell.unheard == 1
