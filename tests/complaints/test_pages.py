"""The pages, as browsers without JavaScript meet them."""

import re
from html import unescape

import pytest
from django.test import Client
from wagtail.models import Page

from cms.models import PageFeedback
from portal.accounts.limits import keyed_hash
from portal.accounts.models import Attempt
from portal.audit.models import AuditEvent
from portal.complaints import services, views
from portal.complaints.models import Complaint
from portal.complaints.rules import State

ADDRESS = "/help/complain/"


def text_of(response):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def stranger():
    return Client(enforce_csrf_checks=True)


def code_of(page):
    return re.findall(r'class="code money">([^<]+)<', page.content.decode())


def test_a_stranger_complains_with_words_alone_and_looks_it_up_on_another_phone(house, stranger):
    assert "What went wrong?" in text_of(stranger.get(ADDRESS))

    sent = stranger.post(ADDRESS, {"words": "I was promised a fridge in June."})

    ref, word = code_of(sent)
    assert "You hear by Monday 7 December" in text_of(sent)
    assert sent["Cache-Control"] == "no-store"
    assert not sent.cookies
    services.answer(ref=ref, words="You get it on Friday.", by=house.omar, now=house.now)
    found = Client().post("/help/complain/look/", {"ref": ref.lower(), "word": word})
    assert "You get it on Friday." in text_of(found)
    assert "Ask for the next step" in text_of(found)
    following = Client().post("/help/complain/look/", {"ref": ref, "word": word, "do": "next", "words": ""})
    assert "Step 2" in text_of(following)


def test_looking_without_the_word_says_nothing(house, stranger, complaint):
    page = stranger.post("/help/complain/look/", {"ref": complaint.ref, "word": "WRONGWRD"})

    assert "We cannot find that" in text_of(page)
    assert complaint.words not in text_of(page)


def test_guessing_words_comes_to_an_end_kindly(house, stranger, complaint):
    for _try in range(views.LOOKS_AN_HOUR):
        stranger.post("/help/complain/look/", {"ref": complaint.ref, "word": "WRONGWRD"})

    page = stranger.post(
        "/help/complain/look/", {"ref": complaint.ref, "word": services.word_of(complaint.ref)}
    )

    assert page.status_code == 429
    assert complaint.words not in text_of(page)


def test_opening_a_complaint_of_ones_own_gives_no_new_guesses_at_another(house, stranger, complaint):
    own = services.make(said=services.Said(words="Something else."), now=house.now)
    for _try in range(views.LOOKS_AN_HOUR - 1):
        stranger.post("/help/complain/look/", {"ref": complaint.ref, "word": "WRONGWRD"})

    found = stranger.post("/help/complain/look/", {"ref": own.complaint.ref, "word": own.word})
    again = stranger.post("/help/complain/look/", {"ref": own.complaint.ref, "word": own.word})
    stranger.post("/help/complain/look/", {"ref": complaint.ref, "word": "WRONGWRD"})
    page = stranger.post(
        "/help/complain/look/", {"ref": complaint.ref, "word": services.word_of(complaint.ref)}
    )

    assert "Something else." in text_of(found)
    assert again.status_code == 200
    assert page.status_code == 429


def test_too_many_from_one_network_keep_their_words_and_are_told_kindly(house, stranger):
    for number in range(views.MOST_AN_HOUR):
        Attempt.objects.create(
            door="complain", key_hash=keyed_hash("127.0.0.1"), at=house.now, pk=10_000 + number
        )

    page = stranger.post(ADDRESS, {"words": "I was promised a fridge."})

    assert page.status_code == 429
    assert "Your words are still in the box" in text_of(page)
    assert "I was promised a fridge." in page.content.decode()
    assert Complaint.objects.count() == 0
    # Somebody signed in is counted for themselves, and gets through.
    assert "We have it" in text_of(signed_in(house.maya.user).post(ADDRESS, {"words": "Me too."}))


def test_the_box_no_person_sees_asks_for_one_more_press_and_blocks_nobody(house, stranger):
    said = {"words": "My phone filled that in.", views.PIT: "http://example.invalid"}

    again = stranger.post(ADDRESS, said)

    assert "press Send again" in text_of(again)
    assert "My phone filled that in." in again.content.decode()
    assert "http://example.invalid" not in again.content.decode()
    assert "We have it" in text_of(stranger.post(ADDRESS, {"words": "My phone filled that in."}))


