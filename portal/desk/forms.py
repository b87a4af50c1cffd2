"""What staff write down about a young person beside their requests."""

from collections.abc import Iterable

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.take_up.questions import Question, Said

YES_OR_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


class FactsForm(forms.Form):
    """One yes or no a question; what is left empty stays as it is."""

    all_optional = True  # said once, above them

    def __init__(
        self, *args: object, said: Iterable[Said], open_: Iterable[Question], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for one in said:
            value = _("Yes") if one.value else _("No")
            hint = _("Known: %(value)s, %(source)s, %(day)s.") % {
                "value": value, "source": one.where_from, "day": date_format(one.as_of, "j F Y"),
            }  # fmt: skip
            self._ask(one.key, one.words, f"{hint} {_('Too old to count.')}" if one.stale else hint)
        for question in open_:
            decides = "; ".join(question.decides[:3])
            self._ask(question.key, question.words, _("Decides: %(titles)s") % {"titles": decides})

    def _ask(self, key: str, words: str, hint: str) -> None:
        self.fields[key] = forms.ChoiceField(
            label=words, help_text=hint, choices=YES_OR_NO, required=False, widget=forms.RadioSelect
        )

    @property
    def answers(self) -> dict[str, bool]:
        """What was answered, by key."""
        return {key: value == "yes" for key, value in self.cleaned_data.items() if value}
