"""Photos and files people send: sniffed, made again elsewhere, kept under random names, shown only to who may see.

What was sent is never stored, only pictures made from it, without place, time or anything else a phone hides.
"""

import hashlib
import struct
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import filetype
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.payments.holding import check, hold, touch, verb
from portal.payments.models import Evidence, EvidencePage, PaymentRequest
from portal.payments.rules import Action, Status
from portal.refs import new_token

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10
MOST_A_DAY = 60  # of one person, over all that they begin: a full disk would keep everybody from asking
A_DAY = timedelta(days=1)
PATIENCE = 30  # seconds of waiting for a program that may use five of the processor
KINDS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "application/pdf": "PDF",
}
PROGRAM = Path(__file__).with_name("remake.py")
MAY_ADD = {Status.DRAFT: Action.SUBMIT, Status.MORE_WANTED: Action.ANSWER_MORE}


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    jpeg: bytes


def add(*, ref: str, data: bytes, by: User, now: datetime) -> Evidence:
    """Keep one photo or PDF with a draft, or with an answer. The same file twice is one.

    Refuses `empty`, `too_big`, `kind`, `pixels`, `pages`, `locked`, `broken`, `too_slow`, `too_many`, `not_now` and
    `too_many_today`.
    """
    pictures = remade(data)
    kept: list[str] = []
    try:
        return _keep(
            ref=ref, pictures=pictures, sha256=hashlib.sha256(data).hexdigest(), by=by, now=now, kept=kept
        )
    except BaseException:
        for name in kept:
            storages["evidence"].delete(name)
        raise


@verb
def remove(*, ref: str, evidence: str, by: User, now: datetime) -> None:
    """Take one away again while it is not sent."""
    asked = hold(ref, by=by, now=now)
    check(asked, Action.SUBMIT, by=by, now=now)
    forget(asked.evidence.filter(ref=evidence))


def forget(found: QuerySet[Evidence]) -> None:
    """Take away these and their pictures; the files go once the rows are gone for certain."""
    for name in EvidencePage.objects.filter(evidence__in=found).values_list("stored_as", flat=True):
        transaction.on_commit(partial(storages["evidence"].delete, name), robust=True)
    found.delete()


def remade(data: bytes) -> list[Picture]:
    """The pictures in a file, made again by `remake.py` in a process of its own."""
    if not data:
        raise ValidationError(_("This file is empty. Please choose it again."), code="empty")
    if len(data) > MOST_BYTES:
        raise ValidationError(_("This file is too big. It can be 10 MB at most."), code="too_big")
    guess = filetype.guess(data[:8192])
    if guess is None or guess.mime not in KINDS:
        raise ValidationError(_("This is not a photo or a PDF. Please send a photo."), code="kind")
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and a kind from our own list
            [sys.executable, "-I", str(PROGRAM), KINDS[guess.mime]],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _refused("too_slow") from None
    if done.returncode:
        raise _refused(done.stderr.decode(errors="replace") if done.returncode == 3 else "too_slow")
    return _unpacked(done.stdout)


def file_of(page: EvidencePage) -> HttpResponse:
    """One picture, as something a browser can show in our page and nothing else (safety rule 42)."""
    with storages["evidence"].open(page.stored_as) as kept:
        response = HttpResponse(kept.read(), content_type="image/jpeg")
    response["Content-Disposition"] = 'attachment; filename="photo.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store, private"
    return response


@verb
def _keep(
    *, ref: str, pictures: list[Picture], sha256: str, by: User, now: datetime, kept: list[str]
) -> Evidence:
    asked = hold(ref, by=by, now=now)
    check(asked, MAY_ADD.get(Status(asked.status), Action.SUBMIT), by=by, now=now)
    same = asked.evidence.filter(sha256=sha256).first()
    if same is not None:
        return same
    if Evidence.objects.filter(added_by=by, added_at__gt=now - A_DAY).count() >= MOST_A_DAY:
        raise ValidationError(
            _("You sent a lot of photos today. You can send more tomorrow."), code="too_many_today"
        )
    if asked.evidence.count() >= MOST_FILES:
        raise ValidationError(_("You can send 10 files at most."), code="too_many")
    evidence = Evidence.objects.create(asked=asked, sha256=sha256, added_by=by, added_at=now)
    for number, picture in enumerate(pictures, start=1):
        name = storages["evidence"].save(f"{new_token()}.jpg", ContentFile(picture.jpeg))
        kept.append(name)
        EvidencePage.objects.create(
            evidence=evidence, number=number, stored_as=name, width=picture.width, height=picture.height,
            size=len(picture.jpeg),
        )  # fmt: skip
    touch(asked, by=by, now=now)
    record(
        "evidence_added",
        by=by,
        now=now,
        young_person_id=asked.young_person_id,
        subject=f"payment_request:{asked.ref}",
        detail={"evidence": evidence.ref, "pages": len(pictures)},
    )
    return evidence


def _unpacked(stream: bytes) -> list[Picture]:
    pictures, at = [], 0
    while at < len(stream):
        width, height, length = struct.unpack_from(">III", stream, at)
        pictures.append(Picture(width, height, stream[at + 12 : at + 12 + length]))
        at += 12 + length
    if not pictures:
        raise _refused("broken")
    return pictures


def _refused(code: str) -> ValidationError:
    words = {
        "pixels": _("This picture is too large to open. Please take a smaller photo."),
        "pages": _("This PDF has too many pages. Send 20 pages at most, or photos of the ones that matter."),
        "locked": _("This PDF has a password. Please send a photo of it instead."),
        "too_slow": _("This file took too long to open. Please send a photo instead."),
    }
    code = code if code in words else "broken"
    return ValidationError(words.get(code, _("We could not open this file. Please send a photo.")), code=code)


def pages_for(asked: PaymentRequest) -> list[EvidencePage]:
    """Every picture of a request, in the order they came."""
    return list(
        EvidencePage.objects.filter(evidence__asked=asked)
        .select_related("evidence")
        .order_by("evidence_id", "number")
    )
