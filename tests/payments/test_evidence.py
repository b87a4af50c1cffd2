"""Photos and files: what is kept knows nothing of the phone, and nothing hostile gets further than a small process."""

import io
import resource
import struct
import subprocess
import zipfile
import zlib
from datetime import timedelta

import pillow_heif
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from portal.payments import evidence, services
from portal.payments.models import Evidence, EvidencePage
from tests.payments.test_asking import code_of

SECRETS = (b"Exif", b"GPS", b"XMP", b"xpacket", b"51.4411", b"hidden", b"Photoshop", b"ICC_PROFILE", b"%PDF")


def photo(kind: str, *, size=(640, 480), **saving) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind, **saving)
    return out.getvalue()


def with_everything_hidden(kind: str) -> bytes:
    """A photo with a place, an author, an XMP packet and a comment in it."""
    exif = Image.Exif()
    exif[0x010F] = "hidden maker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 26.0, 28.0)
    xmp = b'<?xpacket begin="hidden 51.4411"?>'
    if kind == "PNG":
        text = PngInfo()
        text.add_text("Comment", "hidden text")
        return photo(kind, exif=exif, pnginfo=text)
    if kind == "JPEG":
        return photo(kind, exif=exif, xmp=xmp, comment=b"hidden comment")
    return photo(kind, exif=exif, xmp=xmp)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_author_thumbnail_and_text_are_gone_in_every_stored_form(kind) -> None:
    sent = with_everything_hidden(kind)
    assert any(secret in sent for secret in SECRETS)

    (picture,) = evidence.remade(sent)

    assert not [secret for secret in SECRETS if secret in picture.jpeg]
    again = Image.open(io.BytesIO(picture.jpeg))
    assert (again.format, again.size, dict(again.getexif())) == ("JPEG", (640, 480), {})


def test_a_photo_from_an_iphone_becomes_a_jpeg() -> None:
    pillow_heif.register_heif_opener()

    (picture,) = evidence.remade(photo("HEIF"))

    assert picture.jpeg.startswith(b"\xff\xd8")


def test_a_photo_taken_sideways_stands_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    (picture,) = evidence.remade(photo("JPEG", size=(640, 480), exif=exif))

    assert (picture.width, picture.height) == (480, 640)


def test_a_large_photo_becomes_small_enough_to_show() -> None:
    (picture,) = evidence.remade(photo("JPEG", size=(4000, 3000), quality=60))

    assert (picture.width, picture.height) == (2000, 1500)


def pdf(pages: int, *, attach: bytes = b"") -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _page in range(pages):
        document.new_page(595, 842)
    if attach:
        document.new_attachment("inner.pdf").set_data(attach)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_pdf_becomes_one_picture_a_page() -> None:
    pictures = evidence.remade(pdf(3))

    assert [picture.jpeg[:2] for picture in pictures] == [b"\xff\xd8"] * 3


def test_a_pdf_inside_a_pdf_is_left_behind() -> None:
    sent = pdf(1, attach=pdf(1))
    assert sent.count(b"%PDF") >= 1

    (picture,) = evidence.remade(sent)

    assert b"%PDF" not in picture.jpeg


