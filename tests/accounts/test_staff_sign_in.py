import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from portal.accounts.adapters import AccountAdapter, StaffAccountAdapter
from portal.accounts.models import Role, RoleHeld

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def outside_the_demo(settings):
    settings.STAFF_SECOND_FACTOR = True


def _code(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


def _password(browser, email="sam@example.com", password=PASSWORD, **headers):
    return browser.post("/account/staff/", {"login": email, "password": password}, headers=headers or None)


@pytest.fixture
def secret(staff, rf):
    """The key in an authenticator app that was set up before."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(staff, secret)
    return secret


def test_staff_show_a_password_and_then_a_code_from_their_app(staff, secret):
    browser = Client()
    assert _password(browser).headers["Location"] == "/account/second-factor/authenticate/"
    assert browser.get("/desk/").status_code == 302

    browser.post("/account/second-factor/authenticate/", {"code": _code(secret)})

    assert browser.get("/account/home/").headers["Location"] == "/desk/"


def test_staff_without_a_second_factor_set_one_up_before_anything_else(staff):
    browser = Client()
    _password(browser)
    for page in ("/desk/", "/account/home/", "/cms/", "/"):
        assert browser.get(page).headers["Location"] == "/account/second-factor/totp/activate/", page

    browser.get("/account/second-factor/totp/activate/", follow=True)
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/account/second-factor/totp/activate/")
    assert page.status_code == 200
    secret = browser.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    done = browser.post("/account/second-factor/totp/activate/", {"code": _code(secret)})

    assert done.headers["Location"] == "/account/second-factor/recovery-codes/"
    assert browser.get("/account/second-factor/recovery-codes/").status_code in {200, 302}
    assert browser.get("/desk/").headers["Location"] == "/account/staff/"  # and now sign in with both


def test_the_key_of_the_app_is_encrypted_in_the_database(staff, secret):
    kept = Authenticator.objects.get(user=staff, type="totp").data

    assert secret not in str(kept)


def test_a_code_from_the_app_is_tried_ten_times_and_no_more(staff, secret):
    browser = Client()
    _password(browser)
    statuses = [
        browser.post("/account/second-factor/authenticate/", {"code": "000000"}).status_code
        for _ in range(11)
    ]

    assert statuses[-1] == 429


def test_a_password_is_tried_five_times_from_one_place(staff):
    for _ in range(5):
        assert _password(Client(), password="wrong password").status_code == 200

    assert b"Too many tries" in _password(Client()).content
    assert _password(Client(), email="grace@example.com", password="x").status_code == 200


def test_wrong_tries_are_forgotten_after_a_right_one(staff, secret):
    for _ in range(4):
        _password(Client(), password="wrong password")
    assert _password(Client()).status_code == 302
    for _ in range(4):
        assert b"Too many" not in _password(Client(), password="wrong password").content


def test_a_young_person_with_a_password_finds_no_way_in_here(young):
    young.set_password(PASSWORD)
    young.save()

    assert _password(Client(), email=young.email).status_code == 200


def test_somebody_whose_roles_have_ended_finds_no_way_in(staff, now):
    RoleHeld.objects.filter(user=staff).update(ends_on=now.date(), starts_on=now.date())
    RoleHeld.objects.filter(user=staff).delete()

    assert _password(Client()).status_code == 200


def test_a_frozen_member_of_staff_finds_no_way_in(staff, now):
    staff.frozen_at = now
    staff.save()

    assert _password(Client()).status_code == 200


def test_a_young_person_is_never_asked_for_a_second_factor_here(young):
    browser = Client()
    browser.force_login(young)

    assert browser.get("/account/home/").headers["Location"] == "/me/"


def test_every_role_but_a_guests_counts_as_staff(young, now):
    RoleHeld.objects.create(user=young, role=Role.ADVOCATE, starts_on=now.date())
    browser = Client()
    browser.force_login(young)
    assert browser.get("/account/home/").headers["Location"] == "/seat/"

    RoleHeld.objects.create(user=young, role=Role.OUT_OF_HOURS, starts_on=now.date())
    assert browser.get("/account/home/").headers["Location"].startswith("/account/second-factor/")


# The council's own directory


class _FromDirectory:
    """What the library hands over when somebody comes from the directory."""

    def __init__(self, user):
        self.user = user
        self.is_existing = user is not None


def _comes_from_directory(rf, now, user):
    request = rf.get("/")
    request.now, request.today = now, now.date()
    StaffAccountAdapter().pre_social_login(request, _FromDirectory(user))


def test_from_the_directory_only_staff_with_an_open_account_come_in(rf, now, staff, young):
    _comes_from_directory(rf, now, staff)

    for nobody in (None, young):
        with pytest.raises(ImmediateHttpResponse) as turned_away:
            _comes_from_directory(rf, now, nobody)
        assert turned_away.value.response.headers["Location"] == "/account/staff/"
    staff.frozen_at = now
    with pytest.raises(ImmediateHttpResponse):
        _comes_from_directory(rf, now, staff)


def test_the_directory_never_makes_an_account(rf):
    assert StaffAccountAdapter().is_open_for_signup(rf.get("/"), None) is False
    assert AccountAdapter().is_open_for_signup(rf.get("/")) is False
