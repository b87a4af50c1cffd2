"""What belongs in the case record is a note; a night of notes is one file; nothing counts as there by itself."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import override

from portal.accounts.models import Role
from portal.case_notes import services
from portal.case_notes.models import Arrival, Carried, CaseNote, NotesFile, Unmatched
from portal.finance.services import hand_over
from portal.ops.due import JOBS
from portal.ops.reconciliation import differences
from portal.payments import services as payments
from portal.payments.models import Instalment
from portal.payments.services import mark_failed, mark_paid
from portal.refs import new_token
from portal.spot_help.models import SpotAuthority
from portal.spot_help.services import check, give
from tests.factories import LONG_AGO, StaffFactory, YoungPersonFactory
from tests.payments.conftest import house as house

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def exports(no_stray_files: None) -> None:
    """Files go to a folder of the test's own."""


@pytest.fixture
def noor(db):
    return StaffFactory(role=Role.DATA_OFFICER)


def notes_of(person) -> list[tuple[str, str]]:
    return [(note.kind, note.words) for note in person.case_notes.order_by("pk")]


def lines_of(file: NotesFile, noor, now) -> list[dict[str, str]]:
    text = services.content_of(file=file, by=noor, now=now).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def answer(noor, now, *lines: str):
    content = "\r\n".join(("NoteReference,Outcome,Reason", *lines)).encode()
    return services.read_answer(content=content, by=noor, now=now)


def test_each_step_of_a_request_is_a_note_in_plain_words_with_no_story(house):
    with override("ar"):  # from whatever page it was sent
        asked = house.approved(story="My cooker broke and I cried.", pence=18_000)
    paid = Instalment.objects.get(award__asked=asked)
    mark_paid(instalment=paid, now=house.now)
    mark_failed(instalment=paid, reason="the account is closed.", now=house.now)

    kinds, words = zip(*notes_of(house.maya), strict=True)
    assert kinds == ("REQUEST", "REQUEST", "DECISION", "PAYMENT", "PAYMENT")
    assert f"Asked for: {asked.title}, £180." in words[0]
    assert "Recommended: yes to £180" in words[1]
    assert "Decision: yes to £180." in words[2]
    assert "Decided by Priya" in words[2]
    assert "£180 was paid" in words[3]
    assert "did not arrive: the account is closed. It is owed again" in words[4]
    assert not any("cried" in one for one in words)
    assert all(
        note.person_id == house.maya.person_id and note.about == asked.ref for note in CaseNote.objects.all()
    )


def test_a_no_a_second_look_and_what_was_taken_back_are_notes_too(house):
    refused = house.declined()
    payments.ask_review(ref=refused.ref, words="It is cold.", by=house.maya.user, now=house.now)
    payments.decide_review(ref=refused.ref, changed=False, code="ANOTHER_WAY", words="The shop still gives them.",
                           by=house.omar, now=house.now)  # fmt: skip
    taken_back = house.sent()
    payments.withdraw(ref=taken_back.ref, by=house.maya.user, now=house.now)

    found = notes_of(house.maya)

    assert ("REQUEST", "The request was taken back.") in found
    assert any(kind == "DECISION" and "Told the young person: The shop gives beds for free." in words
               for kind, words in found)  # fmt: skip
    assert any(kind == "REVIEW" and "second look: not changed." in words for kind, words in found)
    assert not any("cold" in words for _kind, words in found)


def test_help_on_the_spot_and_a_voucher_handed_over_are_notes(house):
    SpotAuthority.objects.create(user=house.sam, limit_pence=5_000, given_by=house.omar, given_at=house.now,
                                 starts_on=LONG_AGO, decision_reference="D1")  # fmt: skip
    given = give(young_person=house.maya, need="FOOD", how="VOUCHER", pence=2_000, proof="V 17", token=new_token(),
                 by=house.sam, now=house.now)  # fmt: skip
    check(ref=given.ref, finding="ODD", words="Two in one week", by=house.priya, now=house.now)
    asked = house.approved(how="VOUCHER")
    one = Instalment.objects.get(award__asked=asked)
    hand_over(ref=asked.ref, instalment=one.ref, how="VOUCHER", proof="v 18", by=house.sam, now=house.now)

    found = notes_of(house.maya)

    assert ("SPOT_HELP", "Food: £20 on the spot. A voucher V 17. It is never asked back.") in found
    assert any("looked at by a second officer" in words and "week" not in words for _kind, words in found)
    assert found[-1][1].endswith("A voucher was given, V 18.")


