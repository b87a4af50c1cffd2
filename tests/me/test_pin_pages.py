"""The one door to what a borrowed sign-in must not do, an absence on one's own phone, and where one is signed in."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from portal.accounts import pins
from portal.accounts.models import Device, User
from portal.accounts.services import send_codes_asked, sign_out_others
from portal.accounts.sessions import OWN
from portal.accounts.sure import SURE
from portal.audit.models import AuditEvent
from portal.notifications.models import RecordedMessage
from portal.people.models import YoungPerson
from tests.conftest import NOW
from tests.factories import YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
DOOR, PIN_PAGE, DEVICES = "/me/settings/sure/", "/me/settings/pin/", "/me/settings/devices/"
LOOKED = f"{DOOR}?next=/me/settings/who-looked/"
PIN, OTHER, WRONG = "580371", "902746", "580372"


@pytest.fixture
def maya(db: None) -> YoungPerson:
    person: YoungPerson = YoungPersonFactory()
    User.objects.filter(pk=person.user.pk).update(phone="+447700900321")
    person.user.refresh_from_db()
    return person


@pytest.fixture
def with_pin(maya: YoungPerson) -> YoungPerson:
    pins.choose_pin(user=maya.user, pin=PIN, born_on=maya.born_on, session_key="", now=NOW)
    return maya


def signed_in(person: YoungPerson, **session: object) -> Client:
    """A phone she is signed in on, with what its sign-in holds."""
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 9; SM-J330F)"})
    phone.force_login(User.objects.get(pk=person.user.pk))
    held = phone.session
    held.update(session)
    held.save()
    Device.objects.create(
        user=person.user, session_key=held.session_key, name="Android phone", own_phone=bool(session.get(OWN)),
        first_on=NOW - timedelta(days=9), last_on=NOW,
    )  # fmt: skip
    return phone


def page(phone: Client, address: str = DOOR, **posted: str) -> str:
    answer = phone.post(address, posted) if posted else phone.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def is_in(phone: Client) -> bool:
    return phone.get("/account/home/").headers["Location"] == "/me/"


def test_the_first_time_a_code_and_a_pin_of_her_own_and_after_that_no_code_opens_the_door(
    maya: YoungPerson,
) -> None:
    phone, elsewhere = signed_in(maya), signed_in(maya)
    key = phone.session.session_key
    assert "Before that we send you a code" in page(phone)
    phone.post(LOOKED, {"send": "yes"})
    send_codes_asked(now=NOW)
    code = RecordedMessage.objects.get().body.split()[0]
    assert phone.post(LOOKED, {"pin": PIN, "again": PIN}).status_code == 200, "no code yet: no PIN"
    assert phone.post(LOOKED, {"code": code}).headers["Location"] == LOOKED
    assert "too easy to guess" in page(phone, LOOKED, pin="070107", again="070107")
    wrong = page(phone, LOOKED, pin=PIN, again=OTHER)
    assert "not the same 6 numbers" in wrong
    assert PIN not in wrong, "what was typed is never sent back"

    assert phone.post(LOOKED, {"pin": PIN, "again": PIN}).headers["Location"] == "/me/settings/who-looked/"

    assert phone.get("/me/settings/who-looked/").status_code == 200
    assert phone.session.session_key != key
    assert is_in(phone)
    assert not is_in(elsewhere), "every other sign-in ended"
    again = signed_in(maya)
    asked = page(again)
    assert "Send me a code" not in asked
    assert "Your PIN" in asked
    again.post(LOOKED, {"send": "yes"})
    assert again.get("/me/settings/who-looked/").status_code == 302


def test_the_pin_opens_the_door_for_a_quarter_of_an_hour(with_pin: YoungPerson, clock) -> None:
    phone = signed_in(with_pin)
    assert "You can try 4 more times" in page(phone, LOOKED, your_pin=WRONG)

    assert phone.post(LOOKED, {"your_pin": PIN}).headers["Location"] == "/me/settings/who-looked/"

    assert phone.get("/me/settings/who-looked/").status_code == 200
    clock.set(NOW + timedelta(minutes=16))
    assert phone.get("/me/settings/who-looked/").status_code == 302


def test_after_five_tries_the_page_says_until_when_and_help_stays_open(with_pin: YoungPerson) -> None:
    phone = signed_in(with_pin)
    for _ in range(5):
        shown = page(phone, LOOKED, your_pin=WRONG)

    assert "Too many tries" in shown
    assert "You can try again at 10:15" in page(phone, LOOKED, your_pin=PIN)
    assert [phone.get(address).status_code for address in ("/me/", "/me/adviser/")] == [200, 200]


def test_a_new_pin_ends_every_other_sign_in(with_pin: YoungPerson) -> None:
    phone, elsewhere = signed_in(with_pin), signed_in(with_pin)
    new = {"pin": OTHER, "again": OTHER}
    assert "You can try 4 more times" in page(phone, PIN_PAGE, old=WRONG, **new)
    assert is_in(elsewhere)

    assert phone.post(PIN_PAGE, {"old": PIN} | new).headers["Location"] == "/me/settings/"

    assert is_in(phone)
    assert not is_in(elsewhere)
    assert list(Device.objects.values_list("session_key", flat=True)) == [phone.session.session_key]


@pytest.fixture
def away(with_pin: YoungPerson, clock):
    """Her own phone, where she was reading and then nothing happened for eleven minutes."""
    with time_machine.travel(NOW, tick=False) as hand:
        clock.set(NOW)
        phone = signed_in(with_pin, **{OWN: True})
        assert phone.get("/me/").status_code == 200
        hand.shift(timedelta(minutes=11))
        yield phone


def test_after_ten_minutes_away_her_own_phone_asks_for_the_pin_on_every_page_of_hers(away: Client) -> None:
    for address in ("/me/", "/me/requests/", "/me/settings/who-looked/"):
        assert away.get(address).headers["Location"] == f"{DOOR}?next={address}"
    assert away.get("/help/urgent/").status_code in {200, 404}, "public pages ask nothing"
    shown = page(away, f"{DOOR}?next=/me/requests/")
    assert "You were away for 10 minutes" in shown
    assert "999" in shown

    assert away.post(f"{DOOR}?next=/me/requests/", {"your_pin": PIN}).headers["Location"] == "/me/requests/"
    assert away.get("/me/requests/").status_code == 200


def test_what_she_wrote_meanwhile_is_not_lost(away: Client) -> None:
    typed = {"language": "vi"}
    asked = page(away, "/me/settings/language/", **typed)
    assert '<input type="hidden" name="language" value="vi">' in asked
    assert User.objects.get().language == "en"
    assert "not your PIN" in page(away, "/me/settings/language/", your_pin=WRONG, **typed)

    User.objects.update(pin_opens_at=NOW + timedelta(hours=5))
    waiting = page(away, "/me/settings/language/", your_pin=PIN, **typed)
    assert "still here" in waiting
    assert 'name="language" value="vi"' in waiting
    User.objects.update(pin_opens_at=None)

    answer = away.post("/me/settings/language/", {"your_pin": PIN} | typed)

    assert answer.headers["Location"] == "/me/settings/"
    assert User.objects.get().language == "vi"


def test_somebody_to_talk_to_and_silence_and_the_way_out_need_no_pin(away: Client, maya: YoungPerson) -> None:
    assert "Contact me today" in page(away)
    away.post("/me/adviser/today/")
    assert maya.asked_duty.count() == 1
    assert "We have your message" in page(away)
    assert away.post("/me/settings/not-safe/").status_code == 302
    assert User.objects.get(contact_choice__not_safe_since__isnull=False) == maya.user
    assert "All messages are stopped" in page(away)
    assert away.post("/account/leave/").status_code == 303


@pytest.mark.parametrize(("own", "pin"), [(True, False), (False, True)])
def test_without_a_pin_or_on_a_shared_phone_ten_minutes_lock_nobody_out(
    maya: YoungPerson, clock, own: bool, pin: bool
) -> None:
    if pin:
        pins.choose_pin(user=maya.user, pin=PIN, born_on=maya.born_on, session_key="", now=NOW)
    with time_machine.travel(NOW, tick=False) as hand:
        phone = signed_in(maya, **{OWN: own})
        phone.get("/me/")
        hand.shift(timedelta(minutes=11))
        assert phone.get("/me/").status_code == 200
        assert ("Without one, whoever picks up this phone" in page(phone, "/me/settings/")) is own


def test_she_sees_kinds_and_days_and_signs_out_one_or_all_the_others(maya: YoungPerson) -> None:
    phone = signed_in(maya, **{SURE: NOW.timestamp()})
    one, two, strangers = signed_in(maya), signed_in(maya), signed_in(YoungPersonFactory())
    shown = page(phone, DEVICES)
    assert "Android phone: this one" in shown
    assert shown.count("First on 14 November 2026, last on 23 November 2026.") == 2
    mine, other, theirs = (
        Device.objects.get(session_key=client.session.session_key).pk for client in (phone, one, strangers)
    )

    for out in (other, theirs, mine, "x", "9" * 30):
        phone.post(DEVICES, {"out": out})

    assert [is_in(client) for client in (phone, one, two, strangers)] == [True, False, True, True]
    phone.post(DEVICES, {"out": "others"})
    assert [is_in(client) for client in (phone, two, strangers)] == [True, False, True]
    assert "You are signed in nowhere else" in page(phone, DEVICES)
    done = AuditEvent.objects.filter(actor_id=maya.user.pk, action__contains="signed_out").order_by("pk")
    assert list(done.values_list("action", flat=True)) == ["device_signed_out", "signed_out_elsewhere"]


def test_where_she_is_signed_in_is_not_for_whoever_holds_the_phone(maya: YoungPerson) -> None:
    phone, elsewhere = signed_in(maya), signed_in(maya)

    assert phone.post(DEVICES, {"out": "others"}).headers["Location"] == f"{DOOR}?next={DEVICES}"

    assert is_in(elsewhere)


def test_signing_out_the_others_alone_does_not_keep_a_sign_in(maya: YoungPerson) -> None:
    """The twin of the tests above: without going on, this sign-in ends like all the rest."""
    phone = signed_in(maya)

    sign_out_others(user=maya.user, session_key=phone.session.session_key or "", by=maya.user, now=NOW)

    assert not is_in(phone)
