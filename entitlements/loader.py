"""The facts we ship (`data/handbook/*.toml`) into pages, once: what an editor changed afterwards stays.

For each field the entitlement remembers what the file said when it was last taken. A file that says something else
now is reported beside what the page says; only fields no editor has touched can be brought up to date, on request.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from wagtail.models import Page

from cms.loading import REVIEW_BY
from entitlements.content import BASIS, EXPLAIN_LISTS, EXPLAIN_TEXTS, WORDS
from entitlements.models import Entitlement
from entitlements.moderation import ensure_amount_moderation
from entitlements.pages import EntitlementPage, HandbookPage

FOLDER = Path(__file__).parent / "data" / "handbook"
STREAMS = ("rule", "check_questions", "also_see")
INTRODUCTION = (
    "Money, things and help that care leavers can get. Each page says who it is for and how to ask."
)


class Changed(NamedTuple):
    """A fact the file gives otherwise than when it was loaded."""

    code: str
    field: str
    page_says: str
    file_says: str


class Loaded(NamedTuple):
    """What a run did."""

    made: int
    kept: int
    updated: int
    changed: list[Changed]


def records(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Every record, by code."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))]


def load(
    handbook: HandbookPage, found: list[dict[str, Any]], *, update: bool = False, tell: Callable[[str], None]
) -> Loaded:
    """Make the pages that are missing, publish them, and report changed facts. Twice is the same as once.

    `update` takes the file's word for fields that still say what the file said before. `tell` hears each code.
    """
    codes = [record["code"] for record in found]
    Entitlement.objects.bulk_create([Entitlement(code=code) for code in codes], ignore_conflicts=True)
    entitlements = Entitlement.objects.in_bulk(codes, field_name="code")
    pages = {
        page.entitlement_id: page
        for page in EntitlementPage.objects.filter(entitlement__code__in=codes, locale=handbook.locale)
    }
    made = updated = 0
    changed: list[Changed] = []
    for record in found:
        entitlement, values = entitlements[record["code"]], values_of(record)
        page = pages.get(entitlement.pk)
        if page is None:
            _make(handbook, entitlement, values)
            made += 1
        else:
            differing = list(_differing(page, entitlement, values))
            if update:
                taken = [change for change in differing if _untouched(page, entitlement, change.field)]
                updated += bool(_take(page, entitlement, values, [change.field for change in taken]))
                differing = [change for change in differing if change not in taken]
            changed += differing
        tell(record["code"])
    return Loaded(made, len(found) - made - updated, updated, changed)


def values_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as page fields, in plain JSON."""
    amount, source, explain = record["amount"], record["source"], record["explain"]
    words = {name: record["words"].get(name, "").strip() for name in ("one_line", *WORDS)}
    return {
        "title": record["title"],
        **words,
        "also_called": "\n".join(record["also_called"]),
        "search_words": "\n".join(record["search_words"]),
        "section": record["section"],
        "quiet": record["quiet"],
        "amount_type": amount["type"].upper(),
        "amount": amount["pounds"] or None,
        "per": amount["per"].upper(),
        "amount_note": amount["note"],
        "affects_benefits": record["affects_benefits"].upper(),
        "status": record["status"].upper(),
        "rule": list(rule_blocks(record["rule"])),
        "duty": record["duty"].upper(),
        "duty_line": record["duty_line"],
        "kind": record["kind"].upper(),
        "how_to_get": record["how_to_get"].upper(),
        "approver_level": record["approver"].upper(),
        "decision_days": record["decision_days"] or None,
        "evidence": "\n".join(record["evidence"]["items"]),
        **{f"explain_{name}": explain[name].strip() for name in EXPLAIN_TEXTS},
        **{f"explain_{name}": "\n".join(explain[name]) for name in EXPLAIN_LISTS},
        "check_questions": [
            _block(
                "question", question=q["question"], options=q["options"], right=q["answer"] + 1, why=q["why"]
            )
            for q in explain["check_questions"]
        ],
        "source_name": source["name"],
        "source_url": source["url"],
        "source_date": source["date"],
        "confidence": source["confidence"].upper(),
        "also_see": [
            _block("source", name=other["name"], url=other["url"]) for other in record.get("also_see", ())
        ],
        **{f"basis_{name}": record["basis"][name] for name in BASIS},
    }


