"""An entitlement as people read it: on its page, in lists, quoted elsewhere. Facts come from published versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms import changes, fingerprint
from cms import tokens as cms_tokens
from cms.content_version import held
from cms.glossary import explain_all
from entitlements.amounts import say_amount, say_how_often
from entitlements.content import WORDS, content_of
from entitlements.models import EntitlementVersion, HowToGet, Section, Status
from entitlements.tokens import Reading

if TYPE_CHECKING:
    from entitlements.pages import EntitlementPage

Versions = Mapping[str, EntitlementVersion]
CAN_ASK = (HowToGet.REQUEST_ONLINE, HowToGet.ASK_PA)


@dataclass(frozen=True)
class Label:
    """Something that must stand wherever an entitlement shows. `code` is stable."""

    code: str
    text: str
    tone: str


@dataclass(frozen=True)
class Summary:
    """An entitlement in a list or quoted on another page."""

    code: str
    title: str
    one_line: str
    amount: str
    section: str
    quiet: bool
    labels: tuple[Label, ...]

    @property
    def url(self) -> str:
        return f"/handbook/{self.code}/"

    @property
    def address(self) -> str:
        """The same, as every card of a page calls it."""
        return self.url

    @property
    def sum(self) -> str:
        """The amount when it is a sum, to stand at the end of a row; else nothing."""
        return self._begins_well if "£" in self.amount else ""

    @property
    def _begins_well(self) -> str:
        return self.amount[:1].upper() + self.amount[1:]

    @cached_property
    def in_short(self) -> str:
        """The amount and what must be said with it, in one line of a list."""
        return " · ".join([self._begins_well, *(label.text for label in self.labels)])


@dataclass(frozen=True)
class Part:
    """One heading of a page and its text."""

    key: str
    heading: str
    html: SafeString


@dataclass(frozen=True)
class Sheet:
    """A whole entitlement page, ready to draw."""

    code: str
    title: str
    version: EntitlementVersion
    one_line: str
    also_called: tuple[str, ...]
    section: str
    section_label: str
    amount: str
    how_often: str
    labels: tuple[Label, ...]
    before: tuple[Part, ...]
    after: tuple[Part, ...]
    is_draft: bool = False

    @property
    def duty(self) -> str:
        return str(self.version.get_duty_display())

    @property
    def is_example(self) -> bool:
        return any(label.code == "EXAMPLE" for label in self.labels)

    @property
    def is_not_started(self) -> bool:
        return any(label.code in {"NOT_STARTED", "ENDED"} for label in self.labels)

    @property
    def can_ask(self) -> bool:
        """Whether the page offers "Ask for this": asked for here, and in force."""
        return self.version.how_to_get in CAN_ASK and not self.is_not_started

    @property
    def ask_url(self) -> str:
        return f"/me/requests/new/?for={self.code}"

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.before + self.after

    @property
    def checked_on(self) -> date | None:
        moment = self.version.published_at
        return localdate(moment) if moment else None


def current_versions(request: HttpRequest | None = None) -> Versions:
    """Every published version by code, by title. Held in memory until something is published."""
    return held(
        "entitlements",
        lambda: {version.entitlement.code: version for version in EntitlementVersion.objects.current()},
        request=request,
    )


def labels_of(version: EntitlementVersion, on: date | None) -> tuple[Label, ...]:
    """What a reader must be told wherever this shows: not started yet, ended, or an example nobody confirmed."""
    found = []
    if version.status != Status.IN_FORCE or (on and version.in_force_from and on < version.in_force_from):
        found.append(Label("NOT_STARTED", _("Not started yet"), "wait"))
    elif on and version.in_force_until and on > version.in_force_until:
        found.append(Label("ENDED", _("Ended"), "stop"))
    if not version.is_confirmed:
        text = _("Example, not confirmed") if version.amount_pence is None else _("Example amount")
        found.append(Label("EXAMPLE", text, "wait"))
    return tuple(found)


def summary_of(version: EntitlementVersion, on: date | None, others: Versions | None = None) -> Summary:
    """One entitlement in a few words, with the labels it must carry."""
    return Summary(
        code=version.entitlement.code,
        title=version.title,
        one_line=Reading(version, others or {}, on).text(version.one_line),
        amount=say_amount(version, on),
        section=version.section,
        quiet=version.quiet,
        labels=labels_of(version, on),
    )


def summaries(on: date | None, *, request: HttpRequest | None = None) -> dict[str, Summary]:
    """Every published entitlement by code, by title. Kept for the day and the language: only to be read."""

    def say() -> dict[str, Summary]:
        versions = current_versions(request)
        return {code: summary_of(version, on, versions) for code, version in versions.items()}

    return held(f"summaries:{get_language()}", say, request=request, also=on)


def by_section(request: HttpRequest) -> list[tuple[str, str, list[Summary]]]:
    """The handbook's list: each part of the offer that has any, with what is in it. Only to be read."""
    on = getattr(request, "today", None)

    def group() -> list[tuple[str, str, list[Summary]]]:
        found = summaries(on, request=request).values()
        groups = (
            (section.value, str(section.label), [s for s in found if s.section == section.value])
            for section in Section
        )
        return [each for each in groups if each[2]]

    return held(f"by section:{get_language()}", group, request=request, also=on)