def huge_png(side: int) -> bytes:
    """A picture of 2.5 billion points in a few hundred bytes: its header alone says so."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def zip_named_jpg() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", b"x" * 1000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (huge_png(50_000), "pixels"),
        (zip_named_jpg(), "kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "kind"),
        (b"<html><script>alert(1)</script></html>", "kind"),
        (b"GIF89a" + bytes(100), "kind"),
        (photo("JPEG")[:400], "broken"),
        (b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 50, "broken"),
        (b"%PDF-1.7\n" + b"garbage" * 100, "broken"),
        (pdf(21), "pages"),
        (b"\xff\xd8\xff" + bytes(evidence.MOST_BYTES), "too_big"),
    ],
    ids=[
        "empty",
        "50,000 square",
        "zip",
        "svg",
        "html",
        "gif",
        "cut off",
        "script in jpeg",
        "no pdf",
        "21 pages",
        "big",
    ],
)
def test_a_hostile_file_is_refused_in_words_and_costs_little(data, code) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(ValidationError) as refused:
        evidence.remade(data)

    assert refused.value.code == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kilobytes


def test_the_program_has_512_megabytes_and_five_seconds() -> None:
    asking = (
        "import sys; sys.path.insert(0, 'portal/payments'); import remake, resource; remake.limit_this_process();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]);"
        "bytearray(600 * 1024 * 1024)"
    )

    done = subprocess.run(["python", "-c", asking], capture_output=True, text=True, check=False)

    assert done.stdout.split() == [str(512 * 1024 * 1024), "5"]
    assert "MemoryError" in done.stderr


def test_a_file_without_end_is_stopped(monkeypatch) -> None:
    monkeypatch.setattr(evidence, "PROGRAM", evidence.PROGRAM.with_name("no_such_program.py"))

    with pytest.raises(ValidationError):
        evidence.remade(photo("JPEG"))


def test_the_same_photo_twice_is_one_and_its_pages_are_kept_under_random_names(house) -> None:
    draft, data = house.draft(), photo("JPEG")

    for _again in range(2):
        evidence.add(ref=draft.ref, data=data, by=house.maya.user, now=house.now)

    page = EvidencePage.objects.get()
    assert storages["evidence"].exists(page.stored_as)
    assert draft.ref not in page.stored_as


def test_ten_files_are_enough_and_the_eleventh_leaves_nothing_behind(house, monkeypatch) -> None:
    draft = house.draft()
    picture = evidence.remade(photo("JPEG", size=(20, 20)))
    monkeypatch.setattr(evidence, "remade", lambda data: picture)
    for number in range(10):
        evidence.add(ref=draft.ref, data=bytes([number]), by=house.maya.user, now=house.now)

    refused = code_of(evidence.add, ref=draft.ref, data=b"eleven", by=house.maya.user, now=house.now)

    assert refused == "too_many"
    assert Evidence.objects.count() == 10


def test_a_photo_can_be_taken_away_until_it_is_sent_and_not_after(
    house, django_capture_on_commit_callbacks
) -> None:
    draft = house.draft()
    one = evidence.add(ref=draft.ref, data=photo("JPEG"), by=house.maya.user, now=house.now)
    stored = one.pages.get().stored_as

    with django_capture_on_commit_callbacks(execute=True):
        evidence.remove(ref=draft.ref, evidence=one.ref, by=house.maya.user, now=house.now)
        assert storages["evidence"].exists(stored), "should the rows come back, so does the photo"
    assert not storages["evidence"].exists(stored)

    sent = house.send(draft)
    assert (
        code_of(evidence.add, ref=sent.ref, data=photo("JPEG"), by=house.maya.user, now=house.now)
        == "not_now"
    )
    services.ask_more(ref=sent.ref, code="PRICE", words="A photo?", by=house.sam, now=house.now)
    evidence.add(ref=sent.ref, data=photo("JPEG"), by=house.maya.user, now=house.now)
    answered = services.answer_more(ref=sent.ref, words="", by=house.maya.user, now=house.now)
    assert answered.status == "SUBMITTED"


def test_one_person_sends_no_more_than_a_days_share_however_many_drafts_they_begin(
    house, monkeypatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_A_DAY", 3)
    monkeypatch.setattr(evidence, "remade", lambda data: [evidence.Picture(1, 1, data)])
    sent = {"by": house.maya.user, "now": house.now}
    for number in range(3):
        evidence.add(ref=house.draft(story=f"Thing {number}").ref, data=bytes([number]), **sent)
    last = house.draft(story="One more")

    assert code_of(evidence.add, ref=last.ref, data=b"four", **sent) == "too_many_today"
    evidence.add(ref=last.ref, data=b"four", by=house.maya.user, now=house.now + timedelta(days=1))
