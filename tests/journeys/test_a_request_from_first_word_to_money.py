"""Maya asks for a bed; Sam and Priya decide. Through HTTP, as browsers do it without JavaScript."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.models import EvidencePage, PaymentRequest
from portal.payments.rules import Status
from portal.refs import new_token
from tests.factories import YoungPersonFactory
from tests.payments.conftest import House, house  # noqa: F401 - a fixture
from tests.payments.test_asking import code_of

LEAK = re.compile("Maya|£|bed|payment", re.IGNORECASE)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def hidden(response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return found[1]


def a_photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "JPEG")
    out.seek(0)
    out.name = "price.jpg"
    return out


def ask(
    client: Client,
    house: House,  # noqa: F811
    *,
    pounds: str = "180",
    photo: bool = True,
) -> PaymentRequest:
    """Everything a young person does, page by page, until the story."""
    address = f"/me/requests/new/?for={house.version.entitlement.code}"
    first = client.get(address)
    said = {"token": hidden(first, "token"), "story": "A bed for my flat."}
    step = client.post(address, said)
    assert step.status_code == 302, text_of(step)
    ref = step.url.split("/")[3]
    pages = [
        ("amount", {"pence": pounds}),
        ("when", {"when": "ANY"}),
        ("how", {"how": "BANK"}),
        ("photo", {"photos": a_photo()} if photo else {"no_evidence_why": "The shop is shut."}),
    ]
    for name, answer in pages:
        assert step.url == f"/me/requests/{ref}/ask/{name}/"
        step = client.post(step.url, answer)
        assert step.status_code == 302, text_of(step)
    check = client.get(step.url)
    assert "A bed for my flat." in text_of(check)
    sent = client.post(step.url, {"token": hidden(check, "token"), "shown": hidden(check, "shown")})
    assert sent.url == f"/me/requests/{ref}/"
    return PaymentRequest.objects.get(ref=ref)


def take(client: Client, asked: PaymentRequest, action: str, **said) -> object:
    """A staff step: open the page, fill the form, press."""
    address = f"/desk/requests/{asked.ref}/"
    prefix = action.lower()
    seen = hidden(client.get(address), f"{prefix}-seen")
    data = {f"{prefix}-{name}": value for name, value in said.items()}
    return client.post(address, {"action": action, f"{prefix}-seen": seen, **data})


@pytest.fixture
def maya(house):  # noqa: F811
    return signed_in(house.maya.user)


@pytest.fixture
def sam(house):  # noqa: F811
    return signed_in(house.sam)


@pytest.fixture
def priya(house):  # noqa: F811
    return signed_in(house.priya)


def test_ask_recommend_approve_and_every_step_is_told(house, maya, sam, priya) -> None:  # noqa: F811
    asked = ask(maya, house)
    story = text_of(maya.get(f"/me/requests/{asked.ref}/"))
    assert "We will decide by Monday 30 November" in story
    assert "It is with Sam now" in story

    queue = sam.get("/desk/requests/")
    assert "Maya" in text_of(queue)
    screen = text_of(sam.get(f"/desk/requests/{asked.ref}/"))
    assert "£3,000 left" in screen
    assert "Needs a team manager" in screen
    assert take(sam, asked, "RECOMMEND", pence="180", staff_words="She moves on Friday.").status_code == 302

    assert "With Priya" in text_of(maya.get("/me/requests/"))
    assert "She moves on Friday." in text_of(priya.get(f"/desk/requests/{asked.ref}/"))
    assert take(priya, asked, "APPROVE", pence="180").status_code == 302

    story = text_of(maya.get(f"/me/requests/{asked.ref}/"))
    assert "Yes to £180" in story
    assert "You get it by Thursday 26 November" in story
    assert "She moves on Friday." not in story


def test_somebody_who_cannot_wait_reads_of_help_today_before_anything_else(house, maya) -> None:  # noqa: F811
    assert text_of(maya.get("/me/requests/new/")).index("No food, heat") < 500
    draft = services.start(
        young_person=house.maya, entitlement=None, token=new_token(), by=house.maya.user, now=house.now,
        answers={"title": "Food", "story": "Until Friday.", "pence": None, "amount_said": True, "how": "VOUCHER",
                 "no_evidence_why": "No.", "photos_said": True},
    )  # fmt: skip
    assert maya.post(f"/me/requests/{draft.ref}/ask/when/", {"when": "URGENT"}).status_code == 302

    check = maya.get(f"/me/requests/{draft.ref}/check/")
    for page in (maya.get(f"/me/requests/{draft.ref}/ask/photo/"), check):
        assert text_of(page).index("You can get help today") < text_of(page).index("Photos")
    maya.post(check.request["PATH_INFO"], {"token": hidden(check, "token"), "shown": hidden(check, "shown")})

    story = text_of(maya.get(f"/me/requests/{draft.ref}/"))
    assert story.index("You can get help today") < story.index("We will decide by")
    assert "You do not need to do anything" not in story


def test_more_is_asked_and_answered_with_a_photo(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house, photo=False)
    sent = take(sam, asked, "ASK_MORE", code="PRICE", words="Can you send the price?")
    assert sent.status_code == 302

    assert "Can you send the price?" in text_of(maya.get(f"/me/requests/{asked.ref}/"))
    answered = maya.post(f"/me/requests/{asked.ref}/more/", {"words": "", "photos": a_photo()})

    assert answered.status_code == 302
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED
    assert EvidencePage.objects.count() == 1


def test_a_no_is_previewed_explained_and_looked_at_by_somebody_else(house, maya, sam, priya) -> None:  # noqa: F811
    asked = ask(maya, house)
    no = {"code": "ANOTHER_WAY", "words": "The shop gives beds for free."}
    seen = hidden(priya.get(f"/desk/requests/{asked.ref}/"), "decline-seen")
    form = {
        "action": "DECLINE",
        "decline-seen": seen,
        **{f"decline-{name}": said for name, said in no.items()},
    }

    preview = priya.post(f"/desk/requests/{asked.ref}/", {**form, "preview": "1"})
    assert "They will read" in text_of(preview)
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED
    assert priya.post(f"/desk/requests/{asked.ref}/", form).status_code == 302

    story = text_of(maya.get(f"/me/requests/{asked.ref}/"))
    for words in ("There is a better way to get this", "The shop gives beds for free.", "Priya decided this",
                  "Have someone else look", "Get an advocate", "Complain"):  # fmt: skip
        assert words in story
    assert maya.post(f"/me/requests/{asked.ref}/review/", {"words": ""}).status_code == 302
    assert "With Omar" in text_of(maya.get(f"/me/requests/{asked.ref}/"))

    refused = take(priya, asked, "CHANGE", pence="180", words="I look again.")
    assert "you had a hand in this" in text_of(refused)
    omar = signed_in(house.omar)
    assert take(omar, asked, "CHANGE", pence="180", words="You are right.").status_code == 302
    assert "Yes to £180" in text_of(maya.get(f"/me/requests/{asked.ref}/"))


def test_a_refusal_without_words_keeps_what_was_typed(house, maya, priya) -> None:  # noqa: F811
    asked = ask(maya, house)

    page = take(priya, asked, "DECLINE", code="", words="The shop gives beds for free.")

    assert page.status_code == 200
    assert "The shop gives beds for free." in text_of(page)
    assert "Choose one" in text_of(page)


def test_it_can_be_taken_back_quietly(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house)

    assert "nobody asks you why" in text_of(maya.get(f"/me/requests/{asked.ref}/withdraw/"))
    assert maya.post(f"/me/requests/{asked.ref}/withdraw/").status_code == 302

    assert "You took it back" in text_of(maya.get(f"/me/requests/{asked.ref}/"))
    assert "Maya" not in text_of(sam.get("/desk/requests/?show=waiting"))


def test_a_stale_screen_gets_the_difference_and_keeps_the_words(house, maya, sam, priya) -> None:  # noqa: F811
    asked = ask(maya, house)
    seen = hidden(priya.get(f"/desk/requests/{asked.ref}/"), "approve-seen")
    take(sam, asked, "RECOMMEND", pence="150", staff_words="")

    late = priya.post(
        f"/desk/requests/{asked.ref}/",
        {"action": "APPROVE", "approve-seen": seen, "approve-pence": "180", "approve-words": "Good luck."},
    )

    assert late.status_code == 409
    assert "Sam said yes and passed it on" in text_of(late)
    assert "Good luck." in text_of(late)
    asked.refresh_from_db()
    assert asked.status == Status.RECOMMENDED


def test_sending_the_same_form_again_shows_what_it_made(house, maya) -> None:  # noqa: F811
    draft = house.draft(amount_said=True, when="ANY", photos_said=True)
    check = maya.get(f"/me/requests/{draft.ref}/check/")
    form = {"token": hidden(check, "token"), "shown": hidden(check, "shown")}

    first = maya.post(f"/me/requests/{draft.ref}/check/", form)
    again = maya.post(f"/me/requests/{draft.ref}/check/", form)
    other = maya.post(f"/me/requests/{draft.ref}/check/", {**form, "talk_first": "on"})

    assert first.url == again.url == f"/me/requests/{draft.ref}/"
    assert other.status_code == 409
    assert PaymentRequest.objects.count() == 1


def test_a_draft_follows_from_a_lost_phone_and_says_what_is_missing(house, maya) -> None:  # noqa: F811
    address = f"/me/requests/new/?for={house.version.entitlement.code}"
    maya.post(address, {"token": hidden(maya.get(address), "token"), "story": "A bed."})

    other_phone = signed_in(house.maya.user)
    assert "Carry on where you stopped" in text_of(other_phone.get("/me/requests/"))
    draft = PaymentRequest.objects.get()
    assert other_phone.get(f"/me/requests/{draft.ref}/check/").url.endswith("/ask/amount/")


def test_a_repeat_is_shown_kindly(house, maya) -> None:  # noqa: F811
    ask(maya, house)

    page = text_of(maya.get(f"/me/requests/new/?for={house.version.entitlement.code}"))

    assert "You asked on 23 November" in page
    assert "You can ask again" in page


def test_nobody_else_sees_any_of_it(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house)
    page = EvidencePage.objects.get()
    stranger = signed_in(YoungPersonFactory().user)
    theirs = [
        f"/me/requests/{asked.ref}/", f"/me/requests/{asked.ref}/check/", f"/me/requests/{asked.ref}/withdraw/",
        f"/me/requests/{asked.ref}/photo/{page.evidence.ref}/1/", f"/desk/requests/{asked.ref}/",
    ]  # fmt: skip

    for address in theirs:
        assert stranger.get(address).status_code == 404, address
    assert sam.get(f"/me/requests/{asked.ref}/").status_code == 404
    assert maya.get(f"/desk/requests/{asked.ref}/").status_code == 404


def test_a_photo_is_served_so_that_it_can_do_nothing(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house)
    page = EvidencePage.objects.get()

    for client, start in ((maya, "me"), (sam, "desk")):
        photo = client.get(f"/{start}/requests/{asked.ref}/photo/{page.evidence.ref}/1/")
        assert photo.headers["Content-Type"] == "image/jpeg"
        assert photo.headers["Content-Disposition"].startswith("attachment")
        assert photo.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in photo.headers["Content-Security-Policy"]
        assert photo.content.startswith(b"\xff\xd8")


def test_every_look_by_staff_is_written_down(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house)

    sam.get(f"/desk/requests/{asked.ref}/")
    sam.get("/desk/requests/")

    looks = AuditEvent.objects.filter(actor_id=house.sam.pk)
    assert looks.filter(action="record_opened", young_person_id=house.maya.pk, part="request").exists()
    assert looks.filter(action="list_opened", young_person_id=house.maya.pk, part="requests").exists()


def test_titles_say_what_the_page_is_in_harmless_words(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house)
    pages = [
        (maya, "/me/requests/"), (maya, "/me/requests/new/"), (maya, f"/me/requests/{asked.ref}/"),
        (sam, "/desk/requests/"), (sam, f"/desk/requests/{asked.ref}/"),
    ]  # fmt: skip

    for client, address in pages:
        title = re.search("<title>(.*?)</title>", client.get(address).content.decode(), re.DOTALL)
        assert title
        assert not LEAK.search(title[1]), title


def test_every_box_for_words_says_who_reads_it_and_where_help_is(house, maya, sam) -> None:  # noqa: F811
    asked = ask(maya, house, photo=False)
    take(sam, asked, "ASK_MORE", code="PRICE", words="The price?")
    draft = house.draft(amount_said=True, when="ANY")

    for address in (
        f"/me/requests/new/?for={house.version.entitlement.code}", "/me/requests/new/?for=something-else",
        f"/me/requests/{asked.ref}/more/", f"/me/requests/{draft.ref}/ask/photo/",
    ):  # fmt: skip
        page = text_of(maya.get(address))
        assert "999" in page, address
        assert "we must tell the people who can help" in page, address


def test_the_queue_costs_the_same_whatever_its_length(house, sam) -> None:  # noqa: F811
    counts = []
    sam.get("/desk/requests/")  # the first page of a sign-in does a little more
    for more in (1, 20):
        for _n in range(more):
            house.sent()
        with CaptureQueriesContext(connection) as asked:
            sam.get("/desk/requests/")
        counts.append(
            [
                one["sql"]
                for one in asked
                if not re.match("SAVEPOINT|RELEASE|UPDATE .django_session", one["sql"])
            ]
        )

    assert len(counts[0]) == len(counts[1]) <= 6


def test_a_late_request_stands_first_and_says_so(house, maya, sam, clock) -> None:  # noqa: F811
    house.sent()
    clock.set(house.now + timedelta(days=9))

    assert "Late" in text_of(sam.get("/desk/requests/?show=late"))


def test_the_token_of_another_person_makes_nothing(house, maya) -> None:  # noqa: F811
    other = YoungPersonFactory()
    token = new_token()
    code = house.version.entitlement.code
    signed_in(other.user).post(f"/me/requests/new/?for={code}", {"token": token, "story": "A bed."})

    clash = maya.post(f"/me/requests/new/?for={code}", {"token": token, "story": "A bed."})

    assert clash.status_code == 409
    assert not PaymentRequest.objects.filter(young_person=house.maya).exists()


def test_a_prepared_start_is_one_draft(house) -> None:  # noqa: F811
    assert services.shown_print(house.draft()) != services.shown_print(house.draft())


def test_i_was_told_no_is_one_page_and_says_who_decides_now(house, maya, priya) -> None:  # noqa: F811
    page = maya.get("/me/requests/told-no/")
    said = {
        "token": hidden(page, "token"), "came_as": "NOBODY_ANSWERED", "code": house.version.entitlement.code,
        "story": "I wrote twice.", "how": "VOUCHER",
    }  # fmt: skip

    sent = maya.post("/me/requests/told-no/", said)

    assert "It is with Priya now" in text_of(maya.get(sent.url))
    assert "Nobody answered me" in text_of(priya.get(sent.url.replace("/me/", "/desk/")))


def test_an_adviser_asks_for_her_she_is_told_and_somebody_else_decides(house, maya, sam) -> None:  # noqa: F811
    address = f"/desk/requests/new/{house.maya.ref}/"
    said = {
        "token": hidden(sam.get(address), "token"), "code": house.version.entitlement.code,
        "story": "Maya needs a bed by Friday.", "pence": "90", "how": "WE_BUY_IT",
    }  # fmt: skip

    sent = sam.post(address, said)
    assert sam.post(address, said).url == sent.url

    asked = PaymentRequest.objects.get()
    assert "Maya needs a bed by Friday." in text_of(maya.get(f"/me/requests/{asked.ref}/"))
    assert asked.holder == house.priya
    assert Notification.objects.get(kind="raised_for_you").to == house.maya.user
    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "own_work"
