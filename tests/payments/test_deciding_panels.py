"""The panel: its days and seats, who was there, what its chair may do alone, and what a young person sees of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from portal.accounts.models import Role, User
from portal.audit.models import AuditEvent
from portal.notifications.models import Notification
from portal.payments import services
from portal.payments.models import Decision, PanelMeeting, PanelMember, PanelPresence, PaymentRequest
from portal.payments.rules import Level, Status
from tests.factories import StaffFactory, VersionFactory
from tests.payments.conftest import House, staff
from tests.payments.test_asking import code_of

pytestmark = pytest.mark.django_db

MEETS = date(2026, 12, 3)  # a Thursday, eight working days ahead
NO = {"code": "OTHER", "words": "Not this year."}


class Panel:
    """A chair, three members and a clerk, and a day."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.chair, self.second = staff(Role.SERVICE_MANAGER, "Noor"), staff(Role.SERVICE_MANAGER, "Tess")
        self.members = [staff(Role.TEAM_MANAGER, name) for name in ("Ada", "Ben", "Cy", "Dee")]
        self.clerk = staff(Role.TEAM_MANAGER, "Cleo", team=house.team)
        since = house.now.date() - timedelta(days=60)
        for user, part in [
            (self.chair, "CHAIR"),
            (self.clerk, "CLERK"),
            *((one, "MEMBER") for one in self.members),
        ]:
            PanelMember.objects.create(user=user, part=part, starts_on=since)
        self.meeting = services.plan_meeting(meets_on=MEETS, by=house.omar, now=house.now)
        house.version = VersionFactory(cap_pence=None, approver_level="")

    def waiting(self, pence: int = 300_000, **answers: Any) -> PaymentRequest:
        """A request that Omar put before the panel."""
        asked = self.house.sent(pence=pence, **answers)
        return services.send_to_panel(
            ref=asked.ref,
            meeting=self.meeting.ref,
            words="It is a large sum.",
            by=self.house.omar,
            now=self.house.now,
        )

    def there(self, many: int = 3) -> services.Panelled:
        return services.Panelled(frozenset(one.pk for one in [self.chair, *self.members][:many]))

    def on(self, day: date) -> Any:
        return self.house.now.replace(year=day.year, month=day.month, day=day.day)


@pytest.fixture
def panel(house: House) -> Panel:
    return Panel(house)


def test_a_request_waits_for_a_panels_day_and_its_clock_runs_on(
    panel: Panel, house: House, client: Client
) -> None:
    asked = panel.waiting()

    assert (asked.status, asked.decide_by, asked.held_by) == (Status.WITH_PANEL, MEETS, "PANEL")
    assert services.run_clocks(panel.on(MEETS + timedelta(days=1)))["late"] == 1
    client.force_login(house.maya.user)
    page = client.get(f"/me/requests/{asked.ref}/").content.decode()
    assert "A panel looks at this on Thursday 3 December" in page
    assert "We will decide by Thursday 3 December" in page


@pytest.mark.parametrize(
    ("meets_on", "papers_by", "quorum", "code"),
    [
        (date(2026, 11, 20), None, 3, "panel_in_the_past"),
        (date.min, None, 3, "panel_in_the_past"),
        (date.max, None, 3, "panel_too_far"),
        (date(2026, 12, 5), None, 3, "not_a_working_day"),  # a Saturday
        (date(2026, 12, 25), None, 3, "not_a_working_day"),  # Christmas
        (date(2026, 12, 10), date(2026, 12, 11), 3, "papers_too_late"),
        (date(2026, 12, 10), None, 1, "no_quorum"),
        (MEETS, None, 3, "already_planned"),
    ],
)
def test_a_day_that_is_no_day_for_a_panel(panel, house, meets_on, papers_by, quorum, code) -> None:
    planned = {
        "meets_on": meets_on,
        "papers_by": papers_by,
        "quorum": quorum,
        "by": house.omar,
        "now": house.now,
    }

    assert code_of(services.plan_meeting, **planned) == code


def test_papers_close_five_working_days_before_unless_said_otherwise(panel, house) -> None:
    assert panel.meeting.papers_by == date(2026, 11, 26)
    later = services.plan_meeting(
        meets_on=date(2026, 12, 10), papers_by=date(2026, 12, 9), by=house.omar, now=house.now
    )
    assert later.papers_by == date(2026, 12, 9)


@pytest.mark.parametrize(("day", "refused"), [(date(2026, 11, 26), False), (date(2026, 11, 27), True)])
def test_nothing_is_put_before_a_panel_after_its_papers_closed(panel, house, day, refused) -> None:
    asked = house.sent(pence=300_000)
    sending = {
        "ref": asked.ref, "meeting": panel.meeting.ref, "words": "Large.", "by": house.omar, "now": panel.on(day),
    }  # fmt: skip

    if refused:
        assert code_of(services.send_to_panel, **sending) == "papers_closed"
    else:
        assert services.send_to_panel(**sending).status == Status.WITH_PANEL


