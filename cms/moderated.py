"""The end of moderation. Wagtail reads this while its own models load, so nothing here may import a model."""

from typing import Any


def publish_when_agreed(workflow_state: Any, user: Any = None) -> None:
    """Every step said yes: the page is published, whoever of them came last.

    The last may be a budget holder, who has no right to publish a page alone.
    """
    # What was agreed to, word for word: the editor on the screen may keep another draft at this very moment.
    agreed = getattr(workflow_state, "agreed_revision", None)
    if agreed is None:
        page = workflow_state.content_object
        page.refresh_from_db(fields=["latest_revision"])  # a step may have kept what was typed in it
        agreed = page.get_latest_revision()
    # Read anew, with the page as it stands now, so that a draft kept meanwhile is still the newest one afterwards.
    type(agreed).objects.get(pk=agreed.pk).publish(user=user, skip_permission_checks=True)
