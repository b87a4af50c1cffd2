"""How every form field looks, once: label, hint, error, joined by `aria-describedby`."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

KINDS: list[tuple[type[forms.Widget], str]] = [  # the first that fits
    (forms.CheckboxSelectMultiple, "choices"),
    (forms.RadioSelect, "choices"),
    (forms.CheckboxInput, "tick"),
    (forms.MultiWidget, "parts"),
    (forms.FileInput, "file"),
]


class PortalBoundField(BoundField):
    """A field on a form of ours. Its additions show only when the field draws itself with `as_field_group`,

    so that the page editor's own templates, which name their hints and errors differently, stay whole.
    """

    drawn_whole = False

    def as_field_group(self) -> SafeString:
        """Label, hint, error and input together, by `django/forms/field.html`."""
        self.drawn_whole = True
        return super().as_field_group()

    @property
    def kind(self) -> str:
        """Which of the shapes in the field template draws it."""
        return next((kind for widget, kind in KINDS if isinstance(self.field.widget, widget)), "input")

    @property
    def hint_id(self) -> str:
        return f"{self.auto_id}-hint"

    @property
    def error_id(self) -> str:
        return f"{self.auto_id}-error"

    @property
    def count_id(self) -> str:
        return f"{self.auto_id}-count"

    @property
    def limit(self) -> int | None:
        """How many characters a large text box takes, to be said under it."""
        return (
            getattr(self.field, "max_length", None) if isinstance(self.field.widget, forms.Textarea) else None
        )

    @property
    def error_target(self) -> str:
        """The id of the input that the error summary leads to: the first one, or the part that is wrong."""
        if self.kind == "choices":
            return f"{self.auto_id}_0"
        if self.kind == "parts":
            codes = [error.code for error in self.form.errors.as_data().get(self.name, [])]
            return (
                f"{self.auto_id}_{getattr(self.field, 'part_of_code', {}).get(codes[0] if codes else '', 0)}"
            )
        return self.id_for_label or self.auto_id

    @property
    def choose_again(self) -> bool:
        """A browser forgets chosen files when a page comes back with an error: say so."""
        return self.kind == "file" and self.form.is_bound and bool(self.form.errors)

    @property
    def optional(self) -> bool:
        """Said beside the field, unless the page says once that all of the form may be left out."""
        if getattr(self.form, "all_optional", False):
            return False
        return not self.field.required and self.kind != "tick" and not self.field.disabled

    @property
    def described_by(self) -> str:
        """Hint, error and count, in the order they stand on the page."""
        ids = [
            self.hint_id if self.help_text else "",
            self.error_id if self.errors else "",
            self.count_id if self.limit else "",
        ]
        return " ".join(filter(None, ids))

    @property
    def aria_describedby(self) -> str | None:
        return self.described_by if self.drawn_whole else super().aria_describedby

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """As Django's, but our own words say what is missing, not the browser's bubble."""
        attrs = super().build_widget_attrs(attrs, widget)
        if self.drawn_whole:
            attrs.pop("required", None)
        return attrs

    @property
    def options(self) -> list[dict[str, object]]:
        """Each choice as `{tag, label, id, hint, hint_id}`; hints come from the field's `option_hints`."""
        hints = getattr(self.field, "option_hints", {})
        options = []
        for choice in self.subwidgets:
            hint = hints.get(str(choice.data["value"]), "")
            hint_id = f"{choice.id_for_label}-hint"
            if hint:
                choice.data["attrs"]["aria-describedby"] = hint_id
            options.append(
                {
                    "tag": choice.tag(),
                    "label": choice.choice_label,
                    "id": choice.id_for_label,
                    "hint": hint,
                    "hint_id": hint_id,
                }
            )
        return options

    @property
    def parts(self) -> list[dict[str, object]]:
        """Each input of a field in parts as `{tag, label, id}`, labelled by the widget's `part_labels`."""
        widget = self.field.widget
        attrs = self.build_widget_attrs({"id": self.auto_id})
        context = widget.get_context(self.html_name, self.value(), attrs)["widget"]
        return [
            {
                "tag": widget._render(part["template_name"], {"widget": part}, self.form.renderer),
                "label": label,
                "id": part["attrs"]["id"],
            }
            for part, label in zip(context["subwidgets"], widget.part_labels, strict=True)  # type: ignore[attr-defined]
        ]


class PortalFormRenderer(TemplatesSetting):
    """Draws Django's own forms with the templates in `templates/django/forms/`."""

    bound_field_class = PortalBoundField
