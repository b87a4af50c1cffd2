"""How somebody who wants to come back may be reached."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reach(TextChoices):
    """How they want to be reached. The labels are what they read."""

    CALL = "CALL", _("Call me")
    TEXT = "TEXT", _("Text me")
    EMAIL = "EMAIL", _("Email me")
    SOMEBODY = "SOMEBODY", _("Through somebody I trust")
