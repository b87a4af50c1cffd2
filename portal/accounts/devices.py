"""A coarse name for a phone or computer: enough to know one's own, too little to describe anybody (rule 15)."""

from django.utils.translation import gettext as _


def coarse_name(user_agent: str) -> str:
    """What a person would call it, from the browser's own words. Never a version, a model or a place."""
    kinds = (
        ("iPhone", _("iPhone")),
        ("iPad", _("iPad")),
        ("Android", _("Android phone")),
        ("Windows", _("Windows computer")),
        ("Macintosh", _("Mac")),
        ("CrOS", _("Chromebook")),
        ("Linux", _("Linux computer")),
    )
    return next((name for mark, name in kinds if mark in user_agent), _("phone or computer"))
