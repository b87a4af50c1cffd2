"""Where the notes and their files disagree. Reads everything, mends nothing (safety rule 61)."""

from collections.abc import Iterator
from hashlib import sha256

from django.db.models import Count

from portal.case_notes.models import NotesFile
from portal.case_notes.services import content_it_gives, path_of


def faults() -> Iterator[tuple[str, str]]:
    """Is each night's file there, whole, and still what its notes give? A subject and a sentence for each fault."""
    for file in NotesFile.objects.annotate(carries=Count("notes")).exclude(sha256="").order_by("pk"):
        subject, path = f"notes file {file.ref}", path_of(file)
        if file.carries != file.count:
            yield subject, f"was made of {file.count} notes, carries {file.carries}"
        if not path.is_file():
            yield subject, "is gone"
        elif sha256(path.read_bytes()).hexdigest() != file.sha256:
            yield subject, "is not the one that was written"
        if content_it_gives(file).sha256 != file.sha256:
            yield subject, "is no longer what its notes give"
