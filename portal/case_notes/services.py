"""Writing notes, making the file of each night, and learning what the case record holds.

A note is written in the transaction of the thing it is about. The nightly set is fixed in one transaction and the file
follows from it alone, so whoever is stopped at any line is followed by the next round (as safety rule 68 has it for
payments). A note has arrived when the case record says so, or when somebody copied it there and says so.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.accounts.models import Role, User
from portal.audit.services import record
from portal.case_notes.models import (
    Arrival,
    Carried,
    CaseNote,
    CaseNoteQuerySet,
    Kind,
    NotesFile,
    RecordAnswer,
    Unmatched,
)
from portal.clock import LONDON, local_date
from portal.exports import is_whole, write_whole
from portal.integrations import notes_file
from portal.people.models import YoungPerson
from portal.refs import new_ref
from portal.verbs import verb

log = logging.getLogger(__name__)


def in_its_language() -> override:
    """For whoever puts a note into words: the case record is read in English, whoever's page it was written from."""
    return override("en")


def write_note(
    *,
    young_person: YoungPerson,
    kind: Kind,
    key: str,
    words: str,
    about: str = "",
    by: User | None,
    now: datetime,
) -> None:
    """Write down one thing for the case record, in the caller's transaction; the same key twice is one note.

    `words` are neutral and hold no story and no evidence; `by` is empty for what the service did by itself.
    """
    note = CaseNote(
        key=key, young_person=young_person, person_id=young_person.person_id, kind=kind, about=about,
        on=local_date(now), at=now, author=str(by) if by is not None else settings.BRAND_NAME, words=words.strip(),
    )  # fmt: skip
    CaseNote.objects.bulk_create([note], ignore_conflicts=True)


def make_tonights_file(*, now: datetime) -> NotesFile | None:
    """The nightly job: finish what a stopped one left, fix tonight's set, write its file. Nothing to carry: no file.

    Twice in one night, or two at once, is one file.
    """
    finish_files(now=now)
    made = _fix_the_set(now=now)
    return write_file(file=made, now=now) if made is not None else None


@verb
def _fix_the_set(*, now: datetime) -> NotesFile | None:
    night, ref = local_date(now), new_ref()
    if NotesFile.objects.filter(night=night).exists() or not CaseNote.objects.for_tonight(now=now).exists():
        return None
    columns = [list(pair) for pair in notes_file.chosen_columns(settings.NOTES_FILE_COLUMNS)]
    try:
        with transaction.atomic():
            made = NotesFile.objects.create(
                ref=ref,
                night=night,
                made_at=now,
                columns=columns,
                file_name=f"notes-{night:%Y%m%d}-{ref}.csv",
            )
    except IntegrityError:  # another round made it a moment ago
        return None
    notes = list(CaseNote.objects.for_tonight(now=now).order_by("pk").values_list("pk", flat=True))
    Carried.objects.bulk_create([Carried(note_id=pk, file=made) for pk in notes], batch_size=1000)
    made.count = len(notes)
    made.save(update_fields=["count"])
    record("notes_file_made", by=None, now=now, subject=f"notes_file:{ref}", detail={"count": made.count})
    return made


@verb
def write_file(*, file: NotesFile, now: datetime) -> NotesFile:
    """Put the whole file under its name, or leave it as it is: twice is once, and the same bytes.

    Refuses `file_changed` when its notes no longer give the file that was written, and `cannot_write`.
    """
    held = NotesFile.objects.select_for_update().get(pk=file.pk)
    made = content_it_gives(held)
    if made.how_many != held.count or held.sha256 not in {"", made.sha256}:
        log.error("the notes of file %s do not give it any more", held.ref)
        raise ValidationError(
            _("This file has changed since it was made. Tell your administrator."), code="file_changed"
        )
    if not is_whole(path_of(held), made.sha256):
        try:
            write_whole(path_of(held), made.content)
        except OSError as fault:
            log.error("notes file %s could not be written: %s", held.ref, fault.strerror)
            raise ValidationError(
                _("The file could not be written. Nothing is lost: try again."), code="cannot_write"
            ) from fault
    if not held.sha256:
        held.sha256, held.file_written_at = made.sha256, now
        held.save(update_fields=["sha256", "file_written_at"])
    return held


def finish_files(*, now: datetime) -> list[NotesFile]:
    """Write every file whose set is fixed and that is not there: what a stopped round left behind."""
    return [write_file(file=file, now=now) for file in NotesFile.objects.filter(sha256="").order_by("pk")]


def content_of(*, file: NotesFile, by: User, now: datetime) -> bytes:
    """The bytes of a night's file, the same each time; a file that was lost is written again. The look is recorded."""
    _check_data_officer(by, now=now)
    file = write_file(file=file, now=now)
    content = path_of(file).read_bytes()
    record(
        "notes_downloaded", by=by, now=now, subject=f"notes_file:{file.ref}", detail={"bytes": len(content)}
    )
    return content


