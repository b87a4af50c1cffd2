"""An advocate sees one request, for a time, and nothing else."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.models import Invitation, Role, User
from portal.accounts.services import INVITATION_TRIES, find_invitation
from portal.advocates import services
from portal.advocates.models import AddedWords, AdvocateSeat
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.payments import services as payments
from portal.payments.models import PaymentRequest
from portal.payments.rules import Status
from portal.people.models import YoungPerson
from portal.people.services import who_looked
from tests.conftest import NOW
from tests.factories import StaffFactory, UserFactory, YoungPersonFactory
from tests.journeys.test_a_request_from_first_word_to_money import a_photo
from tests.payments.conftest import house  # noqa: F401 - a fixture


def text_of(response):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def asked(house):  # noqa: F811
    """Maya's request, sent."""
    return house.sent()


@pytest.fixture
def seat(house, asked):  # noqa: F811
    """Ana was invited for a month, and is in."""
    made, _code = services.invite(ref=asked.ref, name="Ana", days=30, by=house.maya.user, now=house.now)
    return made


def visible(user, on):
    return list(PaymentRequest.objects.visible_to(user, on=on))


def test_an_advocate_sees_that_request_and_no_other_record(house, asked, seat):  # noqa: F811
    house.sent(story="A cooker.")
    other = YoungPersonFactory(adviser=house.sam)
    on = house.now.date()

    assert visible(seat.user, on) == [asked]
    assert not YoungPerson.objects.visible_to(seat.user, on=on).exists()
    assert other not in YoungPerson.objects.visible_to(seat.user, on=on, at=house.now)


def test_the_seat_ends_after_its_last_day(house, asked, seat):  # noqa: F811
    assert visible(seat.user, seat.ends_on) == [asked]
    assert visible(seat.user, seat.ends_on + timedelta(days=1)) == []


def test_the_young_person_ends_it_at_once_and_an_unused_code_stops_working(house, asked, seat):  # noqa: F811
    ana, maya = signed_in(seat.user), signed_in(house.maya.user)
    assert ana.get(f"/seat/{asked.ref}/").status_code == 200

    maya.post(f"/me/requests/{asked.ref}/with-me/{seat.ref}/end/")

    assert ana.get(f"/seat/{asked.ref}/").status_code == 404
    assert "Nothing is open to you now" in text_of(ana.get("/seat/"))
    assert Invitation.objects.get(user=seat.user).cancelled_at is not None
    with pytest.raises(PaymentRequest.DoesNotExist):
        payments.ask_review(ref=asked.ref, words="", by=seat.user, now=house.now)


def test_twin_a_seat_that_nobody_ended_still_opens(house, asked, seat):  # noqa: F811
    assert signed_in(seat.user).get(f"/seat/{asked.ref}/").status_code == 200


def test_none_of_the_young_persons_or_staff_pages_open_to_an_advocate(house, asked, seat):  # noqa: F811
    ana = signed_in(seat.user)
    for address in ("/me/", "/me/requests/", f"/me/requests/{asked.ref}/", "/desk/", f"/desk/requests/{asked.ref}/",
                    f"/desk/young-people/{house.maya.ref}/", f"/me/requests/{asked.ref}/withdraw/"):  # fmt: skip
        assert ana.get(address).status_code == 404, address


def test_only_the_young_person_invites_and_a_draft_or_a_stranger_has_nobody_to_bring(house, asked):  # noqa: F811
    for ref, by in ((asked.ref, house.sam), (house.draft(something_else=True).ref, house.maya.user)):
        with pytest.raises(ValidationError) as refusal:
            services.invite(ref=ref, name="Ana", days=30, by=by, now=house.now)
        assert refusal.value.code == "not_yours"
    with pytest.raises(PaymentRequest.DoesNotExist):
        services.invite(ref=asked.ref, name="Ana", days=30, by=YoungPersonFactory().user, now=house.now)