def rule_blocks(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The blocks an editor would have built for a `[rule]` table."""
    if rule.get("statuses"):
        yield _block("status", any_of=[status.upper() for status in rule["statuses"]])
    if rule.get("min_age") is not None or rule.get("max_age") is not None:
        yield _block("age", from_age=rule.get("min_age"), until_age=rule.get("max_age"))
    for kind in ("all", "any", "none"):
        if rule.get(kind):
            yield _block("circumstances", kind=kind.upper(), keys=list(rule[kind]))


def _block(name: str, /, **value: Any) -> dict[str, Any]:
    return {"type": name, "value": value}


@transaction.atomic
def _make(handbook: HandbookPage, entitlement: Entitlement, values: Mapping[str, Any]) -> None:
    page = EntitlementPage(
        slug=entitlement.code,
        entitlement=entitlement,
        locale=handbook.locale,
        live=False,
        review_by=REVIEW_BY,
    )
    _set(page, values)
    handbook.add_child(instance=page)
    page.save_revision().publish()
    _remember(entitlement, values)


@transaction.atomic
def _take(
    page: EntitlementPage, entitlement: Entitlement, values: Mapping[str, Any], fields: list[str]
) -> bool:
    if fields:
        draft = page.get_latest_revision_as_object()
        had_draft = draft.has_unpublished_changes
        _set(draft, {name: values[name] for name in fields})
        revision = draft.save_revision()
        if page.live and not had_draft:
            revision.publish()
        _remember(entitlement, {**values, **{}}, only=fields)
    return bool(fields)


def _set(page: EntitlementPage, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in STREAMS:
            setattr(page, name, page._meta.get_field(name).to_python(json.dumps(value)))
        elif name == "amount":
            page.amount = Decimal(value) if value else None
        else:
            setattr(page, name, value)


def _remember(entitlement: Entitlement, values: Mapping[str, Any], only: list[str] | None = None) -> None:
    names = only if only is not None else list(values)
    entitlement.loaded = {**entitlement.loaded, **{name: _digest(values[name]) for name in names}}
    Entitlement.objects.filter(pk=entitlement.pk).update(loaded=entitlement.loaded)


def _differing(
    page: EntitlementPage, entitlement: Entitlement, values: Mapping[str, Any]
) -> Iterator[Changed]:
    """Fields where the file says something new, and the page does not say it too."""
    for name, value in values.items():
        if entitlement.loaded.get(name) == _digest(value):
            continue
        says = _says(page, name)
        if _digest(says) != _digest(value):
            yield Changed(entitlement.code, name, _short(says), _short(value))


def _untouched(page: EntitlementPage, entitlement: Entitlement, name: str) -> bool:
    return entitlement.loaded.get(name) == _digest(_says(page.get_latest_revision_as_object(), name))


def _says(page: EntitlementPage, name: str) -> Any:
    """What the page says in a field, in the shape of `values_of`."""
    value = getattr(page, name)
    if name in STREAMS:
        return [_plain(block) for block in value.get_prep_value()]
    if name == "amount":
        return None if value is None else f"{value:.2f}"
    return value


def _plain(block: Any) -> Any:
    """Without the ids a stream gives its blocks."""
    if isinstance(block, Mapping):
        if block.get("type") == "item":
            return _plain(block["value"])
        return {name: _plain(value) for name, value in block.items() if name != "id"}
    return [_plain(item) for item in block] if isinstance(block, list) else block


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


def ensure_handbook(home: Page) -> HandbookPage:
    """The handbook's front page, under the home page."""
    found: HandbookPage | None = HandbookPage.objects.filter(locale=home.locale).first()
    if found is not None:
        ensure_amount_moderation(found)
        return found
    page = HandbookPage(
        title="Handbook",
        slug="handbook",
        one_line="Everything you can get, one page each.",
        introduction=INTRODUCTION,
        review_by=REVIEW_BY,
        locale=home.locale,
        show_in_menus=True,
    )
    home.add_child(instance=page)
    page.save_revision().publish()
    ensure_amount_moderation(page)
    return page
