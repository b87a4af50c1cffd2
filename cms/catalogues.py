"""The words of the screens in other languages: `locale/*/LC_MESSAGES/django.po` made into what Django reads.

`python -m cms.catalogues` needs no settings and none of gettext's own tools. `./run` calls it first; when nothing
changed it does nothing.
"""

import os
from pathlib import Path
from typing import Any

import polib
from django.core.checks import CheckMessage, Error

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_all(folder: Path = LOCALE) -> list[Path]:
    """Makes each `.mo` that is missing or older than its `.po`, whole or not at all. Gives those it made."""
    made = []
    for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        unfinished = source.with_suffix(f".{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(unfinished))
        unfinished.replace(target)
        made.append(target)
    return made


def all_ready(**kwargs: Any) -> list[CheckMessage]:
    """A system check: without this the other languages would silently speak English."""
    return [
        Error(
            f"The words in {source.parts[-3]} are not ready.",
            hint="Run: python -m cms.catalogues",
            id="cms.E001",
        )
        for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
        if not source.with_suffix(".mo").exists()
    ]


if __name__ == "__main__":
    compile_all()
