"""What is known of each page in another language: drafted by a machine, checked by a person, out of date.

English comes first. A translation remembers the English words it was made from; when those change, it is out of date
and says so to its readers and to editors, until somebody publishes it again from the new words.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.content_version import changed
from cms.contents import Translated, contents
from cms.languages import ENGLISH
from cms.models import ContentPage, TranslatedPage


def state(page_id: int, request: HttpRequest | None = None) -> Translated:
    """What to tell a reader about a translated page. One nobody wrote anything down about is unchecked."""
    card = contents(request).cards.get(page_id)
    return card.translated if card and card.translated else Translated()


def states(request: HttpRequest | None = None) -> Mapping[int, Translated]:
    """All that somebody wrote something down about, by page."""
    return {card.page_id: card.translated for card in contents(request).cards.values() if card.translated}


def published(page: Any, *, at: datetime) -> None:
    """A page was published: a translation says what it was made from; English makes its translations out of date."""
    if not isinstance(page, ContentPage) or page.alias_of_id:
        return
    if page.locale.language_code != ENGLISH:
        _made(page, at)
    elif TranslatedPage.objects.filter(page__translation_key=page.translation_key).exists():
        words = digest(page)
        others = TranslatedPage.objects.filter(page__translation_key=page.translation_key)
        others.filter(source_words=words).update(out_of_date_since=None)
        others.exclude(source_words=words).filter(out_of_date_since=None).update(out_of_date_since=at)


def check(*, page: Page, by: Any, now: datetime) -> None:
    """A person read this translation beside the English and says it is right.

    Refuses a page that is no translation (`not_translated`), is not published (`not_live`), has words waiting
    (`has_draft`), or is out of date (`out_of_date`): then there are newer English words to translate first.
    """
    known = TranslatedPage.objects.select_for_update().filter(page_id=page.pk).first()
    if known is None:
        raise ValidationError(_("This page is not a translation."), code="not_translated")
    if not page.live:
        raise ValidationError(_("Publish it first: what readers see is what is checked."), code="not_live")
    if page.has_unpublished_changes:
        raise ValidationError(
            _("There is a draft that readers do not see. Publish it or drop it first."), code="has_draft"
        )
    if known.out_of_date_since:
        raise ValidationError(
            _("The English has changed. Translate the new words, publish, then check."), code="out_of_date"
        )
    known.checked_by, known.checked_at, known.checked_revision = by, now, page.live_revision_id
    known.save(update_fields=["checked_by", "checked_at", "checked_revision"])
    changed()


def digest(page: Page) -> str:
    """All words of a page that a translator would be shown, as one number. Amounts and numbers are quoted by a token
    and are not among them: a new amount shows in every language and makes no translation out of date."""
    found = extract_segments(page)
    return _number(each.string.data for each in found if isinstance(each, StringSegmentValue))


def _number(words: Iterator[str]) -> str:
    return hashlib.sha256("\0".join(sorted({word for word in words if word.strip()})).encode()).hexdigest()


def _made(page: ContentPage, at: datetime) -> None:
    english = Page.objects.filter(
        translation_key=page.translation_key, locale__language_code=ENGLISH, live=True
    ).first()
    now = digest(english.specific) if english else ""
    source = TranslationSource.objects.filter(
        object_id=page.translation_key, locale__language_code=ENGLISH
    ).first()
    made_from, by_machine = now, False
    if source is not None:
        strings = source.stringsegment_set.values_list("string__data", flat=True)
        made_from = _number(iter(strings))
        by_machine = StringTranslation.objects.filter(
            locale=page.locale,
            translation_of__in=source.stringsegment_set.values("string"),
            context__object_id=page.translation_key,
            translation_type=StringTranslation.TRANSLATION_TYPE_MACHINE,
        ).exists()
    known, _new = TranslatedPage.objects.get_or_create(page_id=page.pk, defaults={"source_words": made_from})
    known.source_words, known.by_machine = made_from, by_machine
    known.out_of_date_since = None if made_from == now else known.out_of_date_since or at
    known.save()
