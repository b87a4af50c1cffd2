"""Translation by an outside service that costs money for each letter: off at first, and never over its cap.

Drafts only: what comes back is marked as a machine's, and a person checks it. The service speaks the small JSON of
LibreTranslate; its address and key are settings, its switch and cap a row that the publishers keep.
"""

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail_localize.machine_translators.base import BaseMachineTranslator
from wagtail_localize.strings import StringValue

from cms.models import OutsideTranslation

TIMEOUT = 20  # seconds


class CapReached(PermissionDenied):
    """The letters of this month are used up, or the switch is off. Nothing was sent."""


def take(letters: int, *, month: str) -> None:
    """Count letters before they are sent, or refuse. One conditional update: a hundred presses cannot pass the cap."""
    OutsideTranslation.objects.filter(pk=1).exclude(month=month).update(month=month, used=0)
    fits = OutsideTranslation.objects.filter(pk=1, on=True, month=month, used__lte=F("monthly_cap") - letters)
    if not fits.update(used=F("used") + letters):
        raise CapReached


class CappedTranslator(BaseMachineTranslator):  # type: ignore[misc]
    """What wagtail-localize calls when an editor presses "Translate with ...". The button shows only while it may."""

    display_name = "the outside service"

    def can_translate(self, source_locale: Any, target_locale: Any) -> bool:
        """Whether there is a service, its switch is on, and letters are left."""
        return (
            bool(settings.TRANSLATOR_URL)
            and source_locale != target_locale
            and OutsideTranslation.objects.filter(pk=1, on=True, monthly_cap__gt=0).exists()
        )

    def translate(
        self, source_locale: Any, target_locale: Any, strings: Any
    ) -> dict[StringValue, StringValue]:
        """Drafts of the pieces. Counted first, and counted even if the service fails: it may have charged for them."""
        pieces = list(strings)
        words = [piece.data for piece in pieces]
        if not words:
            return {}
        month = timezone.localtime(timezone.now()).strftime("%Y-%m")  # noqa: TID251 - the month of the bill
        with transaction.atomic():
            take(sum(map(len, words)), month=month)
        said = _ask(words, source_locale.language_code, target_locale.language_code)
        return {piece: StringValue(text) for piece, text in zip(pieces, said, strict=True)}


def _ask(words: Sequence[str], source: str, target: str) -> list[str]:
    body = {"q": list(words), "source": source, "target": target, "format": "html"}
    asked = urllib.request.Request(  # noqa: S310 - the address is a setting of ours, never a reader's
        f"{settings.TRANSLATOR_URL.rstrip('/')}/translate",
        data=json.dumps(body | {"api_key": settings.TRANSLATOR_KEY}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310
        return [str(text) for text in json.load(answer)["translatedText"]]
