"""A picture is made again on its way in: pixels stay; place, camera, comments and thumbnails go (rule 41)."""

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db.models import Model
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from wagtail.images.models import WagtailImageField

MAX_PIXELS = 40_000_000
DECODERS = ("JPEG", "PNG", "WEBP")
ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}


def remade(data: bytes) -> tuple[bytes, str]:
    """The picture's pixels, upright, in a new file of the same kind with no metadata at all; and its ending.

    Refuses (`not_a_picture`) what is not JPEG, PNG or WebP, and (`too_large`) more than 40 megapixels, before decoding.
    """
    try:
        with Image.open(BytesIO(data), formats=DECODERS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValidationError(
                    _("This picture is too large. Use one under 40 megapixels."), code="too_large"
                )
            kind = opened.format or "PNG"
            upright = ImageOps.exif_transpose(opened)
            mode = "RGB" if kind == "JPEG" or not _has_alpha(upright) else "RGBA"
            pixels = upright.convert(mode)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as fault:
        raise ValidationError(_("This file is not a picture we can use."), code="not_a_picture") from fault
    clean = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    out = BytesIO()
    clean.save(out, format=kind, **({"quality": 85, "optimize": True} if kind == "JPEG" else {}))
    return out.getvalue(), ENDINGS[kind]


class StrippedImageField(WagtailImageField):  # type: ignore[misc]
    """Stores only the re-made picture, whichever way the file came in."""

    def pre_save(self, model_instance: Model, add: bool) -> File:
        file = getattr(model_instance, self.attname)
        if file and not file._committed:
            file.open()
            data, ending = remade(file.read())
            name = file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0] + ending
            file.save(name, ContentFile(data, name=name), save=False)
            model_instance.file_size, model_instance.file_hash = len(data), ""  # type: ignore[attr-defined]
        return file


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or (image.mode == "P" and "transparency" in image.info)
