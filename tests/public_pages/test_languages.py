"""Languages: an address answers in its own, links stay in it, and nobody is guessed into one."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client

from cms.languages import in_language, split
from portal.languages import keep_language

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("/", "/ar/"),
        ("/search/?q=bed", "/ar/search/?q=bed"),
        ("/help/urgent/#phone-duty", "/ar/help/urgent/#phone-duty"),
        ("/handbook.pdf", "/handbook.pdf"),
        ("/me/", "/me/"),
        ("/account/login/?next=/me/", "/account/login/?next=/me/"),
        ("/static/portal.css", "/static/portal.css"),
        ("/vi/offer/", "/vi/offer/"),
        ("//elsewhere.example/", "//elsewhere.example/"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
    ],
)
def test_an_address_in_a_language(english, arabic):
    assert in_language(english, "ar") == arabic
    assert in_language(english, "en") == english


def test_a_prefix_is_a_whole_step_of_an_address():
    assert split("/ar/help/") == ("ar", "/help/")
    assert split("/ar") == ("ar", "/")
    assert split("/art/") == ("en", "/art/")


def test_an_address_without_prefix_is_english_whoever_asks(ask):
    page = ask("/help/urgent/", HTTP_ACCEPT_LANGUAGE="ar", HTTP_COOKIE="language=ps")

    assert '<html lang="en" dir="ltr">' in page.text


def test_a_page_without_translation_is_english_words_in_a_frame_of_the_language(ask):
    page = ask("/ar/handbook/laptop/")

    assert '<html lang="ar" dir="rtl">' in page.text
    assert '<main id="main" lang="en" dir="ltr"' in page.text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/handbook/laptop/">' in page.text
    assert 'href="/handbook/laptop/" hreflang="en"' in page.text
    assert 'href="/ar/help/urgent/"' in page.text
    assert 'href="/help/urgent/"' not in page.text
    assert 'href="/me/requests/new/' in page.text


def test_pages_are_held_for_each_language_apart(ask, pages):
    firsts = [ask(path) for path in ("/help/", "/ar/help/", "/vi/help/", "/ps/help/")]
    seconds = [ask(path) for path in ("/help/", "/ar/help/", "/vi/help/", "/ps/help/")]

    assert pages.drawn == 4
    assert seconds == firsts
    assert len({page.body for page in firsts}) == 4
    assert not any("Set-Cookie" in page.headers for page in firsts)


@pytest.mark.parametrize("path", ["/ar/me/", "/ar/account/login/"])
def test_a_persons_own_pages_have_one_address_and_the_language_goes_along(client: Client, path):
    answer = client.get(path)

    assert answer["Location"] == path.removeprefix("/ar")
    assert '<html lang="ar"' in client.get("/account/login/").text
    assert answer.cookies["language"]["max-age"] == "", "an address is no choice"


def test_no_prefix_leads_to_another_site(client: Client):
    for path in ("/ar//elsewhere.example/", "/ar//elsewhere.example/me/", "/ar//me/"):
        assert "elsewhere" not in client.get(path).get("Location", "").partition("elsewhere.example")[0]
        assert not client.get(path).get("Location", "").startswith("//")


def test_a_press_in_the_menu_keeps_the_page_and_the_choice(client: Client):
    answer = client.post("/language/", {"language": "ps", "next": "/vi/search/?q=bed"})

    assert answer.status_code == 302
    assert answer["Location"] == "/ps/search/?q=bed"
    assert answer.cookies["language"].value == "ps"
    assert '<html lang="ps" dir="rtl">' in client.get("/account/login/").text
    assert (
        client.post("/language/", {"language": "en", "next": "/account/login/"})["Location"]
        == "/account/login/"
    )
    assert '<html lang="en" dir="ltr">' in client.get("/account/login/").text


def test_from_every_language_a_press_leads_to_every_other_and_back_to_english(client: Client):
    for now, there in (("ar", "/ar/"), ("en", "/"), ("vi", "/vi/"), ("ps", "/ps/"), ("en", "/")):
        assert client.post("/language/", {"language": now, "next": "/ar/"})["Location"] == there


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:1", "", "/\\evil.example"]
)
def test_the_menu_leads_nowhere_else(client: Client, back):
    assert client.post("/language/", {"language": "ar", "next": back})["Location"] == "/ar/"


@pytest.mark.parametrize("rest", ["//elsewhere.example/", "/\\elsewhere.example/", "/\\/elsewhere.example/"])
def test_an_address_behind_a_prefix_is_never_another_sites(client: Client, rest):
    assert split(f"/ar{rest}") == ("ar", "/elsewhere.example/")
    assert client.post("/language/", {"language": "en", "next": f"/ar{rest}"})["Location"] in {
        "/elsewhere.example/",
        "/",
    }
    assert 'href="//' not in client.get("/ar//elsewhere.example/").text


def test_the_menu_knows_its_languages_and_no_others(client: Client):
    assert client.post("/language/", {"language": "tlh", "next": "/"}).status_code == 400
    assert (
        client.post("/language/", {"language": "ar"}, headers={"sec-fetch-site": "cross-site"}).status_code
        == 403
    )


def test_without_a_choice_the_way_in_speaks_as_the_page_before_it_did(client: Client):
    here = {"referer": "http://testserver/vi/help/"}
    elsewhere = {"referer": "http://elsewhere.example/vi/help/"}

    assert '<html lang="vi"' in client.get("/account/login/", headers=here).text
    assert '<html lang="en"' in client.get("/account/login/", headers=elsewhere).text
    assert '<html lang="en"' in client.get("/account/login/", headers={"accept-language": "vi"}).text


def test_a_redirect_stays_in_the_language(client: Client):
    assert client.get("/ar/help/urgent")["Location"] == "/ar/help/urgent/"


def test_a_page_that_is_not_there_says_so_in_the_language(client: Client):
    answer = client.get("/ar/nothing-here/")

    assert answer.status_code == 404
    assert '<html lang="ar" dir="rtl">' in answer.text


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_that_comes_packed_keeps_its_language_too(packed):
    html = b'<p lang="en"><a class="x" href="/help/?a=1#b">Help</a> <a href="/me/">Me</a> <form action=\'/search/\'>'
    answer = HttpResponse(gzip.compress(html) if packed else html)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"

    keep_language(answer, "ps")

    said = gzip.decompress(answer.content) if packed else answer.content
    assert said == html.replace(b"/help/", b"/ps/help/").replace(b"/search/", b"/ps/search/")