def sheet_of(page: "EntitlementPage", request: HttpRequest) -> Sheet:
    """The page as a reader meets it. A preview shows the draft's own facts; a translation, the published ones."""
    on = getattr(request, "today", None)
    if getattr(request, "is_preview", False) or not page.pk:
        return _sheet_of(page, request, on)
    key = f"sheet:{page.pk}:{get_language()}"
    return held(key, lambda: _sheet_of(page, request, on), request=request, also=on)


def _sheet_of(page: "EntitlementPage", request: HttpRequest, on: date | None) -> Sheet:
    others = current_versions(request)
    published = (version for version in others.values() if version.entitlement_id == page.entitlement_id)
    version = None if getattr(request, "is_preview", False) else next(published, None)
    is_draft = version is None
    if version is None:
        version = EntitlementVersion(
            entitlement=page.entitlement, published_at=page.last_published_at, **content_of(page)
        )
    if page.locale.language_code == settings.LANGUAGE_CODE:
        return _with_words_explained(sheet_from(version, others, on, is_draft=is_draft), request)
    words = {name: getattr(page, name) for name in WORDS}
    sheet = sheet_from(
        version, others, on, is_draft=is_draft, title=page.title, one_line=page.one_line, words=words
    )
    return _with_words_explained(sheet, request)


def _with_words_explained(sheet: Sheet, request: HttpRequest) -> Sheet:
    told = explain_all((part.html for part in sheet.parts), request)
    parts = tuple(replace(part, html=html) for part, html in zip(sheet.parts, told, strict=True))
    above = len(sheet.before)
    return replace(sheet, before=parts[:above], after=parts[above:])


def sheet_from(
    version: EntitlementVersion,
    others: Versions,
    on: date | None,
    *,
    is_draft: bool = False,
    title: str = "",
    one_line: str = "",
    words: Mapping[str, str] | None = None,
    address: str = Reading.address,
) -> Sheet:
    """A version as a sheet; a translation hands over its own title and words."""
    reading = Reading(version, others, on, address)
    words = words or version.words
    return Sheet(
        code=version.entitlement.code if version.entitlement_id else "",
        title=title or version.title,
        version=version,
        one_line=reading.text(one_line or version.one_line),
        also_called=tuple(version.words.get("also_called", ())),
        section=version.section,
        section_label=str(version.get_section_display()),
        amount=say_amount(version, on),
        how_often=say_how_often(version),
        labels=labels_of(version, on),
        before=_parts(reading, words, before_asking()),
        after=_parts(reading, words, from_asking_on()),
        is_draft=is_draft,
    )


def before_asking() -> Sequence[tuple[str, str]]:
    """The headings above the button."""
    return (("what_it_is", _("What it is")), ("who_for", _("Who it is for")))


def from_asking_on() -> Sequence[tuple[str, str]]:
    """The headings below the button."""
    return (
        ("what_it_can_buy", _("What it can buy")),
        ("how_much", _("How much")),
        ("have_ready", _("What to have ready")),
        ("how_to_ask", _("How to ask")),
        ("what_next", _("What happens next")),
        ("if_no", _("If the answer is no")),
        ("good_to_know", _("Good to know")),
    )


def _parts(
    reading: Reading, words: Mapping[str, str], headings: Sequence[tuple[str, str]]
) -> tuple[Part, ...]:
    return tuple(Part(key, heading, reading.html(words[key])) for key, heading in headings if words.get(key))


def say_quoted(version: EntitlementVersion, on: date | None) -> str:
    """The amount as another page quotes it: never without the labels it must carry."""
    labels = ", ".join(label.text.lower() for label in labels_of(version, on))
    amount = say_amount(version, on)
    return f"{amount} ({labels})" if labels else amount


def let_others_quote() -> None:
    """Other pages may write {amount:code} and {link:code}: these say what stands there on a day."""
    cms_tokens.register("amount", _amounts_on)
    cms_tokens.register("link", _links_on)
    changes.register("entitlements", _changes)
    fingerprint.register("entitlements", lambda request, on: sorted(summaries(on, request=request).items()))


def _amounts_on(on: date) -> dict[str, str]:
    return {code: say_quoted(version, on) for code, version in current_versions().items()}


def _links_on(on: date) -> dict[str, str]:
    speaks = SafeString(
        "" if (get_language() or "en") == "en" else ' lang="en" dir="ltr"'
    )  # titles are in English
    return {
        code: format_html('<a href="/handbook/{}/"{}>{}</a>', code, speaks, version.title)
        for code, version in current_versions().items()
    }


def _changes(count: int) -> list[changes.Change]:
    """Versions that somebody published and that stand now, the newest first. What a command loaded is not news."""
    stand = EntitlementVersion.objects.filter(published_by__isnull=False).current()
    others = current_versions()
    found = []
    for version in stand.order_by("-published_at")[:count]:
        title = _("New: %(title)s") if version.number == 1 else _("Changed: %(title)s")
        said = summary_of(version, localdate(version.published_at), others)
        words = " · ".join([said.one_line, *(label.text for label in said.labels)])
        address = f"/handbook/{version.code}/"
        found.append(changes.Change(title % {"title": said.title}, words, address, version.published_at))
    return found
