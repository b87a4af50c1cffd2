"""From a draft to readers: a publisher, and the budget holder too when a sum is new or changed."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    AbstractGroupApprovalTask,
    Page,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
    WorkflowTask,
)

from cms.groups import BUDGET_HOLDERS, PUBLISHERS, ensure_groups, publisher_task
from entitlements.agreement import CONFIRMATION, needs_agreement, seal
from entitlements.forms import AgreeAmountForm

WORKFLOW = "a publisher, and the budget holder for an amount"
TASK = "The budget holder agrees the amount"


class AmountTask(AbstractGroupApprovalTask):
    """Passes by itself while no sum is new; else waits for the budget holder's decision reference."""

    def start(self, workflow_state: WorkflowState, user: Any = None) -> TaskState:
        """Begin, or step aside when the draft promises nothing that is not agreed already."""
        state = super().start(workflow_state, user=user)
        page = state.revision.as_object()
        if not hasattr(page, "missing") or not needs_agreement(page):
            state.status = TaskState.STATUS_SKIPPED
            state.save(update_fields=["status"])
        return state

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        if not super().get_actions(obj, user):
            return []
        return [("approve", _("Agree the amount"), True), ("reject", _("Ask for changes"), True)]

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        return AgreeAmountForm if action == "approve" else super().get_form_for_action(action)

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> Any:
        """Write the decision on the page, then publish it. Without a whole decision nothing is agreed."""
        if action_name == "approve":
            form = AgreeAmountForm(kwargs)
            if not form.is_valid():
                raise PermissionDenied
            # The newest draft: the editor keeps what the budget holder typed before it comes here.
            page = Page.objects.get(pk=task_state.revision.object_id).get_latest_revision().as_object()
            for name in CONFIRMATION:
                setattr(page, name, form.cleaned_data[name])
            page.confirmed_by = user
            seal(page)
            task_state.revision = page.save_revision(user=user)
            task_state.save(update_fields=["revision"])
            task_state.workflow_state.agreed_revision = task_state.revision
            kwargs = {"comment": form.cleaned_data["comment"]}
        return super().on_action(task_state, user, action_name, **kwargs)

    @classmethod
    def get_description(cls) -> str:
        return str(_("The budget holder agrees a new or changed amount; anything else passes by itself"))

    class Meta:
        verbose_name = _("agreement of an amount")


def ensure_amount_moderation(handbook: Page) -> Workflow:
    """Everything sent from the handbook goes to a publisher, and a new or changed sum to the budget holder too."""
    groups = ensure_groups(handbook.get_parent())
    agree, _made = AmountTask.objects.get_or_create(name=TASK)
    agree.groups.set([groups[BUDGET_HOLDERS]])
    workflow, _made = Workflow.objects.get_or_create(name=WORKFLOW)
    for place, task in enumerate((publisher_task(groups[PUBLISHERS]), agree)):
        WorkflowTask.objects.update_or_create(workflow=workflow, task=task, defaults={"sort_order": place})
    WorkflowPage.objects.update_or_create(page=handbook, defaults={"workflow": workflow})
    return workflow
