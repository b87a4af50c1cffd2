"""Who may do what in the page editor: groups, and the way from an editor's draft to a published page."""

from itertools import product

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from cms.models import GlossaryTerm, OutsideTranslation, PageFeedback, Phone, SynonymGroup

EDITORS, PUBLISHERS, BUDGET_HOLDERS = "Editors", "Publishers", "Budget holders"


def ensure_groups(home: Page) -> dict[str, Group]:
    """Editors write, publishers publish, budget holders agree amounts; nobody has a right over people's data."""
    Group.objects.filter(name="Moderators").delete()  # Wagtail's own; ours are named after what they do
    groups = {
        name: Group.objects.get_or_create(name=name)[0] for name in (EDITORS, PUBLISHERS, BUDGET_HOLDERS)
    }
    rights = {
        EDITORS: {"add_page", "change_page"},
        PUBLISHERS: {
            "add_page",
            "change_page",
            "publish_page",
            "lock_page",
            "unlock_page",
            "bulk_delete_page",
        },
        BUDGET_HOLDERS: {"change_page"},
    }
    page_type = ContentType.objects.get_for_model(Page)
    homes = list(home.get_translations(inclusive=True))  # each language is a tree of its own
    for name, group in groups.items():
        GroupPagePermission.objects.filter(group=group).exclude(page__in=homes).delete()
        for codename, page in product(rights[name], homes):
            permission = Permission.objects.get(content_type=page_type, codename=codename)
            GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
        group.permissions.set(_model_rights(name))
        _allow_pictures(group, editing=name != BUDGET_HOLDERS)
    return groups


def ensure_moderation(home: Page, groups: dict[str, Group]) -> Workflow:
    """Everything an editor sends goes to a publisher. The budget holder's step is added where amounts live."""
    task = publisher_task(groups[PUBLISHERS])
    workflow, _made = Workflow.objects.get_or_create(name="a publisher")
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    for page in home.get_translations(inclusive=True):
        WorkflowPage.objects.update_or_create(page=page, defaults={"workflow": workflow})
    Workflow.objects.filter(name="Moderators approval").delete()
    GroupApprovalTask.objects.filter(name="Moderators approval").delete()
    return workflow


def publisher_task(publishers: Group) -> GroupApprovalTask:
    """The step of a workflow that a publisher takes."""
    task, _made = GroupApprovalTask.objects.get_or_create(name="A publisher reads it")
    task.groups.set([publishers])
    return task


def _model_rights(name: str) -> list[Permission]:
    wanted: dict[type[models.Model], tuple[str, ...]] = {}
    if name in (EDITORS, PUBLISHERS):
        wanted = {
            Phone: ("change", "view"),
            GlossaryTerm: ("add", "change", "delete", "view"),
            SynonymGroup: ("add", "change", "delete", "view"),
            PageFeedback: ("change", "view"),
        }
    if name == PUBLISHERS:
        wanted[Phone] = ("add", "change", "delete", "view")
        wanted[OutsideTranslation] = ("change", "view")
    found = list(Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin"))
    if name != BUDGET_HOLDERS:
        found += Permission.objects.filter(
            content_type__app_label="wagtail_localize", codename="submit_translation"
        )
    for model, verbs in wanted.items():
        codes = [f"{verb}_{model._meta.model_name}" for verb in verbs]
        found += Permission.objects.filter(
            content_type=ContentType.objects.get_for_model(model), codename__in=codes
        )
    return found


def _allow_pictures(group: Group, *, editing: bool) -> None:
    root = Collection.get_first_root_node()
    GroupCollectionPermission.objects.filter(group=group).delete()
    if editing:
        codes = ("add_image", "change_image", "choose_image")  # Wagtail asks about its own model
        for permission in Permission.objects.filter(
            content_type__app_label="wagtailimages", codename__in=codes
        ):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=root, permission=permission
            )