def test_another_site_cannot_complain_in_somebodys_name(house):
    page = signed_in(house.maya.user).post(
        ADDRESS, {"words": "x"}, headers={"sec-fetch-site": "cross-site", "origin": "https://example.invalid"}
    )

    assert page.status_code == 403
    assert Complaint.objects.count() == 0


def test_empty_words_are_asked_for_and_what_else_was_typed_stays(house, stranger):
    page = stranger.post(ADDRESS, {"words": "", "put_right": "A call back."})

    assert "Write what happened" in text_of(page)
    assert "A call back." in page.content.decode()


def test_somebody_signed_in_sees_theirs_on_neutral_pages_unless_they_leave_their_name_out(house):
    maya = signed_in(house.maya.user)
    maya.post(ADDRESS, {"words": "With my name."})
    maya.post(ADDRESS, {"words": "Without it.", "without_my_name": "on"})

    mine = text_of(maya.get("/me/said/"))
    assert "With my name." in mine
    assert "Without it." not in mine
    named = Complaint.objects.get(words="With my name.")
    assert (
        "complain"
        not in re.search("<title>(.*?)</title>", maya.get(f"/me/said/{named.ref}/").content.decode())[1]
    )
    assert Complaint.objects.get(words="Without it.").young_person is None
    assert not AuditEvent.objects.filter(
        subject__endswith=Complaint.objects.get(words="Without it.").ref
    ).exclude(actor_id=None)


def test_a_young_person_adds_words_and_stops_it(house, complaint):
    maya = signed_in(house.maya.user)
    address = f"/me/said/{complaint.ref}/"

    for _twice in range(2):
        assert maya.post(address, {"do": "more", "words": "It was Tuesday."}).status_code == 302
    assert complaint.steps.filter(action="SAID_MORE").count() == 1
    assert "It was Tuesday." in text_of(maya.get(address))
    assert "Write something here" in text_of(maya.post(address, {"do": "more", "words": ""}))
    assert "still looking" in text_of(maya.post(address, {"do": "next"}))
    assert maya.post(address, {"do": "stop"}).status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == State.STOPPED


def test_a_manager_reads_answers_and_leaves_a_line_that_the_young_person_can_see(house, complaint):
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"

    assert "Maya" in text_of(omar.get("/desk/complaints/"))
    assert complaint.words in text_of(omar.get(address))
    empty = omar.post(address, {"do": "answer", "answer-words": ""})
    assert "Write something here" in text_of(empty)
    said = {"do": "answer", "answer-words": "We are sorry.", "seen": seen_on(empty)}
    assert omar.post(address, said).status_code == 302

    complaint.refresh_from_db()
    assert complaint.opened_at is not None
    assert "We are sorry." in text_of(signed_in(house.maya.user).get(f"/me/said/{complaint.ref}/"))
    parts = AuditEvent.objects.filter(young_person_id=house.maya.pk, actor_id=house.omar.pk)
    assert {"complaints", "complaint"} <= set(parts.values_list("part", flat=True))


def test_it_is_given_on_takes_longer_and_keeps_somebody_out(house, complaint):
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"

    for pressed in (
        {"do": "longer", "longer-words": "We wait for a letter."},
        {"do": "give", "give-whom": str(house.priya.pk)},
    ):
        assert omar.post(address, pressed | {"seen": seen_on(omar.get(address))}).status_code == 302

    assert "At the latest" not in text_of(omar.get(address))
    assert "We wait for a letter." in text_of(signed_in(house.maya.user).get(f"/me/said/{complaint.ref}/"))
    assert signed_in(house.priya).get(address).status_code == 200
    gone = omar.post(address, {"do": "keep", "keep-whom": str(house.omar.pk)})
    assert gone.url == "/desk/complaints/"
    assert omar.get(address).status_code == 404


def test_a_worker_writes_down_what_somebody_says_and_reads_none_of_it_afterwards(house):
    sam = signed_in(house.sam)

    page = sam.post(f"/desk/complaints/new/{house.maya.ref}/", {"words": "She says nobody rang."})

    ref, word = code_of(page)
    complaint = services.find(ref=ref, word=word)
    assert complaint.young_person == house.maya
    assert sam.get(f"/desk/complaints/{ref}/").status_code == 404
    assert "A worker wrote this down for you." in text_of(signed_in(house.maya.user).get(f"/me/said/{ref}/"))


