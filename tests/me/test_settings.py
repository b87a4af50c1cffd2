"""The few things she changes herself: silence in one tap, and the language."""

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.notifications.contact import contact_of
from portal.notifications.words import KINDS
from tests.factories import YoungPersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def user(client: Client, db: None) -> User:
    user: User = YoungPersonFactory().user
    client.force_login(user)
    return user


def test_not_safe_silences_everything_in_one_tap(client: Client, user: User) -> None:
    assert b"It is not safe to message me" in client.get("/me/settings/").content
    assert client.post("/me/settings/not-safe/").status_code == 302
    shown = client.get("/me/settings/").content
    assert b"All messages are stopped" in shown
    assert b"It is not safe to message me" not in shown
    assert all(contact_of(user, kind=kind).not_safe for kind in KINDS.values())


def test_silence_is_never_a_matter_of_opening_a_link(client: Client, user: User) -> None:
    assert client.get("/me/settings/not-safe/").status_code == 405
    assert b"It is not safe to message me" in client.get("/me/settings/").content


def test_the_language_of_messages_is_kept_by_the_account(client: Client, user: User) -> None:
    client.post("/me/settings/language/", {"language": "vi"})
    user.refresh_from_db()
    assert user.language == "vi"
    assert '<html lang="vi"' in client.get("/me/settings/").text


def test_a_phone_in_arabic_is_not_given_english_words_from_right_to_left(client: Client, user: User) -> None:
    page = client.get("/me/settings/", headers={"accept-language": "ar"}).content
    assert b'<html lang="en" dir="ltr"' in page


def test_a_language_that_is_not_there_changes_nothing_and_forgets_nothing(client: Client, user: User) -> None:
    client.post("/me/settings/not-safe/")
    answer = client.post("/me/settings/language/", {"language": "tlh"})
    assert answer.status_code == 200
    assert b"All messages are stopped" in answer.content
    user.refresh_from_db()
    assert user.language == "en"
