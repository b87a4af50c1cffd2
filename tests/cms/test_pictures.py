"""Pictures of editors: what is stored holds pixels and nothing else."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cms.images import remade
from cms.models import PortalImage


def jpeg_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 26.0, 1.0)
    out = BytesIO()
    Image.new("RGB", (40, 20), "purple").save(out, "JPEG", exif=exif, comment=b"taken at home")
    return out.getvalue()


def png_with_text() -> bytes:
    text = PngInfo()
    text.add_text("Author", "A name")
    out = BytesIO()
    Image.new("RGBA", (40, 20), (1, 2, 3, 100)).save(out, "PNG", pnginfo=text)
    return out.getvalue()


def test_a_jpeg_loses_place_camera_and_comment():
    data, ending = remade(jpeg_with_place())

    again = Image.open(BytesIO(data))
    assert ending == ".jpg"
    assert again.size == (40, 20)
    assert not again.getexif()
    assert b"taken at home" not in data
    assert b"A phone" not in data


def test_a_png_loses_its_text_and_keeps_what_is_see_through():
    data, ending = remade(png_with_text())

    again = Image.open(BytesIO(data))
    assert ending == ".png"
    assert again.mode == "RGBA"
    assert not again.text
    assert b"A name" not in data


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 only a beginning"]
)
def test_what_is_not_a_picture_is_refused(data):
    with pytest.raises(ValidationError) as refusal:
        remade(data)

    assert refusal.value.code == "not_a_picture"


def test_too_many_pixels_are_refused_before_decoding():
    out = BytesIO()
    Image.new("1", (10_000, 5_000)).save(out, "PNG")

    with pytest.raises(ValidationError) as refusal:
        remade(out.getvalue())

    assert refusal.value.code == "too_large"


@pytest.mark.django_db
def test_the_stored_original_is_the_re_made_one(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    image = PortalImage.objects.create(
        title="Door", file=ContentFile(jpeg_with_place(), name="IMG_2034.jpeg")
    )

    with image.file.open() as file:
        stored = file.read()
    again = PortalImage.objects.get(pk=image.pk)
    assert b"A phone" not in stored
    assert not Image.open(BytesIO(stored)).getexif()
    assert image.file.name.endswith(".jpg")
    assert (image.width, image.height, image.file_size) == (40, 20, len(stored))
    assert (again.width, again.height, again.file_size) == (40, 20, len(stored))


@pytest.mark.django_db
def test_a_picture_taken_sideways_is_stored_upright_with_its_own_size(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    out = BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)

    image = PortalImage.objects.create(title="Door", file=ContentFile(out.getvalue(), name="a.jpg"))

    again = PortalImage.objects.get(pk=image.pk)
    assert (again.width, again.height) == (20, 40)