def test_the_same_thing_twice_is_one_note_and_a_note_is_never_changed(house):
    asked = house.approved()
    one = Instalment.objects.get(award__asked=asked)
    for _press in range(2):
        mark_paid(instalment=one, now=house.now)

    assert house.maya.case_notes.filter(kind="PAYMENT").count() == 1
    for change in (lambda: CaseNote.objects.update(words="x"), lambda: CaseNote.objects.all().delete()):
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            change()
        assert "added to, never changed" in str(refusal.value)


def test_a_nights_notes_are_one_file_the_same_bytes_each_time(house, noor):
    house.approved()

    file = services.make_tonights_file(now=house.now)
    again = services.make_tonights_file(now=house.now)
    first = services.content_of(file=file, by=noor, now=house.now)
    services.path_of(file).unlink()  # the disk was lost
    later = services.content_of(file=file, by=noor, now=house.now + 40 * DAY)

    assert again is None
    assert first == later
    rows = lines_of(file, noor, house.now)
    assert [row["RecordType"] for row in rows] == ["N", "N", "N", "T"]
    assert rows[-1]["NoteReference"] == "3"
    assert {row["PersonID"] for row in rows[:-1]} == {house.maya.person_id}
    assert rows[0]["NoteDate"] == house.now.date().isoformat()
    assert list(services.path_of(file).parent.glob(".*")) == []


def test_what_comes_after_goes_into_the_next_night_and_an_empty_night_has_no_file(house, noor):
    house.sent()
    first = services.make_tonights_file(now=house.now)
    assert services.make_tonights_file(now=house.now + DAY) is None

    house.sent()
    second = services.make_tonights_file(now=house.now + 2 * DAY)

    assert (first.count, second.count) == (1, 1)
    assert {row["NoteReference"] for row in lines_of(first, noor, house.now)}.isdisjoint(
        {row["NoteReference"] for row in lines_of(second, noor, house.now) if row["RecordType"] == "N"}
    )


