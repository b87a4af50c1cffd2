"""Drafts of the pages that matter most, in the other languages: `data/languages/ar/urgent-help.po` and the like.

They go through the same tables an editor's translation uses (wagtail-localize), so editors work on from them. What an
editor wrote stays; a draft only fills what nobody wrote.
"""

from pathlib import Path
from typing import Any

import polib
from django.db import transaction
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.contents import contents
from cms.loading import Loader, digest_of
from cms.models import OutsideTranslation
from cms.translations import digest

DRAFTS = Path(__file__).parent / "data" / "languages"
TOOL = "machine draft"


def load_drafts(loader: Loader) -> None:
    """Every draft, the front page first: the others stand below it. Safe to run again."""
    OutsideTranslation.objects.get_or_create(pk=1)  # off, with nothing to spend
    known = contents()
    for folder in sorted(path for path in DRAFTS.iterdir() if path.is_dir()):
        locale = Locale.objects.get(language_code=folder.name)
        drafts = [polib.pofile(str(path)) for path in folder.glob("*.po")]
        for draft in sorted(drafts, key=lambda draft: len(draft.metadata["X-Page"])):
            card = known.by_address.get(draft.metadata["X-Page"])
            if card is not None:
                _load(loader, Page.objects.get(pk=card.page_id).specific, locale, draft)


def _load(loader: Loader, page: Any, locale: Locale, draft: Any) -> None:
    words = {entry.msgid: entry.msgstr for entry in draft if entry.msgstr}
    english = digest(page)
    key = f"draft:{locale.language_code}:{draft.metadata['X-Page']}"
    seen = loader.remembered(key)
    made = page.get_translation_or_none(locale)
    facts = digest_of([words, english])
    if made is not None and made.alias_of_id is None:
        if seen is not None and seen.digest == facts:
            loader.report.same += 1
            return
        if seen is None or made.latest_revision_id != seen.revision_id:
            loader.report.left.append(f"{made.url_path}: an editor changed it; the file says something new")
            return
    with transaction.atomic():
        source, _new = TranslationSource.update_or_create_from_instance(page)
        Translation.objects.get_or_create(source=source, target_locale=locale)
        _fill(source, locale, words)
        translated, _new = source.create_or_update_translation(
            locale, publish=False, copy_parent_pages=True, fallback=True
        )
        translated.latest_revision.publish(log_action=False)
        loader.remember(key, facts, translated.latest_revision_id)
    loader.report.made += made is None
    loader.report.renewed += made is not None
    loader.say(f"  {translated.title}")


def _fill(source: TranslationSource, locale: Locale, words: dict[str, str]) -> None:
    """A draft for each piece of the page that nobody translated. Our own older draft gives way to the new one."""
    for segment in source.stringsegment_set.select_related("string"):
        said = words.get(segment.string.data)
        if said is None:
            continue
        kept, new = StringTranslation.objects.get_or_create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            defaults={"data": said, "translation_type": "machine", "tool_name": TOOL},
        )
        if not new and kept.tool_name == TOOL and kept.data != said:
            kept.data = said
            kept.save(update_fields=["data"])
