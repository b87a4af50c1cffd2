"""Pages that somebody has to read again: whose they are, and who is told when nobody does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from wagtail.models import Locale, Page

from cms.groups import EDITORS, PUBLISHERS
from cms.models import ContentPage

BEFORE = timedelta(days=14)  # the keeper is reminded so long before
AFTER = timedelta(days=14)  # and the publishers so long after


@dataclass(frozen=True)
class Reminder:
    """One person and the pages they are told of. `key` is the same all week: told once a week, however many pages."""

    to: Any
    pages: tuple[ContentPage, ...]
    key: str


def editors() -> Any:
    """Everybody who may keep a page: active, and in a group that writes."""
    people = get_user_model().objects.filter(is_active=True, groups__name__in=(EDITORS, PUBLISHERS))
    return people.distinct().order_by("first_name", "last_name", "pk")


def reminders(on: date) -> list[Reminder]:
    """Who is to be told on a day: the keeper from two weeks before, the publishers when it is two weeks late.

    A page whose keeper has left, or that nobody keeps, goes to the publishers at once.
    """
    here = {person.pk: person for person in editors()}
    publishers = set(editors().filter(groups__name=PUBLISHERS).values_list("pk", flat=True))
    told: dict[int, list[ContentPage]] = {}
    for page in pages_due(on + BEFORE):
        whose = {page.keeper_id} if page.keeper_id in here else set(publishers)
        if page.review_by is not None and page.review_by + AFTER <= on:
            whose |= publishers
        for person in whose:
            told.setdefault(person, []).append(page)
    year, week, _day = on.isocalendar()
    return [
        Reminder(here[person], tuple(pages), f"page_review:{person}:{year}-{week}")
        for person, pages in sorted(told.items())
    ]


def to_read_again(person: Any, on: date) -> list[ContentPage]:
    """The pages a reminder on that day would name to this person, the longest overdue first."""
    found = [page for reminder in reminders(on) if reminder.to == person for page in reminder.pages]
    return sorted(found, key=lambda page: page.review_by or on)


def pages_due(on: date) -> Iterator[ContentPage]:
    """Published pages that are to be read again by a day."""
    pages = Page.objects.live().filter(locale=Locale.get_default(), depth__gt=1).order_by("path").specific()
    for page in pages:
        if isinstance(page, ContentPage) and page.review_by and page.review_by <= on:
            yield page


def kept_by() -> list[tuple[Any, list[ContentPage]]]:
    """Each keeper with their pages, in the order of names; those who left are keepers until somebody takes over.

    Last, with None for a keeper, the pages that nobody keeps.
    """
    found: dict[int | None, list[ContentPage]] = {}
    pages = Page.objects.filter(locale=Locale.get_default(), depth__gt=1).order_by("title", "pk").specific()
    for page in pages:
        if isinstance(page, ContentPage):
            found.setdefault(page.keeper_id, []).append(page)
    nobodys = found.pop(None, [])
    people = get_user_model().objects.in_bulk(found)
    kept = sorted(((people[key], kept) for key, kept in found.items()), key=lambda pair: str(pair[0]))
    return [*kept, (None, nobodys)] if nobodys else kept


@transaction.atomic
def hand_over(*, pages: list[ContentPage], to: Any) -> int:
    """Give pages a new keeper, in what is published and in the newest draft, and publish nothing by it."""
    for page in pages:
        type(page).objects.filter(pk=page.pk).update(keeper=to)
        revision = page.latest_revision
        if revision is not None:
            revision.content = {**revision.content, "keeper": to.pk}
            revision.save(update_fields=["content"])
    return len(pages)
