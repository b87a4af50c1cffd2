"""The story the demo's people are in the middle of, told through the same services the pages use.

Every step has its own moment in the last weeks, so that promises, delays and apologies are there to be seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from cms.models import PageFeedback
from cms.stamps import stamp
from entitlements.models import Entitlement
from entitlements.pages import EntitlementPage
from local_offer.models import OfferPage
from portal.accounts.models import Role, User
from portal.case_notes import services as case_notes
from portal.case_notes.models import CaseNote
from portal.clock import LONDON, local_date
from portal.complaints import services as complaints
from portal.drop_ins.models import Series, Session, Weekday
from portal.drop_ins.services import book, join_waiting_list, make_sessions
from portal.finance import services as finance
from portal.notifications.contact import silence, turn_on
from portal.notifications.models import Channel
from portal.notifications.rules import Silence
from portal.ops.demo import YOUNG
from portal.payments import services as payments
from portal.payments.models import PanelMeeting, PaymentRequest
from portal.payments.regular.rules import Schedule
from portal.people import recovery
from portal.people.models import Recovery, YoungPerson
from portal.refs import new_token
from portal.spot_help import services as help_now
from portal.spot_help.models import SpotAuthority
from portal.working_days import add_working_days

WEEKLY = (
    # name, who is there, what it is, weekday, from, until, places
    ("Open door", "Advisers", "Come in and talk to somebody. No need to book.", Weekday.WEDNESDAY, 14, 17, 6),
    (
        "Housing help",
        "Housing",
        "Rent, bidding, repairs and letters about your home.",
        Weekday.WEDNESDAY,
        14,
        16,
        2,
    ),
    ("Benefits and work", "DWP", "Universal Credit, finding work, CVs.", Weekday.TUESDAY, 10, 13, 4),
    (
        "Jobs and training",
        "Lewisham Works",
        "Apprenticeships, courses and interviews.",
        Weekday.THURSDAY,
        13,
        16,
        4,
    ),
    ("Nurse", "Care leaver nurse", "Anything about your body or your mind.", Weekday.THURSDAY, 10, 12, 3),
    ("Cooking group", "The team", "Cook together, eat together, take some home.", Weekday.FRIDAY, 16, 18, 8),
)
NOTES_SENT_BEFORE = 3  # days ago
ROLES_WITH_AUTHORITY = {
    Role.PERSONAL_ADVISER,
    Role.SOCIAL_WORKER,
    Role.DUTY_ADVISER,
    Role.TEAM_MANAGER,
    Role.SERVICE_MANAGER,
}


def tell(*, now: datetime, today: date) -> None:
    """Everything that has happened so far. Told once: a demo that has requests is left as it is."""
    if PaymentRequest.objects.exists():
        return
    _authority(today - timedelta(days=400))
    _contact(now)
    _panel(now, today)
    _drop_ins(now, today)
    _complaints(now)
    for scene in sorted(SCENES, key=lambda scene: -scene.days_ago):
        if scene.days_ago <= NOTES_SENT_BEFORE:
            _case_record(now - timedelta(days=NOTES_SENT_BEFORE))
        _play(scene, now=now)
        if scene.paid_after:
            _pay(now - timedelta(days=scene.days_ago - scene.paid_after))
    _spot_help(now, today)
    _stamp(today)
    _editing(now)
    _lost_phone(now)


def _stamp(today: date) -> None:
    """Elevation read one page and said it is right."""
    page = OfferPage.objects.live().filter(slug="being-heard", locale__language_code="en").first()
    if page is not None:
        stamp(page=page, on=today, by=_staff("bea"), today=today)


def _editing(now: datetime) -> None:
    """Jo wrote another amount for birthdays, which waits for Bea and then for Omar; a reader proposed a change."""
    page = EntitlementPage.objects.live().filter(slug="birthday-gift", locale__language_code="en").first()
    read = OfferPage.objects.live().filter(slug="who-pays-what", locale__language_code="en").first()
    if page is None or read is None:
        return
    draft = page.get_latest_revision_as_object()
    draft.amount = Decimal("40.00")
    draft.one_line = "A small gift of money near your birthday. You do not need to ask."
    draft.save_revision(user=_staff("jo"))
    page.get_workflow().start(page, _staff("jo"))
    PageFeedback.objects.create(
        page=read,
        useful=False,
        words="Say who pays for the first gas bill when you move in.",
        given_at=now - timedelta(days=3),
    )


def _authority(since: date) -> None:
    payments.load_example_bands(on=since)
    for user in User.objects.filter(roles_held__role__in=ROLES_WITH_AUTHORITY).distinct():
        for role in ROLES_WITH_AUTHORITY & set(user.roles_held.values_list("role", flat=True)):
            payments.give_authority(user=user, role=role, by=None, on=since)


def _spot_help(now: datetime, today: date) -> None:
    """Who may help on the spot, and one help of the last evening that nobody has looked at yet."""
    for key in ("kit", "sam", "grace", "dami", "priya"):
        SpotAuthority.objects.create(
            user=_staff(key), limit_pence=4_000, given_by=_staff("omar"), given_at=now - timedelta(days=300),
            starts_on=today - timedelta(days=300),
        )  # fmt: skip
    kit, linh = _staff("kit"), _young("linh")
    evening = datetime.combine(today - timedelta(days=1), time(19, 40), LONDON)
    help_now.look_for(family_name=linh.family_name, born_on=linh.born_on or today, by=kit, now=evening)
    help_now.give(
        young_person=linh, need="FOOD", how="VOUCHER", pence=2_000, proof="SV 1042", token=new_token(), by=kit,
        now=evening,
    )  # fmt: skip


def _complaints(now: datetime) -> None:
    """One answered, one that is late, and one of yesterday evening that nobody has read yet, without a name."""
    omar, linh, tia = _staff("omar"), _young("linh"), _young("tia")
    said = complaints.Said(
        words="I was told three times that somebody would ring me. Nobody did.", reach="USUAL"
    )
    at = now - timedelta(days=40)
    answered = complaints.make(said=said, young_person=linh, by=linh.user, now=at).complaint
    complaints.opened(ref=answered.ref, by=omar, now=at + timedelta(days=1))
    words = "You are right, and we are sorry. Grace now rings you every Tuesday, and writes it down when she cannot."
    complaints.answer(ref=answered.ref, words=words, by=omar, now=at + timedelta(days=6))
    said = complaints.Said(
        words="My travel money came five weeks late and I missed college.", put_right="Pay it on time."
    )
    at = now - timedelta(days=19)
    late = complaints.make(said=said, young_person=tia, by=tia.user, now=at).complaint
    complaints.opened(ref=late.ref, by=omar, now=at + timedelta(days=1))
    said = complaints.Said(
        words="The worker at the door was rude to me in front of everybody.", reach="REACH_ME",
        reach_at="07700 900461", reach_when="After 4, by text",
    )  # fmt: skip
    complaints.make(said=said, now=now - timedelta(hours=15))


def _panel(now: datetime, today: date) -> None:
    """The panel has a chair, a clerk and three members; it meets in eight working days, and four weeks later."""
    omar, since = _staff("omar"), now - timedelta(days=30)
    for key, part in (
        ("omar", "CHAIR"), ("priya", "MEMBER"), ("ruth", "MEMBER"), ("dami", "MEMBER"), ("grace", "CLERK"),
    ):  # fmt: skip
        payments.seat(user=_staff(key), part=part, by=omar, now=since)
    for ahead in (8, 28):
        payments.plan_meeting(meets_on=add_working_days(today, ahead), by=omar, now=since)


def _contact(now: datetime) -> None:
    """Numbers from the range kept for stories, with texts on; nothing goes to somebody in prison, and Kofi has turned
    nothing on: his pages ask him once."""
    for place, person in enumerate(YOUNG, start=1):
        user = User.objects.get(username=person.key)
        User.objects.filter(pk=user.pk).update(phone=f"+4477009000{place:02}")
        if person.in_custody:
            silence(user=user, why=Silence.CUSTODY, now=now)
        elif person.key != "kofi":
            turn_on(user=user, channel=Channel.SMS, now=now)


def _lost_phone(now: datetime) -> None:
    """Linh's phone is gone. Grace has seen her; a manager is to confirm before a code lets her in again."""
    if Recovery.objects.exists():
        return
    recovery.ask(
        young_person=_young("linh"), how=Recovery.How.VIDEO, by=_staff("grace"), now=now,
        said="Video call this morning from a friend's laptop in Leeds. I know her face and her voice.",
    )  # fmt: skip