@pytest.mark.parametrize("who", ["priya", "sam"])
def test_only_whoever_runs_the_service_plans_calls_off_and_seats(panel, house, who) -> None:
    by = getattr(house, who)
    for verb, said in (
        (services.plan_meeting, {"meets_on": date(2026, 12, 10)}),
        (services.call_off, {"ref": panel.meeting.ref, "why": "Snow."}),
        (services.seat, {"user": house.sam, "part": "MEMBER"}),
        (services.leave, {"seat": PanelMember.objects.first().pk}),
    ):
        assert code_of(verb, **said, by=by, now=house.now) == "not_yours"


def test_a_panel_decides_on_its_day_with_who_was_there(panel, house) -> None:
    asked = panel.waiting()
    day = panel.on(MEETS)

    done = services.approve(ref=asked.ref, panel=panel.there(), by=panel.clerk, now=day)

    decision = Decision.objects.get()
    assert (done.status, done.agreed_pence) == (Status.APPROVED, 300_000)
    assert (decision.level, decision.meeting, decision.chair_alone) == (Level.PANEL, panel.meeting, False)
    assert {one.user for one in decision.present.all()} == {panel.chair, *panel.members[:2]}
    assert "Panel of 3 December 2026" in decision.panel_why
    for attempt in (PanelPresence.objects.all().delete, lambda: PanelPresence.objects.update(user=house.sam)):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_a_young_person_reads_that_a_panel_decided_and_in_the_letter_who_sat_on_it(
    panel, house, client
) -> None:
    asked = panel.waiting()
    services.decline(ref=asked.ref, **NO, panel=panel.there(), by=panel.clerk, now=panel.on(MEETS))
    client.force_login(house.maya.user)

    page = client.get(f"/me/requests/{asked.ref}/").content.decode()
    letter = client.get(f"/me/requests/{asked.ref}/letter/").content.decode()

    assert "The panel decided this on Thursday 3 December." in page
    assert "The panel said no." in page
    assert "Cleo" not in page + letter  # who only wrote it down
    assert "A panel decided this on Thursday 3 December: Ada, Ben, Noor." in letter


def others(panel: Panel, *users: User) -> services.Panelled:
    return services.Panelled(frozenset(user.pk for user in users))


@pytest.mark.parametrize(
    ("day", "by", "present", "code"),
    [
        (date(2026, 12, 2), "clerk", 3, "panel_not_met"),
        (MEETS, "clerk", 2, "no_quorum"),
        (MEETS, "clerk", 0, "no_quorum"),
        (MEETS, "member", 3, "DoesNotExist"),  # of another team: does not even see it
        (MEETS, "priya", 3, "no_authority"),  # sees it, and does not write for the panel
        (date(2026, 12, 9), "omar", 3, None),
        (MEETS, "omar", 3, None),
        (MEETS, "chair", 5, None),
    ],
)
def test_who_writes_down_what_a_panel_decided_when_and_with_how_many(
    panel, house, day, by, present, code
) -> None:
    asked = panel.waiting()
    people = {"clerk": panel.clerk, "chair": panel.chair, "member": panel.members[0]}
    said = {
        "ref": asked.ref, "panel": panel.there(present), "by": people.get(by) or getattr(house, by),
        "now": panel.on(day),
    }  # fmt: skip

    if code == "DoesNotExist":
        with pytest.raises(PaymentRequest.DoesNotExist):
            services.approve(**said)
    elif code:
        assert code_of(services.approve, **said) == code
    else:
        assert services.approve(**said).status == Status.APPROVED


def test_nobody_counts_who_is_not_a_member_or_had_a_hand_in_it(panel, house) -> None:
    asked = panel.waiting()
    said = {"ref": asked.ref, "by": panel.clerk, "now": panel.on(MEETS)}
    stranger = others(panel, panel.chair, *panel.members[:2], house.sam)
    with_clerk = others(panel, panel.chair, panel.members[0], panel.clerk)

    assert code_of(services.approve, **said, panel=stranger) == "not_a_member"
    assert code_of(services.approve, **said, panel=with_clerk) == "not_a_member"
    asked.touches.create(user=panel.members[0], at=house.now)
    assert code_of(services.approve, **said, panel=panel.there(3)) == "no_quorum"
    assert services.approve(**said, panel=panel.there(4)).status == Status.APPROVED


