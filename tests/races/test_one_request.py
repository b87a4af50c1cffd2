"""Fifty equal forms at once make one request; without the guard they make more (safety rule 47)."""

from collections import Counter
from pathlib import Path

import pytest

from portal.payments import services
from portal.payments.models import PaymentRequest, Step, SubmittedForm
from portal.refs import new_token
from tests.conftest import NOW
from tests.factories import VersionFactory, YoungPersonFactory
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

POSTS = 50
PROCESSES = 10 if FULL_SIZE else 4


def press_fifty_times(post: dict, *, folder: Path, guard_off: bool = False) -> list[dict]:
    """The same form, from several processes with several threads each."""
    shares = [len(range(start, POSTS, PROCESSES)) for start in range(PROCESSES)]
    jobs = [{"posts": [post] * share, "guard_off": guard_off} for share in shares]
    return [one for said in race("tests.races.posters", jobs, folder=folder) for one in said["results"]]


def the_first_question() -> dict:
    """The form that begins a request, token and all."""
    person, version = YoungPersonFactory(), VersionFactory()
    return {
        "user": person.user_id,
        "path": f"/me/requests/new/?for={version.entitlement.code}",
        "data": {"token": new_token(), "story": "A bed for my flat."},
    }


def the_send_button() -> dict:
    """The form that sends a finished draft."""
    person, version = YoungPersonFactory(), VersionFactory()
    answers = {
        "story": "A bed.", "pence": 18_000, "amount_said": True, "when": "ANY", "how": "BANK", "photos_said": True,
        "no_evidence_why": "Not yet.",
    }  # fmt: skip
    draft = services.start(
        young_person=person,
        entitlement=version.entitlement,
        answers=answers,
        token=new_token(),
        by=person.user,
        now=NOW,
    )
    return {
        "user": person.user_id,
        "path": f"/me/requests/{draft.ref}/check/",
        "data": {"token": new_token(), "shown": services.shown_print(draft)},
    }


def test_fifty_equal_first_forms_make_one_request(tmp_path):
    results = press_fifty_times(the_first_question(), folder=tmp_path)
    print(Counter(one["status"] for one in results))

    asked = PaymentRequest.objects.get()
    assert {(one["status"], one["to"]) for one in results} == {(302, f"/me/requests/{asked.ref}/ask/amount/")}
    assert SubmittedForm.objects.count() == 1


def test_fifty_presses_of_send_make_one_step(tmp_path):
    results = press_fifty_times(the_send_button(), folder=tmp_path)
    print(Counter(one["status"] for one in results))

    asked = PaymentRequest.objects.get()
    assert {(one["status"], one["to"]) for one in results} == {(302, f"/me/requests/{asked.ref}/")}
    assert (asked.status, asked.row_version) == ("SUBMITTED", 1)
    assert Step.objects.count() == 1


def test_without_its_guards_the_same_form_makes_many_requests(tmp_path):
    results = press_fifty_times(the_first_question(), folder=tmp_path, guard_off=True)
    print(
        "guards off:", Counter(one["status"] for one in results), PaymentRequest.objects.count(), "requests"
    )

    assert PaymentRequest.objects.count() > 1
