"""What other councils' finance handbooks say, each shape built in the editor's form, read back, published, weighed."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from wagtail.blocks import StructBlockValidationError
from wagtail.test.utils.form_data import streamfield

from entitlements.content import content_of
from entitlements.facts import Award, CareLeaverStatus, Facts, Known, StatusPeriod
from entitlements.models import Entitlement
from entitlements.pages import EntitlementPage
from entitlements.panels import say_rule
from entitlements.rule_blocks import OwnQuestionBlock
from entitlements.rules import evaluate, from_data
from tests.entitlements.conftest import page_of
from tests.entitlements.test_editor import fields
from tests.factories import UserFactory

TODAY = date(2026, 11, 23)
SOMEBODY = Facts(
    born_on=date(2007, 7, 1),
    statuses=(StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),),
    children=0,
    circumstances={"in_further_education": Known(True), "tried.a-grant-from-your-college": Known(True)},
    awards={"birthday-gift": (), "laptop": ()},
)


@dataclass
class Shape:
    """What the editor puts into the form; the sentences they read; what it answers to whom, and with how much."""

    form: dict[str, object]
    read_back: list[str]
    answers: list[tuple[Facts, str, int | None]]
    decides: list[tuple[int, str]] = field(default_factory=list)


def rule(*blocks: tuple[str, dict[str, object]]) -> dict[str, object]:
    return {"rule": streamfield(list(blocks))}


def rates(*values: dict[str, object]) -> dict[str, object]:
    blank = {"per": "", "starts_on": "", "ends_on": "", "governs": "ASKED", "at_most_weeks": ""}
    blank |= {"attendance_percent": "", "inside": "", "who": streamfield([])}
    return {"rates": streamfield([("rate", blank | value) for value in values])}


def once(**changes: object) -> Facts:
    return replace(SOMEBODY, **changes)


def had(code: str, *awards: Award) -> Facts:
    return once(awards=SOMEBODY.awards | {code: awards})


DOG = {
    "question": "Do you look after a dog?",
    "yes": "You look after a dog.",
    "no": "You do not look after a dog",
    "readback": "looks after a dog",
}
WEEKLY = {"amount": "25.00", "per": "WEEK"}
AGE_16_TO_24 = ("age", {"from_age": "16", "until_age": "25"})

SHAPES = {
    "a rate that depends on age": Shape(
        form=rule(AGE_16_TO_24)
        | {"amount": "60.00", "per": "WEEK"}
        | rates(
            {"amount": "45.00", "who": streamfield([("age", {"from_age": "16", "until_age": "18"})])}
        ),
        read_back=[
            "Anyone 16 to 24.",
            "£45 a week. Anyone 16 or 17.",
            "£60 a week.",
        ],
        answers=[
            (once(born_on=date(2009, 11, 24)), "YES", 4_500),  # 16, and 17 tomorrow
            (once(born_on=date(2008, 11, 24)), "YES", 4_500),  # 17, and 18 tomorrow
            (once(born_on=date(2008, 11, 23)), "YES", 6_000),  # 18 today
            (once(born_on=date(2001, 11, 23)), "NO", None),  # 25 today
        ],
    ),
    "a rate that depends on the date of birth": Shape(
        form=rule(AGE_16_TO_24)
        | {"amount": "2000.00", "per": "ONCE"}
        | rates(
            {
                "amount": "3000.00",
                "who": streamfield([("turned", {"age": "18", "from_on": "2023-04-01", "until_on": ""})]),
            }
        ),
        read_back=[
            "Anyone 16 to 24.",
            "£3,000. Anyone who turns 18 on or after 1 April 2023.",
            "£2,000.",
        ],
        answers=[
            (once(born_on=date(2005, 4, 1)), "YES", 300_000),
            (once(born_on=date(2005, 3, 31)), "YES", 200_000),
            (once(born_on=None), "NEED_TO_KNOW", None),
        ],
    ),
    "an amount for each child": Shape(
        form=rule(("children", {"at_least": "1"}))
        | {"amount_type": "VARIES", "amount": ""}
        | rates({"amount": "150.00", "per": "ONCE", "per_child": "on"}),
        read_back=["Anyone who has a child living with them.", "£150 for each child."],
        answers=[
            (once(children=0), "NO", None),
            (once(children=1), "YES", 15_000),
            (once(children=3), "YES", 45_000),
            (once(children=None), "NEED_TO_KNOW", None),
        ],
    ),
    "a week's money for at most so many weeks": Shape(
        form=rule(("weeks", {"at_most": "12"})) | WEEKLY | {"at_most_weeks": "12"},
        read_back=["Anyone who has had this for less than 12 weeks.", "£25 a week, for at most 12 weeks."],
        answers=[
            (SOMEBODY, "YES", 2_500),
            (had("birthday-gift", Award(TODAY - timedelta(77), TODAY - timedelta(1))), "YES", 2_500),  # 11
            (had("birthday-gift", Award(TODAY - timedelta(84), TODAY - timedelta(1))), "NO", None),  # 12
        ],
    ),
    "money for a term, tied to going to it": Shape(
        form=rule(("circumstances", {"kind": "ALL", "keys": "in_further_education"}))
        | {"amount_type": "VARIES", "amount": ""}
        | rates({"amount": "300.00", "per": "TERM", "attendance_percent": "90"}),
        read_back=[
            "Anyone who is in further education.",
            "£300 a term, when they went to at least 90% of the term.",
        ],
        answers=[(SOMEBODY, "YES", 30_000), (once(circumstances={}), "NEED_TO_KNOW", None)],
    ),
    "an amount inside another allowance": Shape(
        form=rule()
        | {"amount_type": "VARIES", "amount": ""}
        | rates({"amount": "50.00", "per": "ONCE", "inside": "setting-up-home-allowance"}),
        read_back=["Anyone.", "£50, taken from what they have for “Money to set up your first home”."],
        answers=[(SOMEBODY, "YES", 5_000)],
    ),
    "instead of another, once it was had": Shape(
        form=rule(("not_with", {"code": "laptop", "overlap": "INSTEAD_OF"})) | WEEKLY,
        read_back=["Anyone who has not had “A laptop for your course”.", "£25 a week."],
        answers=[
            (SOMEBODY, "YES", 2_500),
            (had("laptop", Award(TODAY - timedelta(900))), "NO", None),
            (once(awards={}), "NEED_TO_KNOW", None),
        ],
    ),
    "not as well as another, while it runs": Shape(
        form=rule(("not_with", {"code": "laptop", "overlap": "NOT_AS_WELL_AS"})) | WEEKLY,
        read_back=["Anyone who is not getting “A laptop for your course” at the same time.", "£25 a week."],
        answers=[
            (had("laptop", Award(TODAY - timedelta(30), TODAY)), "NO", None),
            (had("laptop", Award(TODAY - timedelta(30), TODAY - timedelta(1))), "YES", 2_500),
        ],
    ),
    "only after other money was asked for": Shape(
        form=rule(("tried_first", {"label": "a grant from your college"})) | WEEKLY,
        read_back=["Anyone who has already asked for a grant from your college.", "£25 a week."],
        answers=[
            (SOMEBODY, "YES", 2_500),
            (once(circumstances={}), "NEED_TO_KNOW", None),
            (once(circumstances={"tried.a-grant-from-your-college": Known(False)}), "NO", None),
        ],
    ),
    "something nobody thought of: a question of the editor's own": Shape(
        form=rule(("own_question", DOG)) | WEEKLY,
        read_back=["Anyone who looks after a dog.", "£25 a week."],
        answers=[
            (once(circumstances={"own.do-you-look-after-a-dog": Known(True)}), "YES", 2_500),
            (SOMEBODY, "NEED_TO_KNOW", None),
            (once(circumstances={"own.do-you-look-after-a-dog": Known(False)}), "NO", None),
        ],
    ),
    "so many times in a period": Shape(
        form=rule(("times", {"at_most": "2", "per": "ACADEMIC_YEAR"})) | WEEKLY,
        read_back=["Anyone who has had this fewer than 2 times in the academic year.", "£25 a week."],
        answers=[
            (had("birthday-gift", Award(date(2026, 8, 31)), Award(date(2026, 9, 1))), "YES", 2_500),
            (had("birthday-gift", Award(date(2026, 9, 1)), Award(date(2026, 10, 1))), "NO", None),
        ],
    ),
    "somebody else decides above a sum": Shape(
        form=rule()
        | {"amount": "900.00", "per": "ONCE", "approver_level": "PA"}
        | {
            "approver_bands": streamfield([
                ("band", {"above": "500.00", "approver": "PANEL"}),
                ("band", {"above": "100.00", "approver": "TEAM_MANAGER"}),
            ])
        },
        read_back=[
            "Anyone.",
            "£900. Decided by the personal adviser, above £100 by the team manager, above £500 by the panel.",
        ],
        answers=[(SOMEBODY, "YES", 90_000)],
        decides=[(10_000, "PA"), (10_001, "TEAM_MANAGER"), (50_000, "TEAM_MANAGER"), (50_001, "PANEL")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_shape_of_another_councils_handbook_is_built_read_back_published_and_weighed(handbook, shape):
    page = page_of("birthday-gift").get_latest_revision_as_object()
    kept = {
        "amount_type": "FIXED",
        "per": "",
        "cap": "",
        "cap_period": "",
        "how_much": "",
        "approver_level": "",
    }
    kept |= {"what_next": "", "if_no": ""}
    posted = QueryDict(mutable=True)
    posted.update(fields(page, **(kept | shape.form)))
    form = EntitlementPage.get_edit_handler().get_form_class()(
        posted, instance=page, for_user=UserFactory(is_superuser=True),
        parent_page=page.get_parent(),
    )  # fmt: skip
    assert form.is_valid(), form.errors
    draft = form.save(commit=False)
    assert say_rule(draft) == shape.read_back

    draft.save_revision().publish()

    kept_rule = Entitlement.objects.get(code="birthday-gift").current.rule
    assert content_of(page_of("birthday-gift"))["rule"] == kept_rule
    published = from_data(kept_rule)
    for facts, answer, pence in shape.answers:
        outcome = evaluate(published, facts, TODAY)
        assert outcome.answer.name == answer
        assert outcome.amount.pence == pence or answer != "YES"
    for pence, approver in shape.decides:
        assert published.rates[-1].approver_for(pence) == approver


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"question": "Do you look after a dog"}, "question"),
        ({"question": "你有狗吗?"}, "question"),
        ({"yes": "Looks after a dog"}, "yes"),
        ({"no": "You look after a dog"}, "no"),
        ({"readback": "Looks after a dog"}, "readback"),
        ({"question": "Do you have a visa?"}, "question"),
        ({"yes": "You are disabled"}, "question"),
    ],
)
def test_a_question_of_ones_own_is_whole_and_never_about_what_is_guarded(changes, field):
    block = OwnQuestionBlock()

    with pytest.raises(StructBlockValidationError) as refusal:
        block.clean(block.to_python(DOG | changes))

    assert list(refusal.value.block_errors) == [field]
