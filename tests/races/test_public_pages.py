"""Held pages in real processes: new words reach every one of them in two seconds, and a crowd costs one drawing."""

import json
import time
from collections.abc import Callable

import pytest

from cms.loading import ensure_home
from cms.models import HelpIndexPage, HelpPage
from tests.races.portal_server import Portal, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

WORKERS, THREADS, CROWD = 2, 8, 24


@pytest.fixture
def publish() -> Callable[[str, str], None]:
    """Publishes words on a help page, as an editor does."""
    index = ensure_home().add_child(instance=HelpIndexPage(title="Help", slug="help"))
    index.save_revision().publish()

    def published(slug: str, words: str) -> None:
        page = HelpPage.objects.filter(slug=slug).first()
        if page is None:
            page = index.add_child(instance=HelpPage(title=slug.title(), slug=slug))
        page.body = [("text", {"heading": "", "body": f"<p>{words}</p>"})]
        page.save_revision().publish()

    return published


def drawn(portal: Portal) -> dict[int, int]:
    """How many pages each process drew."""
    told: dict[int, int] = {}
    for _ in range(400):
        told.update([json.loads(portal.get("/drawn")[1])])
        if len(told) == WORKERS:
            return told
    raise AssertionError("One process never answered.")


def read(portal: Portal, path: str, *, until: int = 0) -> list[str]:
    """What a crowd reads, and then one by one until each process drew so many pages: none may have been asked yet."""
    answers = at_once(THREADS, lambda _: portal.get(path), list(range(CROWD)))
    while until and min(drawn(portal).values()) < until and len(answers) < 400:
        answers.append(portal.get(path))
    assert {status for status, _text in answers} == {200}
    return [text for _status, text in answers]


def test_new_words_reach_every_process_in_two_seconds_and_other_pages_stay_held(publish):
    publish("one", "Old words.")
    publish("two", "Quiet words.")
    with Portal(workers=WORKERS, threads=THREADS, door="tests.races.doors:guarded") as portal:
        read(portal, "/help/one/", until=1)
        read(portal, "/help/two/", until=2)
        before = drawn(portal)
        assert set(before.values()) == {2}, "one drawing a page in each process, for a whole crowd"

        publish("one", "New words.")
        time.sleep(2)
        after = read(portal, "/help/one/", until=3)
        read(portal, "/help/two/")

        assert [text for text in after if "New words." not in text] == []
        assert set(drawn(portal).values()) == {3}, "the page that changed was drawn again, the other was not"


def test_without_the_guards_old_words_stay_and_a_crowd_draws_many_times(publish):
    publish("one", "Old words.")
    with Portal(workers=WORKERS, threads=THREADS, door="tests.races.doors:unguarded") as portal:
        read(portal, "/help/one/", until=1)
        assert max(drawn(portal).values()) > 1

        publish("one", "New words.")
        time.sleep(2)

        assert any("Old words." in text for text in read(portal, "/help/one/"))