@pytest.mark.parametrize(
    ("by", "why", "code"),
    [
        ("chair", "She has nowhere to sleep on Friday.", None),
        ("chair", "  ", "panel_needs_why"),
        ("omar", "It is urgent.", "not_the_chair"),
        ("clerk", "It is urgent.", "not_the_chair"),
        ("priya", "It is urgent.", "no_authority"),
    ],
)
def test_between_panels_its_chair_alone_decides_and_says_why(panel, house, by, why, code) -> None:
    asked = panel.waiting(urgent=True)
    people = {"clerk": panel.clerk, "chair": panel.chair}
    said = {"ref": asked.ref, "by": people.get(by) or getattr(house, by), "now": house.now}
    alone = services.Panelled(chair_alone=True, why=why)

    if code:
        assert code_of(services.approve, **said, panel=alone) == code
        return
    services.approve(**said, panel=alone)
    decision = Decision.objects.get()
    assert (decision.chair_alone, decision.level) == (True, Level.PANEL)
    assert why in decision.panel_why
    assert not decision.present.exists()


def test_a_chair_with_a_hand_in_it_does_not_decide_alone(panel, house) -> None:
    asked = panel.waiting()
    asked.touches.create(user=panel.chair, at=house.now)
    alone = services.Panelled(chair_alone=True, why="Urgent.")

    assert code_of(services.approve, ref=asked.ref, panel=alone, by=panel.chair, now=house.now) == "own_work"


def test_a_panel_that_is_called_off_sends_everybody_on_to_the_next(panel, house) -> None:
    asked = panel.waiting()
    off = {"ref": panel.meeting.ref, "by": house.omar, "now": house.now}

    assert code_of(services.call_off, **off, why=" ") == "no_reason"
    assert code_of(services.call_off, **off, why="Too few can come.") == "no_next_panel"
    following = services.plan_meeting(meets_on=date(2026, 12, 10), by=house.omar, now=house.now)
    services.call_off(**off, why="Too few can come.")

    asked.refresh_from_db()
    assert (asked.status, asked.meeting, asked.decide_by) == (
        Status.WITH_PANEL,
        following,
        date(2026, 12, 10),
    )
    assert asked.steps.last().words == "Too few can come."
    assert Notification.objects.get(kind="decision_late_sorry").to == house.maya.user
    assert code_of(services.call_off, **off, why="Again.") == "not_planned"
    assert AuditEvent.objects.filter(action="panel_called_off").count() == 1


def test_a_new_chair_takes_the_place_of_the_one_before(panel, house) -> None:
    services.seat(user=panel.members[0], part="CHAIR", by=house.omar, now=house.now)

    chairs = PanelMember.objects.filter(part="CHAIR", ends_on=None)
    assert [one.user for one in chairs] == [panel.members[0]]
    finance = StaffFactory(role=Role.FINANCE_OFFICER)
    assert (
        code_of(services.seat, user=finance, part="MEMBER", by=house.omar, now=house.now) == "not_their_work"
    )


def test_more_wanted_takes_it_off_the_panel_and_the_clock_waits(panel, house) -> None:
    asked = panel.waiting()

    asked = services.ask_more(ref=asked.ref, code="PRICE", words="The price?", by=house.omar, now=house.now)

    assert (asked.status, asked.meeting, asked.paused_days) == (Status.MORE_WANTED, None, 8)


def test_what_a_panel_refused_others_of_the_panel_look_at_again(panel, house) -> None:
    asked = panel.waiting()
    services.decline(ref=asked.ref, **NO, panel=panel.there(3), by=panel.second, now=panel.on(MEETS))
    again = services.plan_meeting(meets_on=date(2026, 12, 17), by=house.omar, now=panel.on(MEETS))
    asked = services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=panel.on(MEETS))
    assert (asked.meeting, asked.decide_by) == (again, date(2026, 12, 17))
    look = {
        "ref": asked.ref, "changed": True, "pence": 300_000, "words": "You are right.", "now": panel.on(again.meets_on),
    }  # fmt: skip

    assert code_of(services.decide_review, **look, by=house.omar, panel=panel.there(5)) == "no_quorum"
    fresh = [staff(Role.TEAM_MANAGER, name) for name in ("Eve", "Fay", "Gus")]
    for user in fresh:
        PanelMember.objects.create(user=user, part="MEMBER", starts_on=house.now.date())
    second_panel = others(panel, *fresh)
    assert code_of(services.decide_review, **look, by=panel.second, panel=second_panel) == "own_work"
    changed = services.decide_review(**look, by=house.omar, panel=second_panel)

    assert (changed.status, changed.agreed_pence) == (Status.CHANGED, 300_000)