def test_inviting_the_same_person_by_two_presses_is_one_seat_and_the_code_on_the_screen_works(house, asked):  # noqa: F811
    maya = signed_in(house.maya.user)
    pages = [
        maya.post(f"/me/requests/{asked.ref}/with-me/", {"name": "Ana", "days": "30"}) for _press in (1, 2)
    ]

    codes = [re.search(r'class="code">([^<]+)<', page.content.decode())[1] for page in pages]
    assert asked.advocate_seats.live(house.now.date()).count() == 1
    assert find_invitation(typed=codes[1], caller="somewhere", now=house.now).user.first_name == "Ana"
    with pytest.raises(ValidationError):
        find_invitation(typed=codes[0], caller="somewhere", now=house.now)


def test_three_seats_at_most_and_only_the_times_offered(house, asked, seat):  # noqa: F811
    for name in ("Ben", "Cem"):
        services.invite(ref=asked.ref, name=name, days=14, by=house.maya.user, now=house.now)

    for days, code in ((30, "too_many"), (3000, "how_long")):
        with pytest.raises(ValidationError) as refusal:
            services.invite(ref=asked.ref, name="Dee", days=days, by=house.maya.user, now=house.now)
        assert refusal.value.code == code


def test_the_code_is_told_once_and_opens_the_invitation_page(house, asked):  # noqa: F811
    page = signed_in(house.maya.user).post(
        f"/me/requests/{asked.ref}/with-me/", {"name": "Ana", "days": "30"}
    )

    code = re.search(r'class="code">([^<]+)<', page.content.decode())[1]
    found = find_invitation(typed=code, caller="somewhere", now=house.now)
    assert found.user.first_name == "Ana"
    assert found.user.holds(Role.ADVOCATE, on=house.now.date())
    assert page["Cache-Control"] == "no-store"
    assert code not in str(AuditEvent.objects.values_list("detail", flat=True))


def test_an_answer_written_for_a_question_that_is_over_asks_for_no_second_look(house, asked, seat):  # noqa: F811
    payments.ask_more(ref=asked.ref, code="QUESTION", words="Which bed?", by=house.sam, now=house.now)
    payments.answer_more(ref=asked.ref, words="The small one.", by=house.maya.user, now=house.now)
    payments.decline(ref=asked.ref, code="OTHER", words="We have one here.", by=house.priya, now=house.now)

    page = signed_in(seat.user).post(
        f"/seat/{asked.ref}/", {"do": "answer", "words": "She means the small one."}
    )

    asked.refresh_from_db()
    assert asked.status == Status.DECLINED
    assert page.status_code == 409
    assert "She means the small one." in page.content.decode()
    assert "moved on" in text_of(page)


def test_the_young_person_sees_who_looked_and_when(house, asked, seat):  # noqa: F811
    maya = signed_in(house.maya.user)
    assert "Has not looked yet" in text_of(maya.get(f"/me/requests/{asked.ref}/with-me/"))

    signed_in(seat.user).get(f"/seat/{asked.ref}/")

    assert "Last looked on Monday 23 November" in text_of(maya.get(f"/me/requests/{asked.ref}/with-me/"))
    assert "Ana can see this too" in text_of(maya.get(f"/me/requests/{asked.ref}/"))
    assert any(str(one.role) == "Advocate" for one in who_looked(house.maya, on=NOW.date()))


def test_an_advocate_adds_words_that_everybody_reads_in_the_story(house, asked, seat):  # noqa: F811
    ana = signed_in(seat.user)

    for _twice in range(2):
        ana.post(f"/seat/{asked.ref}/", {"do": "words", "words": "She sleeps on the floor."})

    assert AddedWords.objects.count() == 1
    assert "Ana added something." in text_of(signed_in(house.maya.user).get(f"/me/requests/{asked.ref}/"))
    assert "She sleeps on the floor." in text_of(signed_in(house.sam).get(f"/desk/requests/{asked.ref}/"))
    assert Notification.objects.filter(kind="words_added", to=house.sam).count() == 1


