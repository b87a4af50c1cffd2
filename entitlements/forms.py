"""The editor's form of an entitlement page: what it refuses, and who may confirm an amount."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.widgets import AdminDateInput

from cms.groups import BUDGET_HOLDERS
from cms.models import KeptPageForm
from entitlements.agreement import (
    CONFIRMATION,
    needs_agreement,
    say_no_english,
    say_why,
    seal,
    speaks_for_all,
    stands_alone,
)
from entitlements.content import cap_of, rates_of


def may_confirm(user: Any) -> bool:
    """Only the budget holder may stand behind an amount, whatever else an account may do."""
    return bool(user and Group.objects.filter(name=BUDGET_HOLDERS, user=user).exists())


class EntitlementPageForm(KeptPageForm):
    """The address is the code for good; a changed amount is unconfirmed until the budget holder confirms it again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page = self.instance
        self.code = page.slug if page.entitlement_id and page.slug == page.entitlement.code else ""
        self.money_before = _money(self.instance)
        self.confirmed_before = _confirmation(self.instance)
        if not may_confirm(self.for_user):
            for name in CONFIRMATION:
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.code and cleaned.get("slug", self.code) != self.code:
            self.add_error("slug", _("The address is the code of this entitlement: it never changes."))
        self._check_confirmation(cleaned)
        return cleaned

    def _check_confirmation(self, cleaned: dict[str, Any]) -> None:
        given = tuple(
            cleaned.get(name, old) for name, old in zip(CONFIRMATION, self.confirmed_before, strict=True)
        )
        if given == self.confirmed_before:
            return
        if not may_confirm(self.for_user):
            self.add_error(None, _("Only the budget holder can confirm an amount."))
        elif any(given) and not all(given):
            self.add_error(
                None, _("To confirm, give the day, the decision reference and the day call-in passed.")
            )

    def _post_clean(self) -> None:
        """A draft may be unfinished; what is sent or published may not. An unagreed amount goes by moderation."""
        super()._post_clean()
        if self.is_deferred_validation:
            return
        for name, words in self.instance.missing().items():
            self.add_error(name if name in self.fields else None, words)
        if {"action-publish", "action-submit"} & self.data.keys() and stands_alone(self.instance):
            self.add_error(None, say_no_english())
        if not self.errors and "action-publish" in self.data and speaks_for_all(self.instance):
            self._keep_confirmation_true()
            if needs_agreement(self.instance):
                self.add_error("amount" if "amount" in self.fields else None, say_why())

    def save(self, commit: bool = True) -> Any:
        self._keep_confirmation_true()
        return super().save(commit=commit)

    def _keep_confirmation_true(self) -> None:
        """A confirmation carries the name of who gave it, and does not outlive the amount it was given for."""
        page = self.instance
        if _confirmation(page) != self.confirmed_before:
            page.confirmed_by = self.for_user if page.confirmed_on else None
            seal(page)
        elif page.confirmed_on and _money(page) != self.money_before:
            page.confirmed_by = page.confirmed_on = page.call_in_passed_on = None
            page.decision_reference = ""
            self.confirmed_before = _confirmation(page)


class CopyAsDraftForm(CopyForm):
    """A copy of an entitlement is a draft: nobody agreed its amount, so it is never published with the copying."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("publish_copies", "alias"):
            self.fields.pop(name, None)


class AgreeAmountForm(forms.Form):
    """What the budget holder gives when agreeing an amount."""

    confirmed_on = forms.DateField(label=gettext_lazy("Decided on"), widget=AdminDateInput)
    call_in_passed_on = forms.DateField(
        label=gettext_lazy("Call-in passed on"),
        widget=AdminDateInput,
        help_text=gettext_lazy("The day from which nobody may call the decision in any more."),
    )

    decision_reference = forms.CharField(
        label=gettext_lazy("Decision reference"),
        max_length=80,
        help_text=gettext_lazy("As it stands in the council's own record of decisions."),
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": "agree_%s"})  # the page behind has the same fields


def _confirmation(page: Any) -> tuple[Any, ...]:
    return tuple(getattr(page, name) for name in CONFIRMATION)


def _money(page: Any) -> tuple[Any, ...]:
    try:
        return page.amount_type, cap_of(page), rates_of(page)
    except (KeyError, TypeError, ValueError):
        return ()
