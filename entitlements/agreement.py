"""When an amount needs the budget holder before readers see it: whenever the council would stand behind a new figure.

An example from another council is labelled as one wherever it shows and pays nobody, so it needs no agreement; taking
the label off does.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from entitlements.content import content_of
from entitlements.models import Confidence

if TYPE_CHECKING:
    from entitlements.models import EntitlementVersion
    from entitlements.pages import EntitlementPage

MONEY = ("amount_type", "amount_pence", "per", "cap_pence", "cap_period", "rates")
CONFIRMATION = ("confirmed_on", "decision_reference", "call_in_passed_on")


def speaks_for_all(page: "EntitlementPage") -> bool:
    """Whether this page holds the facts: the one in the house's own language. Translations hold words alone."""
    return page.locale.language_code == settings.LANGUAGE_CODE


def needs_agreement(page: "EntitlementPage") -> bool:
    """Whether publishing this draft would promise a sum that the budget holder has not agreed.

    Agreed is what stands published and confirmed already, or carries a confirmation given for these very sums.
    """
    if page.confidence == Confidence.EXAMPLE and page.confirmed_on is None:
        return False
    published, planned = published_of(page), content_of(page)
    sums = planned["amount_pence"] is not None or planned["cap_pence"] is not None or planned["rates"]
    if published is None and not sums:
        return False
    if published is not None and published.is_confirmed and _money(planned) == _money(vars(published)):
        return False
    return not _is_agreed(page, _money(planned))


def published_of(page: "EntitlementPage") -> "EntitlementVersion | None":
    """The version readers see now. A copy that was never published has none of its own."""
    entitlement = page.entitlement
    return entitlement.current if entitlement and entitlement.code == page.slug else None


def check_may_publish(page: "EntitlementPage") -> None:
    """Refuse a draft that lacks something (`unfinished`) or promises an unagreed sum (`amount_not_agreed`).

    A translation holds words alone: without published facts behind it, it is refused (`no_english`).
    """
    if not speaks_for_all(page):
        if stands_alone(page):
            raise ValidationError(say_no_english(), code="no_english")
        return
    missing = page.missing()
    if missing:
        raise ValidationError([str(words) for words in missing.values()], code="unfinished")
    if needs_agreement(page):
        raise ValidationError(say_why(), code="amount_not_agreed")


def stands_alone(page: "EntitlementPage") -> bool:
    """Whether a translation has no published English page, and so no facts, behind it."""
    return not speaks_for_all(page) and (page.entitlement is None or page.entitlement.current_id is None)


def say_no_english() -> str:
    """What to do about a translation of something that is not published."""
    return _(
        "Readers are shown the amount and the rule of the English page, and there is none that is published. "
        "Publish the English page first, then translate it."
    )


def say_why() -> str:
    """What to do about an amount that is not agreed yet."""
    return _(
        "The amount is new or changed, so it cannot be published straight away. Choose “Submit” beside “Save draft”: "
        "a publisher reads it, the budget holder agrees the amount with a decision reference, and then it goes live."
    )


def seal(page: "EntitlementPage") -> None:
    """Tie the confirmation a budget holder just gave to the very sums it was given for."""
    page.agreed_sums = _digest(_money(content_of(page))) if page.confirmed_on else ""


def _is_agreed(page: "EntitlementPage", money: str) -> bool:
    given = all(getattr(page, name) for name in CONFIRMATION) and page.confirmed_by_id is not None
    return given and page.agreed_sums == _digest(money)


def _digest(money: str) -> str:
    return hashlib.sha256(money.encode()).hexdigest()


def _money(content: dict[str, Any]) -> str:
    """Amount, cap, rates and who decides them, so that what is kept and what is planned compare alike."""
    return json.dumps([content[name] for name in MONEY], sort_keys=True)
