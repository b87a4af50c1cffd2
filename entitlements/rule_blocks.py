"""What an editor builds an entitlement from: a rule of conditions, dated rates, sources, a scenario check.

Each condition block knows how to become the condition that `entitlements.rules` weighs, and nothing else does.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from entitlements import rules
from entitlements.circumstances import catalogue

STATUSES = [
    ("ELIGIBLE", _("Eligible: 16 or 17 and still in care")),
    ("RELEVANT", _("Relevant: 16 or 17 and left care")),
    ("FORMER_RELEVANT", _("Former relevant: 18 or over, with leaving care support")),
    ("QUALIFYING", _("Qualifying: was in care for a shorter time")),
]
PERIODS = [
    ("ONCE", _("in all")),
    ("YEAR", _("in a calendar year")),
    ("FINANCIAL_YEAR", _("in a financial year (from 1 April)")),
    ("ACADEMIC_YEAR", _("in an academic year (from 1 September)")),
    ("TERM", _("in a term")),
    ("MONTH", _("in a month")),
    ("WEEK", _("in a week")),
]
MOST_POUNDS = Decimal("100000")
MOST_OF_A_KEY = (
    50  # letters of what somebody wrote that name its answer; with what stands before them a key has 60
)
# Special categories of data, and what may put somebody in danger: never a question that anybody may write.
GUARDED = re.compile(
    r"\b(asylum|immigra\w*|refugee\w*|visas?|nationalit\w*|citizen\w*|home office|nhs number|prison\w*|custody|jail|"
    r"offen[cd]\w*|arrest\w*|convict\w*|probation|gangs?|abus\w*|violen\w*|suicid\w*|self[- ]harm\w*|pregnan\w*|"
    r"abortion|religio\w*|faith|ethnic\w*|race|gay|lesbian|trans|sexual\w*|disab\w*|diagnos\w*|mental|hiv|drugs?|alcohol|"
    r"illness|ill|medic\w*)\b",
    re.IGNORECASE,
)


def circumstance_choices() -> list[tuple[str, str]]:
    """Every circumstance the service can ask about, in the order of the list."""
    return [(key, words.label) for key, words in catalogue().entries.items()]


def entitlement_choices() -> list[tuple[str, str]]:
    """Every entitlement by its title, published or not. One query each time a form is drawn."""
    rows = apps.get_model("entitlements", "Entitlement").objects.values_list("code", "current__title")
    return sorted(((code, title or code) for code, title in rows), key=lambda row: row[1].lower())


class PoundsBlock(blocks.DecimalBlock):
    """A sum in pounds and whole pence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_value=MOST_POUNDS, decimal_places=2, **kwargs)

    class Meta:
        icon = "decimal"


class ConditionBlock(blocks.StructBlock):
    """One condition of a rule."""

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        raise NotImplementedError

    class Meta:
        icon = "check"