def test_whoever_is_stopped_between_the_set_and_the_file_is_followed_by_the_next_round(
    house, noor, monkeypatch
):
    house.sent()

    def no_room(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(services, "write_whole", no_room)
    with pytest.raises(ValidationError) as refusal:
        services.make_tonights_file(now=house.now)
    assert refusal.value.code == "cannot_write"
    left = NotesFile.objects.get()
    assert (left.count, left.sha256) == (1, "")
    assert not services.path_of(left).exists()
    monkeypatch.undo()
    house.sent()  # must not slip into a set that is fixed

    assert services.make_tonights_file(now=house.now + DAY).count == 1
    assert services.write_file(file=left, now=house.now).sha256
    assert Carried.objects.count() == CaseNote.objects.count() == 2


def test_reconcile_finds_a_file_of_notes_that_is_gone_or_changed_and_mends_none(house):
    house.sent()
    file = services.make_tonights_file(now=house.now)
    assert differences(now=house.now) == []

    services.path_of(file).write_bytes(b"half")
    assert [one.words for one in differences(now=house.now)] == ["is not the one that was written"]
    services.path_of(file).unlink()
    Carried.objects.all().delete()

    found = [one.words for one in differences(now=house.now)]
    assert found == ["was made of 1 notes, carries 0", "is gone", "is no longer what its notes give"]
    assert not services.path_of(file).exists()


def test_a_cell_never_starts_a_formula_and_stays_on_one_line(house, noor):
    services.write_note(
        young_person=house.maya, kind="REQUEST", key="k", words="=1+1\nnext", by=None, now=house.now
    )

    row = lines_of(services.make_tonights_file(now=house.now), noor, house.now)[0]

    assert row["Note"] == "'=1+1 next"
    assert row["Author"] == "Waymark"


def test_not_yet_until_the_case_record_answers_and_an_answer_read_twice_is_once(house, noor):
    house.approved()
    refs = [
        row["NoteReference"]
        for row in lines_of(services.make_tonights_file(now=house.now), noor, house.now)[:3]
    ]
    assert CaseNote.objects.not_yet().count() == 3
    lines = (
        f"{refs[0]},WRITTEN,",
        f"{refs[1].lower()},,",
        f"{refs[2]},REFUSED,No such person",
        "NOBODYS,WRITTEN,",
    )

    first = answer(noor, house.now, *lines)
    again = answer(noor, house.now, *lines)
    other = answer(noor, house.now, f"{refs[0]},WRITTEN,")

    assert (first.written, again.repeated, again.pk) == (2, True, first.pk)
    assert (other.written, other.said_before) == (0, 1)
    assert [note.ref for note in CaseNote.objects.not_yet()] == [refs[2]]
    assert [(one.reference, one.why, one.reason) for one in Unmatched.objects.order_by("pk")] == [
        (refs[2], "REFUSED", "No such person"), ("NOBODYS", "UNKNOWN", ""),
    ]  # fmt: skip


def test_a_note_that_no_file_carried_is_not_believed_to_be_there(house, noor):
    house.sent()
    note = CaseNote.objects.get()

    read = answer(noor, house.now, f"{note.ref},WRITTEN,")

    assert read.written == 0
    assert Unmatched.objects.get().why == "NOT_SENT"
    assert CaseNote.objects.not_yet().get() == note


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a CSV file"),
        (b"\0", "not a CSV file"),
        (b"Name\r\nx", "line 1: no column says the NoteReference"),
        (b"NoteReference,Outcome\r\nABC,LOST", "line 2: the outcome is not WRITTEN or REFUSED"),
        (b"NoteReference\r\n=cmd", "line 2: the reference cannot be read"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_whole_with_its_line(noor, now, content, words):
    with pytest.raises(ValidationError, match=words):
        services.read_answer(content=content, by=noor, now=now)

    assert Arrival.objects.count() == 0


def test_what_somebody_copied_is_in_the_record_and_not_in_the_file(house, noor):
    house.approved()
    copied, *others = CaseNote.objects.order_by("pk")

    services.mark_copied(young_person=house.maya, refs=[copied.ref], by=house.sam, now=house.now)
    file = services.make_tonights_file(now=house.now)

    assert {row["NoteReference"] for row in lines_of(file, noor, house.now)[:-1]} == {
        one.ref for one in others
    }
    assert services.mark_not_yet(young_person=house.maya, refs=[copied.ref], by=house.sam, now=house.now) == 1
    assert copied in CaseNote.objects.for_tonight(now=house.now)


def test_nobody_marks_the_notes_of_somebody_they_do_not_look_after(house):
    house.sent()
    stranger = StaffFactory(role=Role.PERSONAL_ADVISER)
    refs = [CaseNote.objects.get().ref]

    with pytest.raises(ValidationError) as refusal:
        services.mark_copied(young_person=house.maya, refs=refs, by=stranger, now=house.now)

    assert refusal.value.code == "not_yours"
    other = YoungPersonFactory(adviser=stranger)
    assert services.mark_copied(young_person=other, refs=refs, by=stranger, now=house.now) == 0


def test_invented_people_stay_out_of_the_file_outside_the_demo(house, settings):
    house.maya.in_the_demo = True
    house.maya.save()
    house.sent()

    settings.DEMO = False
    assert services.make_tonights_file(now=house.now) is None
    settings.DEMO = True
    assert services.make_tonights_file(now=house.now).count == 1


def test_the_job_is_in_the_timetable_at_night():
    job = next(job for job in JOBS if job.name == "notes file")

    assert job.at is not None
    assert job.at.hour < 6


def test_the_data_officer_takes_the_file_and_brings_the_answer(house, noor, client):
    house.sent()
    file = services.make_tonights_file(now=house.now)
    client.force_login(noor)

    page = client.get("/desk/imports/notes/")
    taken = client.get(f"/desk/imports/notes/{file.ref}/file/")
    sent = client.post("/desk/imports/notes/", {"file": io.BytesIO(taken.content)}, follow=True)

    assert "Maya" not in page.text
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{file.file_name}"'
    assert "1 note has arrived." in sent.text
    assert "All in LCS" in sent.text


def test_an_adviser_copies_from_the_request_and_sees_it_is_there(house, client):
    asked = house.sent()
    note = CaseNote.objects.get()
    client.force_login(house.sam)

    before = client.get(f"/desk/requests/{asked.ref}/")
    after = client.post(
        f"/desk/young-people/{house.maya.ref}/notes/",
        {"note": note.ref, "from_request": "1", "about": asked.ref}, follow=True,
    )  # fmt: skip

    assert "Not in LCS yet" in before.text
    assert after.redirect_chain[-1][0] == f"/desk/requests/{asked.ref}/"
    assert "copied by" in after.text
    assert "Every note is in LCS" in client.get(f"/desk/young-people/{house.maya.ref}/notes/").text
