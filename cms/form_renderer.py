"""How every form field looks, once: label, hint, error, joined by `aria-describedby`."""

from django.forms.renderers import TemplatesSetting


class PortalFormRenderer(TemplatesSetting):
    """Draws Django's own forms with the templates in `templates/django/forms/`."""