def test_words_on_a_request_are_chosen_and_become_a_complaint(house):
    asked = house.declined(story="Nobody listens to me.")
    sam = signed_in(house.sam)
    address = f"/desk/complaints/from/{asked.ref}/"

    assert "Nobody listens to me." in text_of(sam.get(address))
    assert sam.post(address, {"which": "1"}).status_code == 302

    assert Complaint.objects.get().words == "Nobody listens to me."


def test_what_a_reader_said_about_a_page_becomes_a_complaint_once(house):
    page = Page.objects.first()
    said = PageFeedback.objects.create(page=page, words="I waited nine weeks.", given_at=house.now)
    omar = signed_in(house.omar)

    assert "I waited nine weeks." in text_of(omar.get("/desk/complaints/feedback/"))
    omar.post("/desk/complaints/feedback/", {"which": str(said.pk)})

    assert Complaint.objects.get().words == "I waited nine weeks."
    assert omar.post("/desk/complaints/feedback/", {"which": str(said.pk)}).url == "/desk/complaints/"
    assert Complaint.objects.count() == 1
    assert omar.post("/desk/complaints/feedback/", {"which": "0"}).status_code == 404


def test_after_the_last_answer_the_ombudsman_is_named(house, complaint):
    Complaint.objects.filter(pk=complaint.pk).update(
        stage=3, state=State.ANSWERED, answer="The panel said so.", answered_at=house.now, due_on=None
    )

    assert "Ombudsman" in text_of(signed_in(house.maya.user).get(f"/me/said/{complaint.ref}/"))


def test_the_box_is_there_while_no_page_is_published(house, stranger):
    assert "What went wrong?" in text_of(stranger.get(ADDRESS))


def test_somebody_signed_in_who_left_their_name_out_stays_without_it_when_they_look_it_up(house):
    maya = signed_in(house.maya.user)
    ref, word = code_of(maya.post(ADDRESS, {"words": "Without it.", "without_my_name": "on"}))

    for pressed in ({"do": "more", "words": "It was Tuesday."}, {"do": "stop"}):
        maya.post("/help/complain/look/", {"ref": ref, "word": word, **pressed})

    complaint = Complaint.objects.get(ref=ref)
    assert complaint.state == State.STOPPED
    assert not complaint.steps.exclude(by=None).exists()
    assert not AuditEvent.objects.filter(subject=f"complaint:{ref}").exclude(actor_id=None)


def test_with_their_name_what_they_add_on_the_look_up_page_is_theirs(house, made):
    key = {"ref": made.complaint.ref, "word": made.word, "do": "more", "words": "It was Tuesday."}

    signed_in(house.maya.user).post("/help/complain/look/", key)

    assert made.complaint.steps.latest("number").by == house.maya.user


def test_a_message_without_a_name_is_not_promised_and_the_words_stay(house):
    maya = signed_in(house.maya.user)

    page = maya.post(ADDRESS, {"words": "He shouted.", "without_my_name": "on", "reach": "USUAL"})

    assert "Without your name we cannot send you a message" in text_of(page)
    assert "He shouted." in page.content.decode()
    assert Complaint.objects.count() == 0
    assert "We have it" in text_of(maya.post(ADDRESS, {"words": "He shouted.", "reach": "USUAL"}))


def seen_on(page):
    return re.search(r'name="seen" value="(\d+)"', page.content.decode())[1]


def test_two_presses_on_next_take_one_step_and_the_words_stay(house, complaint):
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"
    pressed = {"do": "next", "next-words": "They asked on the phone.", "seen": seen_on(omar.get(address))}

    assert omar.post(address, pressed).status_code == 302
    again = omar.post(address, pressed)

    complaint.refresh_from_db()
    assert complaint.stage == 2
    assert "This has moved on since you opened it" in text_of(again)
    assert again.content.decode().count("They asked on the phone.") > 1  # in the story, and still in the box
    assert omar.post(address, pressed | {"seen": seen_on(again)}).status_code == 302
    complaint.refresh_from_db()
    assert complaint.stage == 3


