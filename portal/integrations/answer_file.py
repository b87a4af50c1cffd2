"""A file that another system answers with, as it comes through a form: one question for the rooms that read one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class AnswerFileField(forms.FileField):
    """A file that another system answers with. Too large is refused before a byte is read; an empty one is for whoever
    reads it to refuse, with all other faults."""

    default_error_messages = {
        "required": _("Choose a file"),
        "too_large": _("Choose a file of %(mb)d MB or less"),
    }

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        self.max_bytes = max_bytes
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The upload, unread."""
        file = super().clean(data, initial)
        if file and (file.size or 0) > self.max_bytes:
            words = self.error_messages["too_large"] % {"mb": self.max_bytes // 1024 // 1024}
            raise ValidationError(words, code="too_large")
        return file