class AgeBlock(ConditionBlock):
    from_age = blocks.IntegerBlock(
        label=_("From age"),
        required=False,
        min_value=0,
        max_value=99,
        help_text=_("18 means from the 18th birthday."),
    )
    until_age = blocks.IntegerBlock(
        label=_("Until the birthday when they turn"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=_("“18 to 20” ends on the 21st birthday: write 21. Empty: no upper age."),
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        first, until = cleaned["from_age"], cleaned["until_age"]
        if first is None and until is None:
            raise ValidationError(_("Give an age from, an age until, or both."))
        if first is not None and until is not None and until <= first:
            raise ValidationError(_("The second age must be higher than the first."))
        return cleaned

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Age(value["from_age"], value["until_age"])]

    class Meta:
        label = _("Age")
        icon = "date"


class StatusBlock(ConditionBlock):
    any_of = blocks.MultipleChoiceBlock(
        label=_("Any of these legal statuses"), choices=STATUSES, widget=forms.CheckboxSelectMultiple
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        chosen = value["any_of"]
        order = [name for name, _label in STATUSES if name in chosen]
        return [rules.Status(tuple(rules.CareLeaverStatus(name) for name in order))]

    class Meta:
        label = _("Care leaver status")
        icon = "user"


class CircumstancesBlock(ConditionBlock):
    kind = blocks.ChoiceBlock(
        label=_("How many must be true"),
        choices=[("ALL", _("All of these")), ("ANY", _("Any one of these")), ("NONE", _("None of these"))],
        default="ALL",
    )
    keys = blocks.MultipleChoiceBlock(
        label=_("Circumstances"),
        choices=circumstance_choices,
        widget=forms.CheckboxSelectMultiple(
            attrs={"data-pick": _("Find one: type a word, such as “volunteer”")}
        ),
        help_text=_("Each is a question the checker asks. Is yours missing? Add “A question of your own”."),
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        named = tuple(rules.Circumstance(key) for key in value["keys"])
        return list(named) if value["kind"] == "ALL" else [rules.Group(rules.GroupKind(value["kind"]), named)]

    class Meta:
        label = _("What is true in their life: volunteers, studies, is moving…")
        icon = "list-ul"


class LivesBlock(ConditionBlock):
    where = blocks.ChoiceBlock(
        label=_("Home is"),
        choices=[
            ("IN_LEWISHAM", _("in Lewisham")),
            ("OUTSIDE_LEWISHAM", _("outside Lewisham")),
            ("IN_LONDON", _("in London")),
        ],
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Lives(rules.Where(value["where"]))]

    class Meta:
        label = _("Where they live")
        icon = "home"


class TurnedBlock(ConditionBlock):
    age = blocks.IntegerBlock(label=_("Turned"), min_value=1, max_value=99, default=18)
    from_on = blocks.DateBlock(label=_("On or after"), required=False)
    until_on = blocks.DateBlock(label=_("And before"), required=False)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["from_on"] is None and cleaned["until_on"] is None:
            raise ValidationError(_("Give at least one day."))
        return cleaned

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Turned(value["age"], value["from_on"], value["until_on"])]

    class Meta:
        label = _("Date of birth: turned an age between two days")
        icon = "calendar"


class ChildrenBlock(ConditionBlock):
    at_least = blocks.IntegerBlock(
        label=_("At least this many children live with them"), min_value=1, default=1
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Children(value["at_least"])]

    class Meta:
        label = _("Children who live with them")
        icon = "group"


class TriedFirstBlock(ConditionBlock):
    label = blocks.CharBlock(
        label=_("They first asked for"),
        max_length=120,
        help_text=_("Ends the sentence “has already asked for …”, such as “a grant from your college”."),
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.TriedFirst(slugify(value["label"])[:MOST_OF_A_KEY].strip("-"), value["label"])]

    class Meta:
        label = _("Only after other money was asked for")
        icon = "redirect"


class OwnQuestionBlock(ConditionBlock):
    """A question that the list of circumstances does not have, with its words. Read by a publisher like all the rest.

    It is asked of everybody and shown in lists, and who answers is told that it counts. So what is guarded elsewhere
    (papers, custody, health, faith, harm) is refused here: those are in the list, asked last and kept out of lists.
    """

    question = blocks.CharBlock(
        label=_("The question"),
        max_length=160,
        help_text=_("To a young person, answered with yes or no: “Do you look after a dog?”"),
    )
    yes = blocks.CharBlock(
        label=_("A yes, said back to them"), max_length=160, help_text=_("“You look after a dog”")
    )
    no = blocks.CharBlock(
        label=_("A no, said back to them"), max_length=160, help_text=_("“You do not look after a dog”")
    )
    readback = blocks.CharBlock(
        label=_("Ends “Anyone who …”"),
        max_length=160,
        help_text=_("“looks after a dog”. For you and for advisers."),
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        for name in ("yes", "no", "readback"):
            cleaned[name] = cleaned[name].strip().rstrip(".")
        wrong: dict[str, Any] = {}
        if not cleaned["question"].endswith("?"):
            wrong["question"] = _("End it with a question mark.")
        elif not slugify(cleaned["question"]):
            wrong["question"] = _("Write the question in English: translators make the others.")
        for name in ("yes", "no"):
            if not cleaned[name].startswith("You"):
                wrong[name] = _("Say it to them: begin with “You”.")
        if cleaned["yes"] == cleaned["no"]:
            wrong["no"] = _("A yes and a no cannot read the same.")
        if cleaned["readback"][:1].isupper():
            wrong["readback"] = _("It ends a sentence: begin with a small letter.")
        if GUARDED.search(" ".join(str(words) for words in cleaned.values())):
            wrong["question"] = _(
                "Papers, prison, health, faith and harm are too private for a question of your own. Such questions are "
                "in the list, where they are guarded. Is one missing? Tell the team that runs this service."
            )
        if wrong:
            raise blocks.StructBlockValidationError(
                {name: ValidationError(words) for name, words in wrong.items()}
            )
        return cleaned

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        what = slugify(value["question"])[:MOST_OF_A_KEY].strip("-")
        return [rules.OwnQuestion(what, value["question"], value["yes"], value["no"], value["readback"])]

    class Meta:
        label = _("A question of your own")
        icon = "help"


class NotWithBlock(ConditionBlock):
    code = blocks.ChoiceBlock(label=_("The other entitlement"), choices=entitlement_choices)
    overlap = blocks.ChoiceBlock(
        label=_("How"),
        choices=[
            ("NOT_AS_WELL_AS", _("Not at the same time as the other")),
            ("INSTEAD_OF", _("Not once they have had the other")),
        ],
        default="NOT_AS_WELL_AS",
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        title = dict(entitlement_choices()).get(value["code"], "")
        return [rules.NotWith(value["code"], rules.Overlap(value["overlap"]), title)]

    class Meta:
        label = _("Not as well as another entitlement")
        icon = "cross"


class TimesBlock(ConditionBlock):
    at_most = blocks.IntegerBlock(label=_("At most this many times"), min_value=1, default=1)
    per = blocks.ChoiceBlock(label=_("In"), choices=PERIODS, default="ONCE")

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Times(value["at_most"], rules.Per(value["per"]))]

    class Meta:
        label = _("At most so many times in a period")
        icon = "rotate"


class WeeksBlock(ConditionBlock):
    at_most = blocks.IntegerBlock(label=_("At most this many weeks"), min_value=1, default=12)

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Weeks(value["at_most"])]

    class Meta:
        label = _("At most so many weeks")
        icon = "time"


SINGLE: tuple[tuple[str, type[ConditionBlock]], ...] = (
    ("age", AgeBlock),
    ("status", StatusBlock),
    ("circumstances", CircumstancesBlock),
    ("lives", LivesBlock),
    ("turned", TurnedBlock),
    ("children", ChildrenBlock),
    ("tried_first", TriedFirstBlock),
    ("own_question", OwnQuestionBlock),
    ("not_with", NotWithBlock),
    ("times", TimesBlock),
    ("weeks", WeeksBlock),
)


class ConditionsBlock(blocks.StreamBlock):
    """Conditions that stand together, without groups inside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["local_blocks"] = [(name, block()) for name, block in SINGLE]
        super().__init__(*args, **kwargs)


class GroupBlock(ConditionBlock):
    kind = blocks.ChoiceBlock(
        label=_("How many must hold"),
        choices=[("ANY", _("Any one of these")), ("ALL", _("All of these")), ("NONE", _("None of these"))],
        default="ANY",
    )
    of = ConditionsBlock(label=_("Conditions"), min_num=1)

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        return [rules.Group(rules.GroupKind(value["kind"]), tuple(conditions_in(value["of"])))]

    class Meta:
        label = _("A group: any of these, or none of these")
        icon = "folder-open-inverse"


class AnyOfGroupsBlock(ConditionBlock):
    of = blocks.ListBlock(
        ConditionsBlock(label=_("All of these conditions"), min_num=1), label=_("Ways to fit"), min_num=2
    )

    def conditions(self, value: blocks.StructValue) -> list[rules.Condition]:
        ways = [rules.Group(rules.GroupKind.ALL, tuple(conditions_in(way))) for way in value["of"]]
        return [rules.Group(rules.GroupKind.ANY, tuple(ways))]

    class Meta:
        label = _("Different ways to fit")
        icon = "folder-open-inverse"


class RuleBlock(blocks.StreamBlock):
    """A whole rule: every condition here must hold. None at all: it is for everybody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        named: list[tuple[str, type[ConditionBlock]]] = [
            *SINGLE,
            ("group", GroupBlock),
            ("ways", AnyOfGroupsBlock),
        ]
        kwargs["local_blocks"] = [(name, block()) for name, block in named]
        super().__init__(*args, **kwargs)


def conditions_in(stream: Iterable[Any]) -> list[rules.Condition]:
    """The conditions an editor's blocks stand for, in their order."""
    return [condition for child in stream for condition in child.block.conditions(child.value)]


class RateBlock(blocks.StructBlock):
    """A different amount: from a day, for some people, for each child, or for a number of weeks."""

    amount = PoundsBlock(label=_("Amount in pounds"))
    per = blocks.ChoiceBlock(
        label=_("For each"),
        required=False,
        choices=[
            ("ONCE", _("once in all")),
            ("YEAR", _("year")),
            ("ACADEMIC_YEAR", _("academic year")),
            ("MONTH", _("month")),
            ("WEEK", _("week")),
            ("TERM", _("term")),
            ("ITEM", _("item")),
        ],
        help_text=_("Empty: the same as the page's own amount."),
    )
    starts_on = blocks.DateBlock(label=_("From this day"), required=False, help_text=_("Empty: already."))
    ends_on = blocks.DateBlock(label=_("Last day"), required=False, help_text=_("Empty: no end."))
    governs = blocks.ChoiceBlock(
        label=_("Which day counts"),
        choices=[
            ("ASKED", _("the day it is asked for")),
            ("DECIDED", _("the day it is decided")),
            ("SPENT", _("the day it is spent")),
        ],
        default="ASKED",
    )
    who = ConditionsBlock(
        label=_("Only for people for whom all of this is true"),
        required=False,
        help_text=_("For a rate that depends on age, birth date or something else. Empty: for everybody."),
    )
    per_child = blocks.BooleanBlock(label=_("For each child who lives with them"), required=False)
    at_most_weeks = blocks.IntegerBlock(label=_("For at most this many weeks"), required=False, min_value=1)
    attendance_percent = blocks.IntegerBlock(
        label=_("Paid for a term when they went to at least this percent of it"),
        required=False,
        min_value=1,
        max_value=100,
    )
    inside = blocks.ChoiceBlock(
        label=_("Comes out of this other entitlement"), choices=entitlement_choices, required=False
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        starts_on, ends_on = cleaned["starts_on"], cleaned["ends_on"]
        if starts_on and ends_on and ends_on < starts_on:
            raise ValidationError(_("The last day comes before the first."))
        return cleaned

    class Meta:
        label = _("Rate")
        icon = "decimal"


class RatesBlock(blocks.StreamBlock):
    rate = RateBlock()


class ApproverBandBlock(blocks.StructBlock):
    """Above a sum, somebody else decides."""

    above = PoundsBlock(label=_("Above this many pounds"))
    approver = blocks.ChoiceBlock(
        label=_("It is decided by"),
        choices=[
            ("PA", _("the personal adviser")),
            ("TEAM_MANAGER", _("a team manager")),
            ("SERVICE_MANAGER", _("a service manager")),
            ("PANEL", _("a panel")),
        ],
    )

    class Meta:
        label = _("Above a sum")
        icon = "order-up"


class ApproverBandsBlock(blocks.StreamBlock):
    band = ApproverBandBlock()


class CheckQuestionBlock(blocks.StructBlock):
    """One question of the three an adviser answers to show they know this entitlement."""

    question = blocks.CharBlock(label=_("Question"), max_length=300)
    options = blocks.ListBlock(blocks.CharBlock(max_length=200), label=_("Answers"), min_num=2, max_num=5)
    right = blocks.IntegerBlock(label=_("Which answer is right (1 is the first)"), min_value=1, max_value=5)
    why = blocks.CharBlock(label=_("Why"), max_length=400)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["right"] > len(cleaned["options"]):
            raise ValidationError(_("There is no answer with that number."))
        return cleaned

    class Meta:
        label = _("Question")
        icon = "help"


class CheckQuestionsBlock(blocks.StreamBlock):
    question = CheckQuestionBlock()


class SourceBlock(blocks.StructBlock):
    """Another place that says the same, or something close."""

    name = blocks.CharBlock(label=_("Name"), max_length=300)
    url = blocks.URLBlock(label=_("Web address"), required=False)

    class Meta:
        label = _("Source")
        icon = "link"


class SourcesBlock(blocks.StreamBlock):
    source = SourceBlock()
