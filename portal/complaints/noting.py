"""What the case record hears of a complaint: that it was answered, and where to ask. Never a word of it.

The complaint keeps its own papers, because whoever it is about may read the young person's notes. So nothing is noted
while it is being looked into, when it was taken back, or when somebody is kept out of it; what went wrong and what was
answered stand with the complaint alone.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.case_notes.models import Kind
from portal.case_notes.services import in_its_language, write_note
from portal.clock import local_date
from portal.complaints.models import Complaint
from portal.complaints.rules import Action

NOTED = frozenset({Action.ANSWERED, Action.PANEL_FOUND})


def note_step(complaint: Complaint, action: Action, *, by: User | None, now: datetime) -> None:
    """One line of a young person's complaint, in the transaction that writes it."""
    if action not in NOTED or complaint.young_person is None:
        return
    if complaint.keep_from or complaint.kept_from.exists():
        return
    with in_its_language():
        words = _(
            "Complaint of %(day)s: step %(step)s was answered. What was said is kept with the complaint."
        ) % {
            "day": date_format(local_date(complaint.made_at), "j F Y"),
            "step": int(complaint.stage),
        }
    write_note(
        young_person=complaint.young_person, kind=Kind.COMPLAINT, about=complaint.ref, words=words, by=by, now=now,
        key=f"complaint:{complaint.ref}:{complaint.row_version}",
    )  # fmt: skip
