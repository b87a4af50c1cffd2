"""Asking, taking back, and asking for somebody else to look."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import translation

from entitlements.definition import Age, Rule
from entitlements.plain_data import to_data
from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.case_notes.models import CaseNote
from portal.ledger.models import Allowance
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.models import (
    Award,
    CameAs,
    Evidence,
    HeldBy,
    Instalment,
    PaymentRequest,
    Step,
    SubmittedForm,
)
from portal.payments.rules import Status
from portal.people.models import Absence, Allocation, BreakGlass
from portal.people.services import allocate
from portal.refs import new_token
from tests.factories import LONG_AGO, StaffFactory, VersionFactory, YoungPersonFactory
from tests.payments.conftest import staff


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        call(**kwargs)
    return refused.value.code


def test_a_sent_request_says_who_holds_it_and_by_when(house) -> None:
    asked = house.sent()

    assert asked.status == Status.SUBMITTED
    assert asked.decide_by == date(2026, 11, 30)
    assert (asked.held_by, asked.holder) == (HeldBy.ADVISER, house.sam)
    assert (asked.asked_pence, asked.version, asked.title) == (18_000, house.version, house.version.title)
    assert PaymentRequest.objects.get().draft_answers == {}


def test_the_versions_own_decision_days_make_the_promise(house) -> None:
    house.version = VersionFactory(decision_days=2)

    assert house.sent().decide_by == date(2026, 11, 25)


def test_something_else_has_no_version_and_five_days(house) -> None:
    asked = house.send(house.draft(something_else=True, title="A bike"))

    assert (asked.version, asked.title, asked.decide_by) == (None, "A bike", date(2026, 11, 30))


def test_the_same_form_sent_twice_is_one_request_and_one_step(house) -> None:
    draft = house.draft()
    form = {
        "ref": draft.ref,
        "shown": services.shown_print(draft),
        "token": new_token(),
        "by": house.maya.user,
    }

    first = services.submit(**form, now=house.now)
    again = services.submit(**form, now=house.now + timedelta(minutes=1))

    assert first.pk == again.pk
    assert Step.objects.filter(action="SUBMIT").count() == 1
    other = form | {"shown": "other answers"}
    assert code_of(services.submit, **other, now=house.now + timedelta(minutes=2)) == "other_form"


def test_a_start_sent_twice_is_one_draft_and_other_answers_are_refused(house) -> None:
    form = {
        "young_person": house.maya, "entitlement": house.version.entitlement, "token": new_token(),
        "by": house.maya.user, "now": house.now,
    }  # fmt: skip

    first = services.start(**form, answers={"story": "A bed"})
    again = services.start(**form, answers={"story": "A bed"})

    assert first.pk == again.pk
    assert code_of(services.start, **form, answers={"story": "A sofa"}) == "other_form"
    assert PaymentRequest.objects.count() == SubmittedForm.objects.count() == 1


def test_sending_what_was_not_shown_is_refused(house) -> None:
    draft = house.draft()
    shown = services.shown_print(draft)
    services.save_draft(ref=draft.ref, answers={"pence": 99_000}, by=house.maya.user, now=house.now)

    refused = code_of(
        services.submit, ref=draft.ref, shown=shown, token=new_token(), by=house.maya.user, now=house.now
    )

    assert refused == "changed_since"


def test_an_unfinished_draft_cannot_be_sent(house) -> None:
    draft = house.draft(how="")

    refused = code_of(
        services.submit, ref=draft.ref, shown=services.shown_print(draft), token=new_token(),
        by=house.maya.user, now=house.now,
    )  # fmt: skip

    assert refused == "unfinished"


def test_staff_do_not_see_a_draft_and_a_stranger_sees_nothing(house) -> None:
    draft = house.draft()
    stranger = YoungPersonFactory()
    on = house.now.date()

    assert not PaymentRequest.objects.visible_to(house.sam, on=on).exists()
    house.send(draft)
    assert PaymentRequest.objects.visible_to(house.sam, on=on).exists()
    assert not PaymentRequest.objects.visible_to(stranger.user, on=on).exists()
    with pytest.raises(PaymentRequest.DoesNotExist):
        services.withdraw(ref=draft.ref, by=stranger.user, now=house.now)


def test_an_absent_advisers_cover_holds_it(house) -> None:
    grace = StaffFactory(first_name="Grace")
    Absence.objects.create(user=house.sam, cover=grace, starts_on=LONG_AGO)

    assert house.sent().holder == grace


def test_with_no_adviser_the_duty_team_holds_it(house) -> None:
    Allocation.objects.all().update(ends_on=house.now.date() - timedelta(days=1))

    asked = house.sent()

    assert (asked.held_by, asked.holder, asked.holder_name) == (HeldBy.DUTY, None, "the duty team")


def test_under_18_the_social_worker_holds_it(house) -> None:
    ruth = StaffFactory(role=Role.SOCIAL_WORKER, first_name="Ruth")
    house.maya.born_on = date(2009, 1, 1)
    house.maya.save()
    Allocation.objects.create(
        young_person=house.maya, worker=ruth, acts_as="SOCIAL_WORKER", starts_on=LONG_AGO
    )

    assert house.sent().holder == ruth


def test_what_the_adviser_raised_goes_to_the_manager(house) -> None:
    asked = house.send(house.draft(by=house.sam), by=house.sam)

    assert asked.on_behalf
    assert (asked.held_by, asked.holder) == (HeldBy.TEAM_MANAGER, house.priya)


def test_an_urgent_request_rings_at_once(house) -> None:
    asked = house.sent(urgent=True)

    told = Notification.objects.get(kind="decision_due")
    assert (told.to, told.due_at, told.exempt_from_quiet) == (house.sam, house.now, True)
    assert PaymentRequest.objects.oldest_promise_first().first() == asked


def test_the_clock_waits_while_more_is_wanted_and_keeps_its_days(house) -> None:
    asked = house.sent()
    tuesday, next_week = house.now + timedelta(days=1), house.now + timedelta(days=9)
    services.ask_more(ref=asked.ref, code="PRICE", words="Please send the price.", by=house.sam, now=tuesday)

    asked = services.answer_more(ref=asked.ref, words="It is £180.", by=house.maya.user, now=next_week)

    assert asked.status == Status.SUBMITTED
    assert asked.decide_by == date(2026, 12, 8)  # four days were left on Tuesday
    assert (asked.holder, asked.paused_days) == (house.sam, None)


def test_an_empty_answer_is_refused(house) -> None:
    asked = house.sent()
    services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.sam, now=house.now)

    assert (
        code_of(services.answer_more, ref=asked.ref, words=" ", by=house.maya.user, now=house.now)
        == "no_answer"
    )


def test_taking_back_an_approved_request_gives_the_money_back(house) -> None:
    asked = house.approved()

    services.withdraw(ref=asked.ref, by=house.maya.user, now=house.now)

    assert Allowance.objects.get().reserved_pence == 0
    assert Award.objects.get().state == Award.State.CANCELLED
    assert Instalment.objects.get().state == Instalment.State.CANCELLED


def test_once_finance_has_it_it_cannot_be_taken_back(house) -> None:
    asked = house.approved()
    services.mark_in_batch(instalments=[Instalment.objects.get().pk], now=house.now)

    assert code_of(services.withdraw, ref=asked.ref, by=house.maya.user, now=house.now) == "with_finance"
    assert Allowance.objects.get().reserved_pence == 18_000


def test_a_second_look_goes_to_somebody_who_had_no_hand_in_it(house) -> None:
    asked = house.declined()

    asked = services.ask_review(ref=asked.ref, words="I need it.", by=house.maya.user, now=house.now)

    assert asked.status == Status.REVIEW_ASKED
    assert asked.holder == house.omar
    assert asked.decide_by == date(2026, 11, 30)


def test_a_yes_cannot_be_reviewed_and_a_review_is_asked_once(house) -> None:
    yes = house.approved()

    assert code_of(services.ask_review, ref=yes.ref, words="", by=house.maya.user, now=house.now) == "not_now"


def test_the_story_is_added_to_and_never_changed(house) -> None:
    house.sent()

    for attempt in (Step.objects.update, Step.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt(words="") if attempt == Step.objects.update else attempt()
    assert Step.objects.get().words == "A bed for my flat."


@pytest.mark.parametrize(
    "change",
    [
        {"status": "DECLINED"},
        {"status": "APPROVED"},
        {"held_by": ""},
        {"decide_by": None},
        {"agreed_pence": 18_001},
        {"asked_pence": 0},
        {"status": "NONSENSE"},
        {"paused_days": 2},
    ],
)
def test_the_database_refuses_a_state_that_cannot_be(house, change) -> None:
    asked = house.sent()

    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentRequest.objects.filter(pk=asked.pk).update(**change)


def test_an_adviser_without_any_right_to_see_cannot_act(house) -> None:
    asked = house.sent()
    other = staff(Role.PERSONAL_ADVISER, "Other")

    with pytest.raises(PaymentRequest.DoesNotExist):
        services.recommend(ref=asked.ref, pence=1, by=other, now=house.now)


def test_a_spoken_no_becomes_a_request_of_today_decided_by_somebody_else(house) -> None:
    form = {
        "young_person": house.maya, "entitlement": house.version.entitlement, "came_as": CameAs.TOLD_NO,
        "answers": {"story": "Sam said there is no money.", "pence": 5_000, "how": "BANK"},
        "token": new_token(), "by": house.maya.user,
    }  # fmt: skip

    asked = services.told_no(**form, now=house.now)
    again = services.told_no(**form, now=house.now)

    assert again.pk == asked.pk
    assert (asked.status, asked.holder, asked.decide_by) == (
        Status.SUBMITTED,
        house.priya,
        date(2026, 11, 30),
    )
    assert code_of(services.approve, ref=asked.ref, by=house.sam, now=house.now) == "own_work"
    assert services.approve(ref=asked.ref, by=house.priya, now=house.now).status == Status.APPROVED


def test_somebody_who_broke_the_glass_looks_at_a_request_and_changes_nothing(house):
    asked = house.sent()
    reader = StaffFactory(role=Role.PERSONAL_ADVISER)
    BreakGlass.objects.create(
        young_person=house.maya, user=reader, reason="Her own adviser is away and she rang.",
        opened_at=house.now, ends_at=house.now + timedelta(hours=1),
    )  # fmt: skip
    browser = Client()
    browser.force_login(reader)

    page = browser.get(f"/desk/requests/{asked.ref}/")

    assert page.status_code == 200
    assert b"<textarea" not in page.content
    assert browser.post(f"/desk/requests/{asked.ref}/", {"action": "RECOMMEND"}).status_code == 404
    asked.refresh_from_db()
    assert asked.opened_at is None  # somebody who only looks has not taken it up


def test_a_photo_removed_after_sending_stays_and_the_next_page_shows_how_it_stands(house):
    draft = house.draft()
    kept = Evidence.objects.create(asked=draft, sha256="0" * 64, added_by=house.maya.user, added_at=house.now)
    house.send(draft)
    browser = Client()
    browser.force_login(house.maya.user)

    page = browser.post(f"/me/requests/{draft.ref}/photo/{kept.ref}/remove/", follow=True)

    assert page.redirect_chain[-1][0] == f"/me/requests/{draft.ref}/"
    assert Evidence.objects.filter(pk=kept.pk).exists()


def test_taking_back_from_an_old_page_gives_up_no_answer_they_have_not_seen(house, client: Client) -> None:
    asked = house.recommended()
    client.force_login(house.maya.user)
    address = f"/me/requests/{asked.ref}/withdraw/"
    shown = client.get(address).content.decode()
    services.approve(ref=asked.ref, by=house.priya, now=house.now)

    answer = client.post(address, {"seen": re.search(r'name="seen" value="(\d+)"', shown)[1]})

    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert answer.status_code == 409
    again = answer.content.decode()
    assert "This has moved on since you opened it" in again
    assert "Priya said yes to £180" in again
    client.post(address, {"seen": re.search(r'name="seen" value="(\d+)"', again)[1]})
    asked.refresh_from_db()
    assert asked.status == Status.WITHDRAWN, "who has read it may still take it back"


def test_a_draft_that_is_thrown_away_is_emptied_and_nobody_else_ever_sees_it(house, client: Client) -> None:
    asked = house.draft(something_else=True, title="Leaving where I live", story="He does not know.")
    client.force_login(house.maya.user)

    answer = client.post(f"/me/requests/{asked.ref}/withdraw/", {"seen": "0"})

    client.force_login(house.sam)
    assert "Leaving where I live" not in client.get(f"/desk/young-people/{house.maya.ref}/").content.decode()
    assert client.get(f"/desk/requests/{asked.ref}/").status_code == 404
    assert not CaseNote.objects.exists()
    client.force_login(house.maya.user)
    assert answer["Location"] == "/me/requests/"
    assert "Leaving where I live" not in client.get("/me/requests/").content.decode()
    asked.refresh_from_db()
    assert (asked.title, asked.draft_answers) == ("", {})
    kept = house.draft()
    assert (
        f"/me/requests/{kept.ref}/withdraw/"
        in client.get(f"/me/requests/{kept.ref}/ask/how/").content.decode()
    )


def test_what_staff_read_is_english_whatever_language_it_was_asked_in(house) -> None:
    older = to_data(Rule("later", Age(25, 27)))
    house.version = VersionFactory(approver_level="", entitlement__code="later", rule=older)
    with translation.override("ar"):
        asked = house.sent()
        heard = services.told_no(
            young_person=house.maya, entitlement=None, came_as=CameAs.TOLD_NO, token=new_token(), by=house.maya.user,
            now=house.now, answers={"story": "A bed.", "pence": None, "how": "BANK"},
        )  # fmt: skip

    assert heard.title == "Something else"
    assert asked.rule_answer == "NO"
    assert asked.rule_reasons
    assert all(reason.isascii() for reason in asked.rule_reasons)


def test_a_request_goes_with_the_young_person_to_whoever_looks_after_them_now(house) -> None:
    asked = house.sent()
    tia = YoungPersonFactory(team=house.team)
    with_duty = services.raise_for(
        young_person=tia, entitlement=None, token=new_token(), by=house.priya, now=house.now,
        answers={"story": "A cot.", "pence": 5_000, "how": "BANK"},
    )  # fmt: skip
    assert (asked.holder, with_duty.held_by, with_duty.holder) == (house.sam, HeldBy.DUTY, None)
    grace = staff(Role.PERSONAL_ADVISER, "Grace", team=house.team)
    for person in (house.maya, tia):
        allocate(young_person=person, worker=grace, starts_on=house.now.date(), by=None, now=house.now)

    first, again = services.run_clocks(house.now), services.run_clocks(house.now)

    for one in (asked, with_duty):
        one.refresh_from_db()
        assert (one.held_by, one.holder) == (HeldBy.ADVISER, grace)
    assert (first["handed_over"], again["handed_over"]) == (2, 0)
    assert AuditEvent.objects.filter(action="request_handed_over").count() == 2
