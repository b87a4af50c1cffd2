"""What a decision leaves to read: the letter, words for the case record, how hard the words are, what others got."""

from typing import Any

import pypdfium2
import pytest
from django.test import Client

from entitlements.models import Entitlement
from portal.audit.models import AuditEvent
from portal.payments import letters, services
from portal.payments.models import Decision, PaymentRequest
from tests.factories import VersionFactory, YoungPersonFactory
from tests.payments.conftest import House

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def drawing() -> None:
    """What draws files is slow to wake: before a test holds the database, which is patient for ten seconds."""
    letters.draw("<p>Hello</p>")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def test_a_letter_says_what_why_who_next_and_how_to_have_someone_else_look(
    house: House, client: Client
) -> None:
    asked = house.declined()
    client.force_login(house.maya.user)

    letter = page(client, f"/me/requests/{asked.ref}/letter/")

    for words in (
        "Dear Maya,",
        "You asked for £180.",
        "We said no this time.",
        "Priya decided this on Monday 23 November.",
        "There is a better way to get this.",
        "The shop gives beds for free.",
        "You can have someone else look",
        "You can have an advocate",
        "complain, in any words",
        f"version {house.version.number} of",
    ):
        assert words in letter, words
    assert "<title>Letter" in letter
    assert "/letter/" in page(client, f"/me/requests/{asked.ref}/")


@pytest.mark.parametrize(
    ("made", "words", "not_words"),
    [
        (
            "approved",
            ["We said yes to £180.", "You get it by Thursday 26 November 2026"],
            ["Why", "someone else look"],
        ),
        ("declined", ["does not count against you"], ["You get it by"]),
    ],
)
def test_a_letter_of_a_yes_and_of_a_no(house, client, made, words, not_words) -> None:
    asked = getattr(house, made)()
    client.force_login(house.maya.user)

    letter = page(client, f"/me/requests/{asked.ref}/letter/")

    assert all(one in letter for one in words)
    assert not any(
        f"<h2>{one}" in letter or one in letter.replace("Why", "") for one in not_words if one != "Why"
    )


def test_the_letter_quotes_the_version_it_was_decided_under_whatever_was_published_since(
    house, client
) -> None:
    asked = house.approved()
    before = house.version.one_line
    newer = VersionFactory(
        entitlement=house.version.entitlement,
        number=house.version.number + 1,
        one_line="Something new.",
        title="New",
    )
    Entitlement.objects.filter(pk=newer.entitlement_id).update(current=newer)
    client.force_login(house.maya.user)

    letter = page(client, f"/me/requests/{asked.ref}/letter/")

    assert f"version {house.version.number} of" in letter
    assert before in letter
    assert "Something new." not in letter


def test_a_second_look_that_changed_nothing_says_what_is_left_to_do(house, client) -> None:
    asked = house.declined()
    services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=house.now)
    services.decide_review(
        ref=asked.ref, changed=False, code="OTHER", words="It is the same.", by=house.omar, now=house.now
    )
    client.force_login(house.maya.user)

    letter = page(client, f"/me/requests/{asked.ref}/letter/")

    assert "Somebody else looked again. The answer stays the same." in letter
    assert "Ombudsman" in letter
    assert "You can have someone else look" not in letter


