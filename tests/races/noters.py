"""The process that writes a night's notes into their file, killed at a line of that code.

`guard_off` writes straight under the final name, in two halves.
"""

from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.races import killing
from tests.races.killing import ROOT

WATCHED = (
    str(ROOT / "portal" / "case_notes"),
    str(ROOT / "portal" / "exports.py"),
    str(ROOT / "portal" / "integrations" / "notes_file.py"),
)
NOTES = 2


class Nights:
    """One night a round: some notes, the file of the night, and what must be true of all nights so far."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.first, self.person = datetime.fromisoformat(job["now"]), job["person"]

    def write_some_notes(self, night: int) -> None:
        """What happens by day."""
        from portal.case_notes.models import Kind
        from portal.case_notes.services import write_note
        from portal.people.models import YoungPerson

        person = YoungPerson.objects.get(pk=self.person)
        for number in range(NOTES):
            write_note(young_person=person, kind=Kind.REQUEST, key=f"{night}:{number}", words=f"Note {number}.",
                       by=None, now=self._now(night))  # fmt: skip

    def work(self, night: int) -> None:
        """The nightly job."""
        from portal.case_notes.services import make_tonights_file

        make_tonights_file(now=self._now(night))

    def half_files(self) -> list[str]:
        """Files under a final name that are not the whole file of their night, however the worker ended."""
        from portal.case_notes.models import NotesFile
        from portal.case_notes.services import content_it_gives, path_of

        return [
            f"half a file: {file.file_name}"
            for file in NotesFile.objects.filter(sha256="")
            if path_of(file).exists() and path_of(file).read_bytes() != content_it_gives(file).content
        ]

    def what_is_wrong(self) -> list[str]:
        """Each note in one file, each file whole under its name, nothing left lying about."""
        from portal.case_notes.models import Carried, CaseNote, NotesFile
        from portal.case_notes.reconciliation import faults
        from portal.case_notes.services import path_of

        wrong = [f"{subject} {words}" for subject, words in faults()]
        wrong += [f"no file for {file.night}" for file in NotesFile.objects.filter(sha256="")]
        wrong += [f"note {note.ref} is in no file" for note in CaseNote.objects.filter(carried=None)]
        files = list(NotesFile.objects.all())
        if files:
            folder = path_of(files[0]).parent
            wrong += [f"left behind: {path.name}" for path in folder.glob(".*")]
            known = {path_of(file).name: file.sha256 for file in files}
            there = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("notes-*")}
            wrong += [
                f"not the file that was written: {name}" for name in known if there.get(name) != known[name]
            ]
            wrong += [f"no night has this file: {name}" for name in there.keys() - known.keys()]
        lines = Counter(Carried.objects.values_list("note_id", flat=True))
        return wrong + [f"note {pk} is in {times} files" for pk, times in lines.items() if times != 1]

    def _now(self, night: int) -> datetime:
        return self.first + timedelta(days=night)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """What the process does."""
    from portal.case_notes import services

    if job["guard_off"]:
        services.write_whole = killing.in_halves(WATCHED)
    nights = Nights(job)
    return killing.kill_at_each_line(
        nights.work, watched=WATCHED, step=job["step"], first=job.get("first", 0), prepare=nights.write_some_notes,
        at_once=nights.half_files, after=nights.what_is_wrong,
    )  # fmt: skip
