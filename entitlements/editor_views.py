"""For the page editor alone, behind Wagtail's own sign-in and permissions."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST
from wagtail.permission_policies.pages import PagePermissionPolicy

from entitlements import impact as impacts
from entitlements.amounts import say_amount, say_pounds
from entitlements.content import content_of, rule_of
from entitlements.models import EntitlementVersion
from entitlements.pages import EntitlementPage
from entitlements.panels import UNFINISHED, say_rule, sentences
from entitlements.rules import from_data

TYPED = ("rule", "rates", "approver_bands", "amount", "at_most_weeks", "in_force_from", "in_force_until")


@require_POST
def read_back(request: HttpRequest) -> HttpResponse:
    """The rule as it is being typed, in words. Reads the editor's own fields, keeps nothing."""
    if not PagePermissionPolicy().user_has_any_permission(request.user, {"add", "change", "publish"}):
        raise PermissionDenied
    page = EntitlementPage(slug="this")
    form_class = EntitlementPage.get_edit_handler().get_form_class()
    form = form_class(request.POST, instance=page, for_user=request.user)
    form.is_valid()  # puts what is good so far on the page
    found = [UNFINISHED] if form.errors.keys() & set(TYPED) else say_rule(page)
    return render(request, "entitlements/admin/sentences.html", {"sentences": found})


def impact(request: HttpRequest, page_id: int) -> HttpResponse:
    """What publishing the saved draft would change: people by count, requests by count, money by sum."""
    page = get_object_or_404(EntitlementPage.objects.select_related("entitlement__current"), pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    draft = page.get_latest_revision_as_object()
    current = page.entitlement.current if page.entitlement_id else None
    return render(request, "entitlements/admin/impact.html", _found(request, draft, current))


def _found(
    request: HttpRequest, draft: EntitlementPage, current: EntitlementVersion | None
) -> dict[str, Any]:
    people, open_requests = impacts.sources.people, impacts.sources.open_requests
    on = request.today  # type: ignore[attr-defined]
    counts = None
    if people is not None:
        before = from_data(current.rule) if current else None
        after = rule_of(draft)
        found = impacts.compare(before, after, people(on), on)
        same = before is not None and replace(before, rates=()) == replace(after, rates=())
        counts = impacts.say_counts(found, same_rule=same)
    asked = open_requests(draft.code) if open_requests else None
    planned = EntitlementVersion(entitlement=draft.entitlement, **content_of(draft))
    return {
        "page": draft,
        "counts": counts,
        "open_requests": impacts.say_requests(asked.count, quiet=draft.quiet) if asked else "",
        # With few requests a sum could be somebody's own.
        "committed": say_pounds(asked.committed_pence)
        if asked and asked.count >= impacts.FEWEST_SHOWN
        else "",
        "rule_now": say_rule_of(current),
        "rule_then": say_rule(draft),
        "amount_now": say_amount(current, on) if current else "",
        "amount_then": say_amount(planned, on),
    }


def say_rule_of(version: EntitlementVersion | None) -> list[str]:
    """A published version's rule and rates as sentences."""
    return sentences(from_data(version.rule)) if version else []
