"""Who may read and answer a complaint, its steps, its clocks."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from portal.accounts.models import Role
from portal.audit.models import AuditEvent
from portal.complaints import clocks, services
from portal.complaints.models import Complaint, ComplaintStep, KeptFrom
from portal.complaints.rules import Action, Stage, State
from portal.complaints.services import Said
from portal.notifications.models import Notification
from portal.payments import services as payments
from portal.people.models import Absence
from portal.working_days import add_working_days
from tests.factories import LONG_AGO, StaffFactory


def at(now, days):
    """The same hour, some working days later."""
    return now + (add_working_days(now.date(), days) - now.date())


def kinds_for(user):
    return list(Notification.objects.filter(to=user).values_list("kind", flat=True))


def test_any_words_make_a_complaint_with_a_number_a_word_and_a_day(house):
    made = services.make(said=Said(words="unfair"), now=house.now)

    assert made.complaint.due_on == date(2026, 12, 7)
    assert (
        services.find(ref=made.complaint.ref.lower(), word=services.in_two(made.word).lower())
        == made.complaint
    )
    assert made.word not in str(vars(Complaint.objects.get()))
    assert AuditEvent.objects.filter(action="complaint_made").exists()


def test_no_words_are_refused_and_nothing_else_is_needed(house):
    with pytest.raises(ValidationError) as refusal:
        services.make(said=Said(words="  \n"), now=house.now)

    assert refusal.value.code == "no_words"


def test_a_wrong_word_and_an_unknown_number_read_the_same(complaint):
    said = set()
    for ref, word in ((complaint.ref, "22222222"), ("2222222222", "22222222"), ("", "")):
        with pytest.raises(ValidationError) as refusal:
            services.find(ref=ref, word=word)
        said.add(refusal.value.message)

    assert len(said) == 1


def test_the_same_page_sent_twice_is_one_complaint_and_other_words_are_another(house):
    said = Said(words="Nobody rang me.")
    first = services.make(said=said, browser="a phone", now=house.now)
    again = services.make(said=said, browser="a phone", now=house.now + timedelta(minutes=3))
    other = services.make(said=said, browser="another phone", now=house.now)

    assert again == first
    assert other.complaint != first.complaint
    assert ComplaintStep.objects.filter(complaint=first.complaint).count() == 1


def test_advisers_never_see_complaints_service_managers_do_and_team_managers_those_they_hold(
    house, complaint
):
    on = house.now.date()
    seen = {user: complaint in Complaint.objects.visible_to(user, on=on)
            for user in (house.sam, house.priya, house.omar, house.maya.user)}  # fmt: skip
    assert seen == {house.sam: False, house.priya: False, house.omar: True, house.maya.user: True}

    services.give(ref=complaint.ref, to=house.priya, by=house.omar, now=house.now)

    assert complaint in Complaint.objects.visible_to(house.priya, on=on)
    assert "complaint_new" in kinds_for(house.priya)


def test_whoever_is_named_as_not_to_read_it_does_not_and_it_goes_to_somebody_else(house):
    made = services.make(said=Said(words="He shouted.", keep_from="please not omar"), now=house.now)

    assert made.complaint not in Complaint.objects.visible_to(house.omar, on=house.now.date())
    assert made.complaint.holder == house.priya
    assert made.complaint in Complaint.objects.visible_to(house.priya, on=house.now.date())
    assert kinds_for(house.omar) == []


def test_with_a_second_service_manager_it_stays_with_them(house):
    other = StaffFactory(role=Role.SERVICE_MANAGER, first_name="Ines")

    made = services.make(said=Said(words="He shouted.", keep_from="Omar"), now=house.now)

    assert made.complaint.holder is None
    assert services.coordinators(made.complaint, on=house.now.date()) == [other]


def test_a_manager_it_turns_out_to_be_about_is_kept_out_from_then_on(house, complaint):
    services.keep_out(ref=complaint.ref, whom=house.omar, by=house.omar, now=house.now)

    complaint.refresh_from_db()
    assert complaint.holder == house.priya
    with pytest.raises(Complaint.DoesNotExist):
        services.answer(ref=complaint.ref, words="We are sorry.", by=house.omar, now=house.now)


def test_nobody_complained_about_can_be_given_it(house, complaint):
    KeptFrom.objects.create(complaint=complaint, user=house.priya)

    with pytest.raises(ValidationError) as refusal:
        services.give(ref=complaint.ref, to=house.priya, by=house.omar, now=house.now)

    assert refusal.value.code == "kept_out"
    assert house.priya not in services.who_may_have(complaint, on=house.now.date())


def test_nobody_answers_their_own_complaint(house):
    house.omar.young_person = None
    house.maya.user = house.omar
    house.maya.save()
    made = services.make(said=Said(words="Me."), young_person=house.maya, by=house.omar, now=house.now)

    with pytest.raises(Complaint.DoesNotExist):
        services.answer(ref=made.complaint.ref, words="Fine.", by=house.omar, now=house.now)


def test_all_three_steps_to_the_ombudsman(house, complaint):
    services.give(ref=complaint.ref, to=house.priya, by=house.omar, now=house.now)
    services.answer(ref=complaint.ref, words="We are sorry.", by=house.priya, now=at(house.now, 3))
    services.ask_next_step(complaint=complaint, words="", by=house.maya.user, now=at(house.now, 5))
    complaint.refresh_from_db()
    assert (complaint.stage, complaint.state, complaint.holder, complaint.answer) == (
        2,
        State.LOOKING,
        None,
        "",
    )
    assert complaint.due_on == add_working_days(house.now.date(), 30)

    services.extend(ref=complaint.ref, words="Two people are ill.", by=house.omar, now=at(house.now, 20))
    services.name_independent(
        ref=complaint.ref, who="somebody from Example Advocacy", by=house.omar, now=at(house.now, 21)
    )
    services.answer(ref=complaint.ref, words="We looked.", by=house.omar, now=at(house.now, 60))
    services.ask_next_step(
        complaint=complaint, words="Still wrong.", by=house.maya.user, now=at(house.now, 61)
    )
    services.name_independent(ref=complaint.ref, who="Three of them", by=house.omar, now=at(house.now, 62))
    for action in (Action.PANEL_MET, Action.PANEL_FOUND):
        services.panel_step(ref=complaint.ref, action=action, words="", by=house.omar, now=at(house.now, 80))
    done = services.answer(
        ref=complaint.ref, words="The panel is right.", by=house.omar, now=at(house.now, 90)
    )

    assert (done.stage, done.state) == (Stage.PANEL, State.ANSWERED)
    with pytest.raises(ValidationError) as refusal:
        services.ask_next_step(complaint=complaint, words="", by=house.maya.user, now=at(house.now, 91))
    assert refusal.value.code == "last_step"


def test_nobody_answers_step_2_or_meets_for_step_3_before_somebody_from_outside_is_named(house, complaint):
    told = {"by": house.omar, "now": house.now}
    with pytest.raises(ValidationError):  # step 1 has nobody from outside
        services.name_independent(ref=complaint.ref, who="Somebody", **told)
    services.ask_next_step(complaint=complaint, words="", by_staff=True, **told)
    for verb in (
        lambda: services.answer(ref=complaint.ref, words="We looked.", **told),
        lambda: services.panel_step(ref=complaint.ref, action=Action.PANEL_MET, words="", **told),
    ):
        with pytest.raises(ValidationError) as refusal:
            verb()
        assert refusal.value.code == "no_independent"

        services.name_independent(ref=complaint.ref, who="somebody from Example Advocacy", **told)
        complaint.refresh_from_db()
        assert (
            complaint.independent
            == complaint.steps.latest("number").words
            == "somebody from Example Advocacy"
        )
        if complaint.stage == Stage.INVESTIGATION:
            services.ask_next_step(complaint=complaint, words="", by_staff=True, **told)

    complaint.refresh_from_db()
    assert complaint.stage == Stage.PANEL


def test_a_screen_older_than_what_she_added_neither_answers_nor_extends_nor_gives(house, complaint):
    seen = complaint.row_version
    services.say_more(complaint=complaint, words="He rang today.", by=house.maya.user, now=house.now)
    told = {"ref": complaint.ref, "by": house.omar, "now": house.now, "seen": seen}

    for verb in (
        lambda: services.answer(words="Nobody rang, sorry.", **told),
        lambda: services.extend(words="It is hard.", **told),
        lambda: services.give(to=house.priya, **told),
    ):
        with pytest.raises(ValidationError) as refusal:
            verb()
        assert refusal.value.code == "not_now"

    complaint.refresh_from_db()
    assert (complaint.state, complaint.holder, complaint.extended_at) == (State.LOOKING, None, None)


def test_whoever_answered_step_1_does_not_answer_step_2(house, complaint):
    services.answer(ref=complaint.ref, words="No.", by=house.omar, now=house.now)
    services.ask_next_step(complaint=complaint, words="", by=house.maya.user, now=house.now)
    services.name_independent(
        ref=complaint.ref, who="somebody from Example Advocacy", by=house.omar, now=house.now
    )

    with pytest.raises(ValidationError) as refusal:
        services.answer(ref=complaint.ref, words="No.", by=house.omar, now=house.now)

    assert refusal.value.code == "own_answer"


def test_an_answer_without_words_is_no_answer(house, complaint):
    with pytest.raises(ValidationError) as refusal:
        services.answer(ref=complaint.ref, words=" ", by=house.omar, now=house.now)

    assert refusal.value.code == "no_words"


def test_it_is_stopped_quietly_by_whoever_made_it(house, complaint):
    services.stop(complaint=complaint, by=house.maya.user, now=house.now)

    with pytest.raises(ValidationError):
        services.answer(ref=complaint.ref, words="Sorry.", by=house.omar, now=house.now)


def test_only_who_asked_for_a_message_gets_one(house):
    for reach, told in (("HERE", []), ("NEVER", []), ("USUAL", ["complaint_update"])):
        Notification.objects.all().delete()
        made = services.make(
            said=Said(words=f"Late, {reach}.", reach=reach),
            young_person=house.maya,
            by=house.maya.user,
            now=house.now,
        )
        services.answer(ref=made.complaint.ref, words="Sorry.", by=house.omar, now=house.now)

        assert kinds_for(house.maya.user) == told, reach


def test_words_on_a_request_become_a_complaint_that_nobody_who_decided_answers(house):
    asked = house.declined(story="I have no bed and nobody listens.")

    complaint = services.make_from_request(asked=asked, words=asked.story, by=house.sam, now=house.now)
    again = services.make_from_request(asked=asked, words=asked.story, by=house.sam, now=house.now)

    assert again == complaint
    assert complaint.words == "I have no bed and nobody listens."
    assert complaint.young_person == house.maya
    assert house.priya not in services.who_may_have(complaint, on=house.now.date())
    assert house.omar in services.who_may_have(complaint, on=house.now.date())
    assert "complaint_update" in kinds_for(house.maya.user)


def test_a_told_no_becomes_a_complaint_in_the_same_words(house):
    answers = {"story": "My worker said no.", "how": "BANK"}
    asked = payments.told_no(
        young_person=house.maya, entitlement=house.version.entitlement, came_as="TOLD_NO", answers=answers,
        token="2" * 26, by=house.maya.user, now=house.now,
    )  # fmt: skip

    complaint = services.make_from_request(asked=asked, words=asked.story, by=house.omar, now=house.now)

    assert complaint.words == "My worker said no."
    assert complaint.about == f"payment_request:{asked.ref}"


def test_the_clock_reminds_before_and_says_sorry_after_once_each(house, complaint):
    services.opened(ref=complaint.ref, by=house.omar, now=house.now)
    Notification.objects.all().delete()

    assert clocks.run_clocks(at(house.now, 7))["reminded"] == 0
    for _twice in range(2):
        clocks.run_clocks(at(house.now, 8))
    assert kinds_for(house.omar) == ["complaint_due"]

    for _twice in range(2):
        clocks.run_clocks(at(house.now, 11))
    assert kinds_for(house.omar) == ["complaint_due", "complaint_late"]
    assert kinds_for(house.maya.user) == ["complaint_late_sorry"]


def test_one_that_nobody_opened_within_a_working_day_is_told(house, complaint):
    Notification.objects.all().delete()

    clocks.run_clocks(at(house.now, 1))
    assert kinds_for(house.omar) == []
    clocks.run_clocks(at(house.now, 2))

    assert kinds_for(house.omar) == ["complaint_late"]


def test_nothing_is_said_at_night_or_at_a_weekend(house, complaint):
    night = house.now.replace(hour=3) + timedelta(days=40)

    assert clocks.run_clocks(night) == {}


def test_an_answered_or_stopped_one_has_no_clock(house, complaint):
    services.answer(ref=complaint.ref, words="Sorry.", by=house.omar, now=house.now)
    Notification.objects.all().delete()

    assert set(clocks.run_clocks(at(house.now, 40)).values()) == {0}


def test_one_that_nobody_may_see_is_an_alarm(house, caplog):
    services.make(said=Said(words="Both of them.", keep_from="Omar and Priya"), now=house.now)

    clocks.run_clocks(at(house.now, 2))

    assert "has nobody who may answer it" in caplog.text


def test_its_story_is_added_to_and_never_changed(house, complaint):
    with pytest.raises(DatabaseError), transaction.atomic():
        complaint.steps.update(words="Something else.")


def test_a_cover_it_is_about_or_who_is_no_manager_does_not_get_it(house):
    away = Absence.objects.create(user=house.priya, cover=house.omar, starts_on=LONG_AGO)
    about_omar = services.make(said=Said(words="He shouted.", keep_from="Omar"), now=house.now).complaint
    Absence.objects.filter(pk=away.pk).update(cover=house.sam)
    covered_by_sam = services.make(said=Said(words="Again.", keep_from="Omar"), now=house.now).complaint

    assert about_omar.holder == covered_by_sam.holder == house.priya
    assert kinds_for(house.omar) == kinds_for(house.sam) == []


def notes_of(person) -> list[str]:
    return [note.words for note in person.case_notes.filter(kind="COMPLAINT")]


def test_the_case_record_hears_that_it_was_answered_and_not_one_word_of_it(complaint, house):
    omar = StaffFactory(role=Role.SERVICE_MANAGER)
    assert notes_of(house.maya) == []

    services.answer(ref=complaint.ref, words="We are sorry. Sam rings on Mondays.", by=omar, now=house.now)

    (note,) = house.maya.case_notes.filter(kind="COMPLAINT")
    assert (
        note.words
        == "Complaint of 23 November 2026: step 1 was answered. What was said is kept with the complaint."
    )
    assert (note.author, note.on) == (str(omar), house.now.date())


def test_the_case_record_hears_nothing_while_somebody_is_kept_out_or_of_what_was_taken_back(house):
    omar = StaffFactory(role=Role.SERVICE_MANAGER)
    kept, stopped = (
        services.make(
            said=Said(words=words, keep_from=keep), young_person=house.maya, by=house.maya.user, now=house.now
        )
        for words, keep in (("It is about my adviser", "my adviser"), ("Never mind", ""))
    )

    services.answer(ref=kept.complaint.ref, words="We are sorry.", by=omar, now=house.now)
    services.stop(complaint=stopped.complaint, by=house.maya.user, now=house.now)

    assert notes_of(house.maya) == []