def test_a_second_look_with_no_panel_planned_gets_its_day_later_and_goes_on_when_that_is_called_off(
    panel, house, client
) -> None:
    asked, day = panel.waiting(), panel.on(MEETS)
    services.decline(ref=asked.ref, **NO, panel=panel.there(3), by=panel.second, now=day)
    asked = services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=day)
    assert asked.meeting is None
    first = services.plan_meeting(meets_on=date(2026, 12, 17), by=house.omar, now=day)
    second = services.plan_meeting(meets_on=date(2027, 1, 7), by=house.omar, now=day)

    send = {
        "ref": asked.ref,
        "meeting": first.ref,
        "words": "It is a large sum.",
        "by": house.omar,
        "now": day,
    }
    asked = services.send_to_panel(**send)
    assert (asked.status, asked.meeting, asked.decide_by) == (Status.REVIEW_ASKED, first, first.meets_on)
    services.call_off(ref=first.ref, why="Snow.", by=house.omar, now=day)
    asked.refresh_from_db()
    assert (asked.status, asked.meeting, asked.decide_by) == (Status.REVIEW_ASKED, second, second.meets_on)
    client.force_login(house.omar)
    page = client.get(f"/desk/requests/{asked.ref}/").content.decode()
    assert f'value="{second.ref}"' in page

    PanelMeeting.objects.filter(pk=second.pk).update(called_off_at=day, called_off_why="Snow.")
    look = {"changed": True, "pence": 300_000, "words": "You are right.", "now": panel.on(second.meets_on)}
    said = {"ref": asked.ref, **look, "by": house.omar, "panel": panel.there(5)}
    assert code_of(services.decide_review, **said) == "panel_not_met"


def test_a_second_look_at_one_persons_decision_goes_before_no_panel(panel, house) -> None:
    asked = house.sent(pence=9_000)
    services.decline(ref=asked.ref, **NO, by=house.omar, now=house.now)
    services.ask_review(ref=asked.ref, words="", by=house.maya.user, now=house.now)
    send = {"ref": asked.ref, "meeting": panel.meeting.ref, "words": "Large.", "by": panel.second}

    assert code_of(services.send_to_panel, **send, now=house.now) == "not_now"


# The pages.


def test_a_panel_is_planned_seated_and_called_off_at_the_desk(panel, house, client) -> None:
    client.force_login(house.omar)
    day = {"meets_on_0": "17", "meets_on_1": "12", "meets_on_2": "2026", "papers_by_0": "", "papers_by_1": "",
           "papers_by_2": "", "quorum": "3"}  # fmt: skip
    address = "/desk/requests/panel/"

    assert client.post(address, {"action": "plan", **day}).status_code == 302
    assert "already" in client.post(address, {"action": "plan", **day}).content.decode()
    assert (
        client.post(address, {"action": "seat", "user": house.priya.pk, "part": "MEMBER"}).status_code == 302
    )
    seat = PanelMember.objects.get(user=house.priya)
    assert client.post(address, {"action": "leave", "seat": seat.pk}).status_code == 302
    ref = PanelMeeting.objects.get(meets_on=date(2026, 12, 17)).ref
    off = {"action": "call_off", "ref": ref}
    refused = client.post(address, {**off, f"{ref}-why": ""}).content.decode()
    assert "Write an answer here" in refused
    assert client.post(address, {**off, f"{ref}-why": "Too few."}).status_code == 302

    page = client.get(address).content.decode()
    assert "Thursday 3 December 2026" in page
    assert "17 December" not in page


def test_whoever_does_not_run_the_service_reads_the_panels_days_and_changes_nothing(
    panel, house, client
) -> None:
    client.force_login(house.sam)

    page = client.get("/desk/requests/panel/").content.decode()

    assert "Thursday 3 December 2026" in page
    assert "Call it off" not in page
    assert client.post("/desk/requests/panel/", {"action": "leave", "seat": 1}).status_code == 404


def test_the_desk_sends_a_request_to_a_panel_and_writes_down_who_was_there(
    panel, house, client, clock
) -> None:
    asked = house.sent(pence=300_000)
    client.force_login(house.omar)
    address = f"/desk/requests/{asked.ref}/"
    sent = client.post(
        address,
        {"action": "SEND_TO_PANEL", "send_to_panel-seen": 1, "send_to_panel-meeting": panel.meeting.ref,
         "send_to_panel-words": "Large."},
    )  # fmt: skip
    assert sent.status_code == 302
    assert "The panel of Thursday 3 December decides" in client.get(address).content.decode()
    said = {"action": "APPROVE", "approve-seen": 2, "approve-pence": "3000"}
    early = {**said, "approve-present": [panel.chair.pk]}
    assert "The panel has not met yet" in client.post(address, early).content.decode()
    assert "Choose at least one" in client.post(address, said).content.decode()

    clock.set(panel.on(MEETS))
    client.force_login(house.omar)
    refused = client.post(address, {**said, "approve-present": [panel.chair.pk]}).content.decode()
    assert "Too few members were there" in refused
    there = [panel.chair.pk, *(one.pk for one in panel.members[:2])]
    assert client.post(address, {**said, "approve-present": there}).status_code == 302
    assert Decision.objects.get().present.count() == 3