def test_the_letter_is_a_file_with_a_name_and_a_title_that_say_nothing(drawing, house, client) -> None:
    asked = house.declined()
    client.force_login(house.maya.user)

    answer = client.get(f"/me/requests/{asked.ref}/letter/file/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    document = pypdfium2.PdfDocument(answer.content)
    assert document.get_metadata_value("Title") == "Letter"
    words = document[0].get_textpage().get_text_bounded()
    assert "Priya decided this on Monday 23 November." in words
    assert "The shop gives beds for free." in words


def test_without_a_decision_there_is_no_letter(house, client) -> None:
    asked = house.sent()
    for user, address in (
        (house.maya.user, f"/me/requests/{asked.ref}/letter/"),
        (house.maya.user, f"/me/requests/{asked.ref}/letter/file/"),
        (house.sam, f"/desk/requests/{asked.ref}/letter/"),
    ):
        client.force_login(user)
        assert client.get(address).status_code == 404


def test_an_adviser_prints_the_letter_and_that_is_written_down(drawing, house, client) -> None:
    asked = house.declined()
    client.force_login(house.sam)

    assert client.get(f"/desk/requests/{asked.ref}/letter/").headers["Content-Type"] == "application/pdf"
    row = AuditEvent.objects.get(action="record_opened", part="request")
    assert (row.actor_id, row.young_person_id) == (house.sam.pk, house.maya.pk)


def test_the_words_for_the_case_record_say_the_decision_and_no_story(house, client) -> None:
    asked = house.sent(story="My mother took my bed.")
    services.part_approve(
        ref=asked.ref,
        pence=15_000,
        code="COSTS_LESS",
        words="It is £150\nonline.",
        by=house.priya,
        now=house.now,
    )
    client.force_login(house.sam)

    shown = page(client, f"/desk/requests/{asked.ref}/")
    words = letters.case_record(asked := PaymentRequest.objects.get(), asked.decisions.get())

    for said in ("yes to part, £150.", "Why: We found it costs less.", "It is £150 online.", "Decided by Priya",
                 "up to £500", f"Decision about request {asked.ref}", "Money promised by"):  # fmt: skip
        assert said in words, said
        assert said in shown, said
    assert "mother" not in words
    assert "Not in LCS yet" in shown


def declining(house: House, asked: PaymentRequest, words: str) -> dict[str, Any]:
    return {
        "action": "DECLINE", "decline-seen": asked.row_version, "decline-code": "OTHER", "decline-words": words,
        "preview": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("You had this in May. We can help you find a cheap one.", False),
        (
            "Discretionary provision is contingent upon eligibility criteria being demonstrably satisfied in "
            "accordance with departmental financial regulations.",
            True,
        ),
    ],
)
def test_the_preview_says_how_hard_the_words_are_and_never_stops_them(house, client, words, hint) -> None:
    asked = house.recommended()
    client.force_login(house.priya)

    shown = client.post(f"/desk/requests/{asked.ref}/", declining(house, asked, words)).content.decode()

    assert "Reading age: about" in shown
    assert "Another reason" in shown
    assert "See it again" in shown
    assert ("Many people will find this hard" in shown) is hint
    assert ("say “rules”" in shown) is hint
    sent = {**declining(house, asked, words)}
    del sent["preview"]
    assert client.post(f"/desk/requests/{asked.ref}/", sent).status_code == 302


def decided_for_others(house: House, people: int, each: int = 1, **version: Any) -> None:
    """Decisions about the same thing for that many other people."""
    before = house.maya
    for number in range(people):
        house.maya = YoungPersonFactory(team=house.team, adviser=house.sam, given_name=f"Other{number}")
        for _one in range(each):
            services.approve(ref=house.sent(pence=1_000).ref, by=house.priya, now=house.now)
    house.maya = before


@pytest.mark.parametrize(("people", "each", "shown"), [(4, 2, False), (5, 1, True)])
def test_what_others_got_is_shown_once_it_is_about_five_people_and_names_nobody(
    house, client, people, each, shown
) -> None:
    decided_for_others(house, people, each)
    asked = house.sent()
    client.force_login(house.priya)

    seen = page(client, f"/desk/requests/{asked.ref}/")

    assert ("The same for others" in seen) is shown
    assert "Other0" not in seen


def test_what_turns_on_custody_or_crisis_never_shows_what_others_got(house, client) -> None:
    house.version = VersionFactory(approver_level="", quiet=True)
    decided_for_others(house, 6)
    asked = house.sent()
    client.force_login(house.priya)

    assert Decision.objects.count() == 6
    assert "The same for others" not in page(client, f"/desk/requests/{asked.ref}/")


def test_letters_that_cannot_be_seen_are_marks_in_the_queue(house, client) -> None:
    asked = house.send(house.draft(something_else=True, title="A bed\u202etxet"))
    client.force_login(house.sam)

    for address in ("/desk/requests/", "/desk/", f"/desk/requests/{asked.ref}/"):
        assert "A bed[U+202E]txet" in page(client, address), address
