"""How anything is published. Knows nothing of care leavers."""

from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class PortalImage(AbstractImage):
    """An editor's picture. The original is re-made on upload, so no place or camera data is ever kept (rule 41)."""

    admin_form_fields = Image.admin_form_fields


class PortalRendition(AbstractRendition):
    """A picture at the size a screen needs."""

    image = models.ForeignKey(PortalImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta(AbstractRendition.Meta):
        unique_together = (("image", "filter_spec", "focal_point_key"),)