def test_two_presses_on_the_panel_met_do_not_say_that_it_wrote(house, complaint):
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"
    Complaint.objects.filter(pk=complaint.pk).update(
        stage=3, state=State.PANEL_TO_MEET, independent="Three people"
    )
    pressed = {"do": "panel_met", "panel_met-words": "On Friday.", "seen": seen_on(omar.get(address))}

    assert omar.post(address, pressed).status_code == 302
    again = omar.post(address, pressed)

    complaint.refresh_from_db()
    assert complaint.state == State.PANEL_TO_FIND
    assert "This has moved on since you opened it" in text_of(again)
    assert "What you wrote" in text_of(again)
    assert again.content.decode().count("On Friday.") > 1
    late = omar.post(address, {"do": "panel_found", "panel_found-words": "Later.", "seen": pressed["seen"]})
    assert "This has moved on since you opened it" in text_of(late)
    complaint.refresh_from_db()
    assert complaint.state == State.PANEL_TO_FIND
    assert omar.post(address, {"do": "panel_found", "seen": seen_on(late)}).status_code == 302


def test_a_step_from_no_screen_or_an_odd_one_is_not_taken(house, complaint):
    omar = signed_in(house.omar)
    for seen in ({}, {"seen": "x"}, {"seen": "9" * 40}):
        page = omar.post(f"/desk/complaints/{complaint.ref}/", {"do": "next", **seen})
        assert "This has moved on since you opened it" in text_of(page)

    assert omar.post(f"/desk/complaints/{complaint.ref}/", {"do": "nonsense"}).status_code == 404


def test_an_answer_from_an_older_screen_is_not_sent_and_shows_what_was_added_since(house, complaint):
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"
    pressed = {"do": "answer", "answer-words": "Nobody rang, sorry.", "seen": seen_on(omar.get(address))}
    services.say_more(complaint=complaint, words="He rang today.", by=house.maya.user, now=house.now)

    stale = omar.post(address, pressed)

    told = text_of(stale)
    assert told.index("Since you opened this") < told.index("He rang today.") < told.index("How to answer")
    assert "Nobody rang, sorry." in stale.content.decode()
    assert omar.post(address, pressed | {"seen": seen_on(stale)}).status_code == 302


def test_what_a_manager_wrote_comes_back_when_the_complaint_went_to_somebody_else_meanwhile(house, complaint):
    services.give(ref=complaint.ref, to=house.priya, by=house.omar, now=house.now)
    priya = signed_in(house.priya)
    address = f"/desk/complaints/{complaint.ref}/"
    pressed = {"do": "answer", "answer-words": "A long answer.", "seen": seen_on(priya.get(address))}
    services.keep_out(ref=complaint.ref, whom=house.priya, by=house.omar, now=house.now)

    page = priya.post(address, pressed)

    assert page.status_code == 404
    assert "A long answer." in text_of(page)
    assert complaint.words not in text_of(page)
    unknown = priya.post("/desk/complaints/2222222222/", pressed)
    assert text_of(unknown) == text_of(page)


def test_who_looks_from_outside_is_written_down_and_she_reads_it(house, complaint):
    services.ask_next_step(complaint=complaint, words="", by=house.omar, by_staff=True, now=house.now)
    omar = signed_in(house.omar)
    address = f"/desk/complaints/{complaint.ref}/"
    page = omar.get(address)
    assert "Nobody named yet" in text_of(page)
    too_soon = omar.post(address, {"do": "answer", "answer-words": "We looked.", "seen": seen_on(page)})
    assert "Write first who looks from outside" in text_of(too_soon)

    named = {
        "do": "independent",
        "independent-who": "Somebody from Example Advocacy",
        "seen": seen_on(page),
    }
    assert omar.post(address, named).status_code == 302

    mine = text_of(signed_in(house.maya.user).get(f"/me/said/{complaint.ref}/"))
    assert mine.count("Somebody from Example Advocacy") == 2  # who has it now, and the story
    assert "Nobody named yet" not in text_of(omar.get(address))
    again = omar.post(address, named)
    assert "Somebody from Example Advocacy" in again.content.decode()
    assert complaint.steps.filter(action="INDEPENDENT").count() == 1


def test_a_worker_who_knows_nobody_is_not_offered_the_usual_way(house):
    sam = signed_in(house.sam)

    assert "the usual way" not in text_of(sam.get("/desk/complaints/new/"))
    assert "the usual way" in text_of(sam.get(f"/desk/complaints/new/{house.maya.ref}/"))
    refused = sam.post("/desk/complaints/new/", {"words": "She says nobody rang.", "reach": "USUAL"})
    assert "She says nobody rang." in refused.content.decode()
    assert Complaint.objects.count() == 0
