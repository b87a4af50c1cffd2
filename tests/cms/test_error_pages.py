"""When something went wrong there is still help on the page: no database may be asked here, and none is."""

import re
import time
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.test import RequestFactory

from cms import error_views, phones

PAGES = {
    "400": (error_views.bad_request, 400),
    "403": (error_views.forbidden, 403),
    "csrf": (error_views.csrf_failure, 403),
    "404": (error_views.not_found, 404),
    "413": (error_views.too_large, 413),
    "429": (error_views.too_many, 429),
    "500": (error_views.server_error, 500),
    "503": (error_views.unavailable, 503),
    "offline": (error_views.offline, 200),
}


@pytest.mark.parametrize("page", PAGES)
def test_help_is_on_every_page_for_trouble_without_a_database(page):
    view, status = PAGES[page]
    began = time.perf_counter()
    answer = view(RequestFactory().get("/"))
    took = time.perf_counter() - began
    text = answer.content.decode()

    assert answer.status_code == status
    for number in ("tel:999", "tel:111", "tel:116123", "sms:85258"):
        assert number in text
    assert "Duty worker" in text
    assert text.index('class="leave"') < text.index("<header")
    assert "csrfmiddlewaretoken" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)
    assert took < 1


def test_too_much_sent_says_how_much_is_allowed():
    answer = error_views.bad_request(RequestFactory().post("/"), RequestDataTooBig())

    assert answer.status_code == 413
    assert "10 MB" in answer.content.decode()


def test_too_many_tries_says_how_long_to_wait():
    answer = error_views.too_many(RequestFactory().post("/"), minutes=1)

    assert "Wait 1 minute, then try again." in answer.content.decode()
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.parametrize("language", ["ar", "ps"])
def test_a_page_for_trouble_reads_from_right_to_left_where_the_reader_does(language):
    from django.utils.translation import override

    with override(language):
        text = error_views.not_found(RequestFactory().get("/")).content.decode()

    assert f'<html lang="{language}" dir="rtl">' in text
    assert "We do not have this number here yet" not in text


def test_the_help_block_cannot_be_left_empty(tmp_path):
    file = tmp_path / "phones.toml"
    file.write_text('[[phone]]\nkey = "emergency"\nname = "999"\nnumber = "999"\ntext_number = false\nhours = ""\n'
                    'checked_on = ""\nconfirmed = true\nhow_to_find = ""\n')  # fmt: skip

    with pytest.raises(LookupError, match="samaritans"):
        phones.read(file)


def test_a_corrected_number_shows_on_the_next_page_for_trouble_and_the_file_stays_the_fallback():
    phones.correct(
        [phones.Phone(key="duty", name="Duty worker", number="020 7946 0000", checked_on=date(2026, 11, 1))]
    )
    try:
        assert "tel:02079460000" in error_views.not_found(RequestFactory().get("/")).content.decode()
        assert "duty" not in [each.key for each in phones.unchecked_since(date(2026, 10, 1))]
    finally:
        phones.correct([])

    assert "tel:02079460000" not in error_views.not_found(RequestFactory().get("/")).content.decode()
    assert "duty" in [each.key for each in phones.unchecked_since(date(2026, 10, 1))]


def test_the_manifest_says_the_neutral_name_and_nothing_else(client):
    answer = client.get("/manifest.webmanifest").json()

    assert answer["name"] == answer["short_name"] == settings.BRAND_NAME
    assert "description" not in answer


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/search/?q=bed%00", "/me/requests/%00/", "/desk/requests/new/%00/"])
def test_a_nul_in_an_address_or_a_cookie_is_refused_before_anything_is_asked(address, client):
    assert client.get(address).status_code == 400
    client.cookies[settings.SESSION_COOKIE_NAME] = "a\0b"
    assert client.get("/").status_code == 400