def _drop_ins(now: datetime, today: date) -> None:
    """The weekly pattern, two weeks back and some ahead; the next housing session is full, with somebody waiting."""
    for name, host, what, weekday, opens, closes, places in WEEKLY:
        Series.objects.get_or_create(
            name=name,
            defaults={
                "host": host,
                "what": what,
                "weekday": weekday,
                "opens": time(opens),
                "closes": time(closes),
                "places": places,
                "starts_on": today - timedelta(days=28),
            },
        )
    make_sessions(today=today)
    housing = Session.objects.filter(name="Housing help", starts_at__gt=now).order_by("starts_at").first()
    if housing is None:
        return
    tia, kofi, linh = (_young(key) for key in ("tia", "kofi", "linh"))
    for person in (tia, kofi):
        book(session=housing, young_person=person, by=_user(person), now=now)
    join_waiting_list(session=housing, young_person=linh, by=_user(linh), now=now)


def _young(key: str) -> YoungPerson:
    return YoungPerson.objects.select_related("user").get(user__username=key)


def _user(person: YoungPerson) -> User:
    if person.user is None:
        raise LookupError(f"{person} has no account")
    return person.user


@dataclass(frozen=True)
class Scene:
    """One request: who asked for what, how many days ago, and what happened to it since."""

    who: str
    code: str  # empty: something else
    title: str
    story: str
    pence: int
    days_ago: int
    how: str
    then: tuple[Callable[[str, datetime], object], ...] = ()
    urgent: bool = False
    paid_after: int = 0  # days from asking to the money; 0: not paid