@verb
def read_answer(*, content: bytes, by: User, now: datetime) -> RecordAnswer:
    """Mark what the case record says it holds. The same bytes again change nothing (`repeated`).

    What nobody here knows, what no file carried, and what it refused stands in the unmatched list. Refuses
    `not_data_officer` and `cannot_read`, whole, with each fault and its line.
    """
    _check_data_officer(by, now=now)
    digest = sha256(content).hexdigest()
    before = RecordAnswer.objects.filter(sha256=digest).first()
    if before is not None:
        before.repeated = True
        return before
    try:
        lines = notes_file.read_answer(content)
    except notes_file.CannotRead as fault:
        raise ValidationError(
            _("This file was not read: %(why)s.") % {"why": fault}, code="cannot_read"
        ) from fault
    answer = RecordAnswer.objects.create(sha256=digest, read_by=by, read_at=now)
    known = {
        note.ref: note
        for note in CaseNote.objects.filter(ref__in={line.reference for line in lines}).select_related(
            "arrived", "carried"
        )
    }
    home: dict[int, Arrival] = {}
    for line in lines:
        note = known.get(line.reference)
        why = _why_unmatched(line, note)
        if why is not None:
            Unmatched.objects.create(
                answer=answer,
                number=line.number,
                reference=line.reference,
                why=why,
                reason=line.reason,
                note=note,
            )
        elif note is not None and (note.pk in home or getattr(note, "arrived", None)):
            answer.said_before += 1
        elif note is not None:
            home[note.pk] = Arrival(note=note, how=Arrival.How.ANSWERED, by=by, at=now)
    Arrival.objects.bulk_create(home.values())
    answer.written = len(home)
    answer.save(update_fields=["written", "said_before"])
    record("notes_answer_read", by=by, now=now, subject=f"notes_answer:{answer.ref}",
           detail={"written": answer.written, "unmatched": answer.unmatched.count()})  # fmt: skip
    return answer


def _why_unmatched(line: notes_file.Answer, note: CaseNote | None) -> Unmatched.Why | None:
    if note is None:
        return Unmatched.Why.UNKNOWN
    if line.outcome == notes_file.Outcome.REFUSED:
        return Unmatched.Why.REFUSED
    sent = getattr(note, "carried", None) is not None or getattr(note, "arrived", None) is not None
    return None if sent else Unmatched.Why.NOT_SENT


@verb
def look_at_line(*, line: Unmatched, by: User, now: datetime) -> None:
    """Somebody found out what an unmatched line was about. Looked at already: nothing happens."""
    _check_data_officer(by, now=now)
    Unmatched.objects.filter(pk=line.pk, looked_at=None).update(looked_at=now, looked_by=by)


@verb
def mark_copied(*, young_person: YoungPerson, refs: Iterable[str], by: User, now: datetime) -> int:
    """Somebody copied these notes (their references) of one person into the case record. There already: as it was.

    Refuses `not_yours`. Returns how many were marked.
    """
    notes = list(_theirs(young_person, by=by, now=now).filter(ref__in=list(refs), arrived=None))
    Arrival.objects.bulk_create(
        [Arrival(note=note, how=Arrival.How.COPIED, by=by, at=now) for note in notes], ignore_conflicts=True
    )
    if notes:
        record("notes_copied", by=by, now=now, young_person_id=young_person.pk, detail={"count": len(notes)})
    return len(notes)


@verb
def mark_not_yet(*, young_person: YoungPerson, refs: Iterable[str], by: User, now: datetime) -> int:
    """It was not copied after all. What the case record itself confirmed stays confirmed. Refuses `not_yours`."""
    notes = _theirs(young_person, by=by, now=now).filter(ref__in=list(refs))
    gone, _each = Arrival.objects.filter(note__in=notes, how=Arrival.How.COPIED).delete()
    if gone:
        record("notes_not_copied", by=by, now=now, young_person_id=young_person.pk, detail={"count": gone})
    return gone


def content_it_gives(file: NotesFile) -> notes_file.NotesFile:
    """The file as its notes give it now, which is as they gave it the first time."""
    return notes_file.build(file=file.ref, columns=file.columns, rows=_rows_of(file))


def path_of(file: NotesFile) -> Path:
    """Where a night's file stands; never under a path the web server serves."""
    return Path(storages["exports"].path(file.file_name))


def _theirs(young_person: YoungPerson, *, by: User, now: datetime) -> CaseNoteQuerySet:
    """The notes of somebody whom `by` sees now, and who is not `by`."""
    if (
        not YoungPerson.objects.visible_to(by, on=local_date(now))
        .exclude(user=by)
        .filter(pk=young_person.pk)
        .exists()
    ):
        raise ValidationError(_("This is not yours to do."), code="not_yours")
    return CaseNote.objects.filter(young_person=young_person)


def _rows_of(file: NotesFile) -> list[notes_file.Row]:
    return [
        notes_file.Row(
            note=note.ref, person=note.person_id, on=note.on, at=note.at.astimezone(LONDON), kind=note.kind,
            about=note.about, author=note.author, words=note.words,
        )
        for note in CaseNote.objects.filter(carried__file=file)
    ]  # fmt: skip


def _check_data_officer(by: User, *, now: datetime) -> None:
    if by.frozen_at or not by.holds(Role.DATA_OFFICER, on=local_date(now)):
        raise ValidationError(_("Only a data officer can do this."), code="not_data_officer")
