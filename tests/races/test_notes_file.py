"""Each note in exactly one whole file, whatever line the nightly job is stopped at."""

from typing import Any

import pytest
from django.core.files.storage import storages

from portal.case_notes.models import CaseNote, NotesFile
from tests.conftest import NOW
from tests.factories import YoungPersonFactory
from tests.races.noters import NOTES
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

LINES_A_STEP = 1 if FULL_SIZE else 23


@pytest.fixture
def job(tmp_path, monkeypatch) -> dict[str, Any]:
    """Whom the notes are about; and the parent reads files where its children write them."""
    monkeypatch.setattr(storages["exports"], "_location", str(tmp_path / "exports"))
    for cached in ("base_location", "location"):
        storages["exports"].__dict__.pop(cached, None)
    return {"person": YoungPersonFactory().pk, "now": NOW.isoformat(), "step": LINES_A_STEP, "guard_off": ""}


def test_a_night_stopped_at_any_line_loses_no_note_and_sends_none_twice(job, tmp_path):
    (said,) = race("tests.races.noters", [job], folder=tmp_path, seconds=1800)
    print(f"killed {said['killed']} times, every {LINES_A_STEP} lines; {NotesFile.objects.count()} files")

    assert said["wrong"] == []
    assert said["killed"] > 5
    assert NotesFile.objects.count() == said["killed"] + 1
    assert CaseNote.objects.filter(carried__isnull=False).count() == NOTES * (said["killed"] + 1)


def test_without_the_rename_the_same_kills_leave_half_a_night(job, tmp_path):
    late = {
        "step": 23,
        "first": 20,
        "guard_off": "crash",
    }  # the file is written in the last third of the lines
    (said,) = race("tests.races.noters", [{**job, **late}], folder=tmp_path)
    print(f"killed {said['killed']} times until half a file stood there")

    assert any("half a file" in fault for fault in said["wrong"])
