"""What a page says, as plain data: the same for a draft, a preview and a published version."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from entitlements.amounts import WHOLE_SUM_PER, to_pence
from entitlements.rule_blocks import conditions_in
from entitlements.rules import ApproverBand, Governs, Group, GroupKind, Rate, Rule, State, to_data

if TYPE_CHECKING:
    from entitlements.pages import EntitlementPage

WORDS = (
    "what_it_is",
    "what_it_can_buy",
    "who_for",
    "how_much",
    "have_ready",
    "how_to_ask",
    "what_next",
    "if_no",
    "good_to_know",
)
"""The texts of a page, in the order of the editor."""
EXPLAIN_TEXTS = ("in_one_breath", "yes_example", "no_example")
EXPLAIN_LISTS = ("ask", "say", "mistakes")
EXPLAIN = ("in_one_breath", "ask", "say", "yes_example", "no_example", "mistakes")
BASIS = ("rule", "evidence", "approver", "decision_days")
SAME_AS_PAGE = (
    "title",
    "one_line",
    "section",
    "duty",
    "duty_line",
    "kind",
    "status",
    "confidence",
    "quiet",
    "how_to_get",
    "approver_level",
    "decision_days",
    "affects_benefits",
    "cost_code",
    "amount_type",
    "per",
    "in_force_from",
    "in_force_until",
    "confirmed_by_id",
    "confirmed_on",
    "decision_reference",
    "call_in_passed_on",
    "review_by",
)


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def rule_of(page: "EntitlementPage") -> Rule:
    """The rule an editor built, with its dates and rates."""
    return Rule(
        code=page.code,
        when=Group(GroupKind.ALL, tuple(conditions_in(page.rule))),
        state=State(page.status),
        starts_on=page.in_force_from,
        ends_on=page.in_force_until,
        rates=tuple(rates_of(page)),
    )


def rates_of(page: "EntitlementPage") -> list[Rate]:
    """The other rates in the editor's order, then the page's own amount: of two that fit alike, the first counts."""
    decides: dict[str, Any] = {"approver": page.approver_level, "above": tuple(bands_of(page))}
    rates = [
        Rate(
            pence=to_pence(block.value["amount"]) or 0,
            per=block.value["per"] or page.per or "ONCE",
            starts_on=block.value["starts_on"],
            ends_on=block.value["ends_on"],
            governs=Governs(block.value["governs"]),
            when=Group(GroupKind.ALL, tuple(conditions_in(block.value["who"]))),
            per_child=block.value["per_child"],
            at_most_weeks=block.value["at_most_weeks"],
            attendance_percent=block.value["attendance_percent"],
            inside=block.value["inside"] or "",
            **decides,
        )
        for block in page.rates
    ]
    pence = to_pence(page.amount)
    if pence is not None:
        rates.append(Rate(pence=pence, per=page.per or "ONCE", at_most_weeks=page.at_most_weeks, **decides))
    return rates


def bands_of(page: "EntitlementPage") -> list[ApproverBand]:
    """Who decides above which sum, lowest first."""
    bands = (
        ApproverBand(to_pence(block.value["above"]) or 0, block.value["approver"])
        for block in page.approver_bands
    )
    return sorted(bands, key=lambda band: band.above_pence)


def cap_of(page: "EntitlementPage") -> tuple[int | None, str]:
    """The most one person may have, in pence, and in what time. No figure: no cap."""
    pence = to_pence(page.cap)
    if pence is not None:
        return pence, page.cap_period or page.per or "ONCE"
    amount = to_pence(page.amount)
    if amount is not None and page.per in WHOLE_SUM_PER:
        return amount, page.per
    if amount is not None and page.at_most_weeks:
        return amount * page.at_most_weeks, "ONCE"
    return None, ""


def content_of(page: "EntitlementPage") -> dict[str, Any]:
    """Every field of an `EntitlementVersion` that comes from its page."""
    rule = to_data(rule_of(page))
    cap_pence, cap_period = cap_of(page)
    return {
        **{name: getattr(page, name) for name in SAME_AS_PAGE},
        "amount_pence": to_pence(page.amount),
        "cap_pence": cap_pence,
        "cap_period": cap_period,
        "rule": rule,
        "rates": rule["rates"],
        "evidence": lines(page.evidence),
        "words": {
            **{name: getattr(page, name).strip() for name in WORDS},
            "also_called": lines(page.also_called),
            "search_words": lines(page.search_words),
        },
        "explain": {
            **{name: getattr(page, f"explain_{name}").strip() for name in EXPLAIN_TEXTS},
            **{name: lines(getattr(page, f"explain_{name}")) for name in EXPLAIN_LISTS},
            "check_questions": [
                {
                    "question": block.value["question"],
                    "options": list(block.value["options"]),
                    "answer": block.value["right"] - 1,
                    "why": block.value["why"],
                }
                for block in page.check_questions
            ],
        },
        "source": {
            "name": page.source_name,
            "url": page.source_url,
            "date": page.source_date,
            "also_see": [{"name": block.value["name"], "url": block.value["url"]} for block in page.also_see],
            "basis": {name: getattr(page, f"basis_{name}") for name in BASIS},
        },
    }


def digest_of(content: dict[str, Any]) -> str:
    """The same content always gives the same 64 letters."""
    plain = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()
