"""Django's own command, which also hands the translators the words that stand in data and not in code."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.commands import makemessages

from entitlements.wording import messages, staff_messages

WORDS = Path(__file__).parents[2] / "data" / "circumstances_words.py"
"""Stands there while the messages are gathered. Its name is what a translator sees beside each word."""


class Command(makemessages.Command):
    """Gathers messages. The words of `circumstances.toml` are among them."""

    def handle(self, *args: Any, **options: Any) -> None:
        with words_as_code(WORDS, (*messages(), *staff_messages())):
            super().handle(*args, **options)


@contextmanager
def words_as_code(path: Path, words: Iterable[str]) -> Iterator[None]:
    """A module that says each word to gettext, for as long as this lasts."""
    lines = (f"gettext_noop({word!r})\n" for word in dict.fromkeys(words))
    path.write_text(
        "from django.utils.translation import gettext_noop\n\n" + "".join(lines), encoding="utf-8"
    )
    try:
        yield
    finally:
        path.unlink()
