"""What keeps pages true by itself: links that broke elsewhere, pages to read again, and whose they are."""

import socket
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from django.contrib.auth.models import Group

from cms import outside_links, reviews
from cms.faults import all_faults, outside_addresses
from cms.models import OutsideLink
from local_offer.models import OfferPage
from portal.notifications.models import Notification
from portal.ops.page_care import chase_reviews, try_outside_links
from tests.factories import UserFactory
from tests.local_offer.test_editing import signed_in

ON = date(2026, 11, 23)


class Twin(BaseHTTPRequestHandler):
    """Another site: a page, one that went, one that wants no robots, one that answers only a whole question.

    It stands behind every address of this machine, and keeps which of them it was called by.
    """

    called: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer({"/here": 200, "/gone": 404, "/no-robots": 403, "/whole": 405, "/away": 302}[self.path])

    def do_GET(self) -> None:
        self._answer({"/whole": 200}[self.path])

    def _answer(self, code: int) -> None:
        self.called.append(self.connection.getsockname()[0])
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "http://169.254.1.1/secret")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def twin() -> Iterator[str]:
    server = ThreadingHTTPServer(("", 0), Twin)
    Twin.called.clear()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def local(address: str) -> bool:
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/here", ""), ("/gone", "404"), ("/no-robots", ""), ("/whole", ""), ("/away", "")],
)
def test_only_a_page_that_went_is_called_broken(twin, path, answer):
    assert outside_links.attempt(twin + path, may_reach=local).answer == answer


def test_our_own_network_is_never_asked(twin):
    """Whatever an editor types. The twin stands inside, so asked as in real life it is left alone."""
    assert outside_links.attempt(twin + "/gone", may_reach=outside_links.is_public).answer == ""
    assert not Twin.called


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:10.1.2.3", "2002:a00:1::", "::", "ff02::1",
])  # fmt: skip
def test_no_address_of_a_private_network_is_public(address):
    assert not outside_links.is_public(address)
    assert outside_links.is_public("93.184.215.14")
    assert outside_links.is_public("2a00:1450:4009::1")


def test_the_address_that_was_looked_up_is_the_address_that_is_called(twin, monkeypatch):
    """A name may say one thing when we ask whether we may, and another when we go."""
    answers, really = iter(["127.0.0.2"]), socket.getaddrinfo

    def first_one_then_another(host: str, *given: object, **named: object):
        return really(next(answers, "127.0.0.1") if host == "fickle.test" else host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", first_one_then_another)
    address = twin.replace("127.0.0.1", "fickle.test") + "/here"

    assert outside_links.attempt(address, may_reach=lambda found: found == "127.0.0.2").answer == ""

    assert Twin.called == ["127.0.0.2"]


def test_what_only_looks_like_an_address_breaks_nothing(settings):
    stored = "http://[x https://a.test/b. https://a.test:port/ http://.a/ http://" + "a" * 70 + ".test/"

    found = outside_links.addresses_in(stored)

    assert "https://a.test/b" in found
    for address in [*found, "http://[x", "http://a b/", "mailto:x", "http:///x"]:
        if "a.test/b" not in address:
            assert outside_links.attempt(address, may_reach=local).answer in {"", "no answer", "no such site"}


def test_a_site_that_is_not_there_is_broken_from_the_second_time_on(db, settings, now):
    settings.CHECK_OUTSIDE_LINKS = True
    nobody = "http://127.0.0.1:9/"
    for times, found in ((1, {}), (2, {nobody: "no answer"})):
        outside_links.check_some([nobody], now=now + times * outside_links.AGAIN_AFTER, may_reach=local)
        assert outside_links.broken() == found


def test_a_run_has_a_cap_and_the_next_goes_on(db, settings, twin, now, monkeypatch):
    settings.CHECK_OUTSIDE_LINKS = True
    monkeypatch.setattr(outside_links, "A_DAY", 2)
    addresses = [f"{twin}/here?{number}" for number in range(3)]
    monkeypatch.setattr(outside_links, "attempt", lambda address, may_reach: outside_links.Tried())

    assert [outside_links.check_some(addresses, now=now) for _run in range(3)] == [2, 1, 0]


def test_without_a_way_out_nothing_is_tried(library, now):
    assert try_outside_links(now) == 0
    assert not OutsideLink.objects.exists()


def test_a_broken_link_to_another_site_stands_in_the_report_with_its_page(library, now):
    address = sorted(outside_addresses())[0]
    OutsideLink.objects.create(address=address, failures=1, answer="404", checked_at=now)

    found = [fault for fault in all_faults(now.date()) if fault.kind == "broken_link"]

    assert any(address in fault.words and "404" in fault.words and fault.page_id for fault in found)


def member(group: str):
    user = UserFactory(is_active=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def page(library) -> OfferPage:
    found = OfferPage.objects.get(slug="your-own-place")
    OfferPage.objects.exclude(pk=found.pk).update(review_by=None)
    return found


def told(on: date) -> set[int]:
    return {reminder.to.pk for reminder in reviews.reminders(on)}


def test_the_keeper_is_told_first_and_the_publishers_when_it_is_late(page):
    keeper, publisher = member("Editors"), member("Publishers")
    OfferPage.objects.filter(pk=page.pk).update(keeper=keeper, review_by=ON)

    assert told(ON - timedelta(days=15)) == set()
    assert told(ON - timedelta(days=14)) == {keeper.pk}
    assert told(ON + timedelta(days=13)) == {keeper.pk}
    assert told(ON + timedelta(days=14)) == {keeper.pk, publisher.pk}


def test_a_page_whose_keeper_left_goes_to_the_publishers_at_once(page):
    keeper, publisher = member("Editors"), member("Publishers")
    OfferPage.objects.filter(pk=page.pk).update(keeper=keeper, review_by=ON)
    keeper.is_active = False
    keeper.save()

    assert told(ON) == {publisher.pk}


def test_a_reminder_is_one_message_a_week_however_many_pages(page, now):
    publisher = member("Publishers")
    OfferPage.objects.update(keeper=None, review_by=now.date())

    for days in (0, 1, 7):
        chase_reviews(now + timedelta(days=days))

    assert Notification.objects.filter(to=publisher, kind="page_review").count() == 2


def test_pages_are_handed_over_in_what_is_published_and_in_the_draft(page):
    leaver, new = member("Editors"), member("Editors")
    page.keeper = leaver
    page.save_revision().publish()
    page.one_line = "A draft."
    page.save_revision()

    signed_in("Publishers").post("/cms/reports/keepers/", {"keeper": leaver.pk, "to": new.pk})

    page.refresh_from_db()
    assert page.keeper == new
    assert page.get_latest_revision_as_object().keeper == new
    assert page.get_latest_revision_as_object().one_line == "A draft."


def test_pages_that_nobody_keeps_are_given_to_somebody_at_once(page):
    new = member("Editors")
    publisher = signed_in("Publishers")
    assert "Nobody yet" in publisher.get("/cms/reports/keepers/").content.decode()

    publisher.post("/cms/reports/keepers/", {"keeper": 0, "to": new.pk})

    page.refresh_from_db()
    assert page.keeper == new
    assert "Nobody yet" not in publisher.get("/cms/reports/keepers/").content.decode()


def test_an_editor_alone_hands_nothing_over(library):
    assert signed_in("Editors").get("/cms/reports/keepers/").status_code in {302, 403}


def test_every_loaded_page_has_a_day_to_be_read_again(library):
    assert not [fault for fault in all_faults(ON) if fault.kind == "out_of_date"]