def test_an_advocate_answers_with_a_photo(house, asked, seat):  # noqa: F811
    payments.ask_more(ref=asked.ref, code="PRICE", words="What does it cost?", by=house.sam, now=house.now)

    done = signed_in(seat.user).post(
        f"/seat/{asked.ref}/", {"do": "answer", "words": "", "photos": a_photo()}
    )

    asked.refresh_from_db()
    assert done.status_code == 302
    assert asked.status == Status.SUBMITTED
    picture = asked.evidence.get().pages.get()
    address = f"/seat/{asked.ref}/photo/{picture.evidence.ref}/1/"
    assert signed_in(seat.user).get(address)["Content-Type"] == "image/jpeg"
    assert signed_in(StaffFactory(role=Role.ADVOCATE)).get(address).status_code == 404


def test_an_advocate_asks_for_a_second_look_and_sits_in_it_and_never_takes_it_back(house):  # noqa: F811
    asked = house.declined()
    seat, _code = services.invite(ref=asked.ref, name="Ana", days=30, by=house.maya.user, now=house.now)
    ana = signed_in(seat.user)

    assert (
        ana.post(f"/seat/{asked.ref}/", {"do": "review", "words": "The shop is closed."}).status_code == 302
    )
    asked.refresh_from_db()
    assert asked.status == Status.REVIEW_ASKED
    assert ana.post(f"/seat/{asked.ref}/", {"do": "words", "words": "Here is why."}).status_code == 302
    with pytest.raises(ValidationError) as refusal:
        payments.withdraw(ref=asked.ref, by=seat.user, now=house.now)
    assert refusal.value.code == "not_yours"


def test_the_young_person_adds_words_too_and_empty_ones_are_asked_for(house, asked):  # noqa: F811
    maya = signed_in(house.maya.user)

    assert "Write something here" in text_of(maya.post(f"/me/requests/{asked.ref}/say/", {"words": ""}))
    assert maya.post(f"/me/requests/{asked.ref}/say/", {"words": "It is cold."}).status_code == 302

    assert "You added something." in text_of(maya.get(f"/me/requests/{asked.ref}/"))


def test_somebody_who_has_been_an_advocate_here_takes_another_seat_with_the_same_account(house, asked, seat):  # noqa: F811
    User.objects.filter(pk=seat.user_id).update(email="ana@example.invalid")
    second = house.sent(story="A cooker.")
    _seat, code = services.invite(ref=second.ref, name="Ana B", days=14, by=house.maya.user, now=house.now)
    ana = signed_in(seat.user)

    assert "does not work" in text_of(ana.post("/seat/", {"code": "2222222222"}))
    assert ana.post("/seat/", {"code": code}).status_code == 302

    assert set(visible(User.objects.get(pk=seat.user_id), house.now.date())) == {asked, second}
    assert "does not work" in text_of(ana.post("/seat/", {"code": code}))


def test_a_young_persons_own_invitation_gives_an_advocate_nothing(house, seat):  # noqa: F811
    from portal.people.joining import invite

    _made, code = invite(
        young_person=YoungPersonFactory(user=None, adviser=house.sam), by=house.sam, now=house.now
    )

    assert "does not work" in text_of(signed_in(seat.user).post("/seat/", {"code": code}))


def test_a_role_without_a_seat_opens_nothing(house, asked):  # noqa: F811
    nobody = StaffFactory(role=Role.ADVOCATE)
    assert visible(nobody, house.now.date()) == []
    assert signed_in(nobody).get(f"/seat/{asked.ref}/").status_code == 404
    assert signed_in(UserFactory()).get("/seat/").status_code == 404
    assert AdvocateSeat.objects.count() == 0


def test_wrong_codes_for_another_seat_are_counted_and_come_to_an_end(house, asked, seat):  # noqa: F811
    second = house.sent(story="A cooker.")
    _seat, code = services.invite(ref=second.ref, name="Ana B", days=14, by=house.maya.user, now=house.now)
    ana = signed_in(seat.user)

    for _try in range(INVITATION_TRIES):
        assert "does not work" in text_of(ana.post("/seat/", {"code": "2222222222"}))

    assert "Too many tries" in text_of(ana.post("/seat/", {"code": code}))
    with pytest.raises(ValidationError) as refusal:
        services.take_seat(typed=code, caller="127.0.0.1", by=seat.user, now=house.now)
    assert refusal.value.code == "too_many_tries"
    services.take_seat(typed=code, caller="elsewhere", by=seat.user, now=house.now)