def _recommended(by: str, pence: int, after: int) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.recommend(
        ref=ref,
        pence=pence,
        words="I think this is right for you.",
        by=_staff(by),
        now=asked_at + timedelta(days=after),
    )


def _approved(by: str, pence: int, after: int) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.approve(
        ref=ref, pence=pence, words="Good luck with it.", by=_staff(by), now=asked_at + timedelta(days=after)
    )


def _part_approved(
    by: str, pence: int, code: str, words: str, after: int
) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.part_approve(
        ref=ref, pence=pence, code=code, words=words, by=_staff(by), now=asked_at + timedelta(days=after)
    )


def _each_week(by: str, pence: int, weeks: int, after: int) -> Callable[[str, datetime], object]:
    def agree(ref: str, asked_at: datetime) -> object:
        at = asked_at + timedelta(days=after)
        first = local_date(at)
        last, review_on = first + timedelta(weeks=weeks - 1), first + timedelta(weeks=weeks // 2)
        terms = Schedule("WEEK", pence, first, last, review_on)
        return payments.approve(ref=ref, schedule=terms, words="It comes each week.", by=_staff(by), now=at)

    return agree


def _to_panel(by: str, words: str, after: int) -> Callable[[str, datetime], object]:
    def send(ref: str, asked_at: datetime) -> object:
        at = asked_at + timedelta(days=after)
        first = PanelMeeting.objects.taking_papers(on=local_date(at)).first()
        return first and payments.send_to_panel(
            ref=ref, meeting=first.ref, words=words, by=_staff(by), now=at
        )

    return send


def _declined(by: str, code: str, words: str, after: int) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.decline(
        ref=ref, code=code, words=words, by=_staff(by), now=asked_at + timedelta(days=after)
    )


def _asked_more(by: str, code: str, words: str, after: int) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.ask_more(
        ref=ref, code=code, words=words, by=_staff(by), now=asked_at + timedelta(days=after)
    )


def _review_asked(by: str, words: str, after: int) -> Callable[[str, datetime], object]:
    return lambda ref, asked_at: payments.ask_review(
        ref=ref, words=words, by=_user(_young(by)), now=asked_at + timedelta(days=after)
    )


SCENES = (
    Scene(
        "maya", "course-and-work-costs", "", "My catering course starts next week. I need the shoes and the jacket.",
        6_400, 2, "WE_BUY_IT",
    ),
    Scene(
        "tia", "", "A pram", "My old pram broke and I carry her everywhere now.", 12_000, 12, "WE_BUY_IT",
    ),
    Scene(
        "linh", "graduation-costs", "", "My graduation is in December. This is to hire the gown.", 10_000, 4, "BANK",
        (_asked_more("grace", "PRICE", "Can you send a photo of the price for the gown?", 1),),
    ),
    Scene(
        "kofi", "festival-payment", "", "For Christmas, a nice meal with my foster family.", 5_000, 1, "VOUCHER",
    ),
    Scene(
        "yusuf", "laptop", "", "I write my college work on my phone. It is hard.", 30_000, 6, "WE_BUY_IT",
        (_recommended("sam", 30_000, 2),),
    ),
    Scene(
        "linh", "university-holiday-housing", "", "My room closes on 12 December. I have nowhere to go.", 60_000, 5,
        "BANK",
        (_recommended("grace", 60_000, 1),),
    ),
    Scene(
        "linh", "", "A study year abroad", "My course has a year in Lille. It is for the room and the train.", 300_000,
        3, "BANK",
        (
            _recommended("grace", 300_000, 1),
            _to_panel("omar", "It is a lot of money, so some of us decide together.", 2),
        ),
    ),
    Scene(
        "tia", "hobbies-and-clubs", "", "Swimming for me and my little girl on Saturdays.", 9_000, 15, "BANK",
        (
            _declined("dami", "ANOTHER_WAY", "You can both swim for free with Be Active. Ask us for a card.", 4),
            _review_asked("tia", "The free times are when she naps. Please look again.", 6),
        ),
    ),
    Scene(
        "maya", "driving-lessons", "", "Ten lessons, so that I can take a job with early shifts.", 40_000, 20, "BANK",
        (
            _recommended("sam", 40_000, 2),
            _part_approved("omar", 25_000, "COSTS_LESS", "A block of five costs £250. Ask again after those five.", 6),
        ),
    ),
    Scene(
        "ade", "custody-money", "", "For the phone, so that I can call my sister.", 500, 4, "BANK",
        (_each_week("omar", 500, 12, 3),),
    ),
    Scene(
        "maya", "moving-help", "", "A van to bring my things from my old room.", 5_000, 40, "BANK",
        (_approved("sam", 5_000, 2),), paid_after=5,
    ),
    Scene(
        "maya", "setting-up-home-allowance", "", "A cooker, a fridge and pots for my first flat.", 118_000, 75, "BANK",
        (_recommended("sam", 118_000, 2), _approved("omar", 118_000, 4)), paid_after=7,
    ),
)  # fmt: skip


def _play(scene: Scene, *, now: datetime) -> None:
    """Ask, and let happen what happened."""
    person = _young(scene.who)
    by, asked_at = _user(person), now - timedelta(days=scene.days_ago)
    asked = payments.start(
        young_person=person,
        entitlement=Entitlement.objects.select_related("current").get(code=scene.code)
        if scene.code
        else None,
        answers={
            "title": scene.title,
            "story": scene.story,
            "pence": scene.pence,
            "urgent": scene.urgent,
            "needed_by": None,
            "how": scene.how,
            "no_evidence_why": "I will show you when we meet.",
        },
        token=new_token(),
        by=by,
        now=asked_at,
    )
    payments.submit(ref=asked.ref, shown=payments.shown_print(asked), token=new_token(), by=by, now=asked_at)
    for step in scene.then:
        step(asked.ref, asked_at)


def _pay(now: datetime) -> None:
    """Finance makes a batch of what is due, closes it, and hears back that all of it arrived."""
    lee = _staff("lee")
    batch = finance.make_batch(by=lee, now=now).batch
    finance.write_file(batch=batch, now=now)
    finance.close_batch(ref=batch.ref, typed_pence=batch.total_pence, by=lee, now=now)
    lines = ["Reference,Amount,Outcome"]
    lines += [f"{one.ref},{one.pence // 100}.{one.pence % 100:02},PAID" for one in batch.payments.all()]
    finance.read_remittance(content="\n".join(lines).encode(), by=lee, now=now + timedelta(days=2))


def _case_record(now: datetime) -> None:
    """One night's notes went to the case record, which answered: it has all but one. What came later waits."""
    made = case_notes.make_tonights_file(now=now)
    if made is None:
        return  # it was sent before
    *written, refused = (
        CaseNote.objects.filter(carried__file=made).order_by("pk").values_list("ref", flat=True)
    )
    lines = ["NoteReference,Outcome,Reason", *(f"{ref},WRITTEN," for ref in written)]
    lines.append(f"{refused},REFUSED,This person's record was locked")
    answer = "\n".join(lines).encode()
    case_notes.read_answer(content=answer, by=_staff("noor"), now=now + timedelta(hours=9))


def _staff(key: str) -> User:
    return User.objects.get(username=key)
