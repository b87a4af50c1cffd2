"""Twenty equal posts of one complaint are one complaint, and every answer shows its number (safety rule 47)."""

from pathlib import Path

import pytest

from portal.complaints.models import Complaint, ComplaintStep
from portal.notifications.models import Notification
from tests.payments.conftest import House, house  # noqa: F401 - a fixture
from tests.races.processes import FULL_SIZE, race

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

POSTS = 50 if FULL_SIZE else 20
PROCESSES = 10 if FULL_SIZE else 4


def send_at_once(folder: Path, *, guard_off: bool = False) -> list[str]:
    """A stranger's page holds no token: the same words, from one network and one kind of browser."""
    jobs = [{"posts": POSTS // PROCESSES, "guard_off": guard_off}] * PROCESSES
    return [ref for said in race("tests.races.complainers", jobs, folder=folder) for ref in said]


def test_equal_posts_at_once_make_one_complaint_and_every_answer_shows_its_number(house: House, tmp_path):  # noqa: F811
    refs = send_at_once(tmp_path)

    assert refs == [Complaint.objects.get().ref] * POSTS
    assert ComplaintStep.objects.count() == 1
    assert Notification.objects.filter(kind="complaint_new").count() == 1


def test_without_the_guard_the_same_posts_make_many(house: House, tmp_path):  # noqa: F811
    refs = send_at_once(tmp_path, guard_off=True)
    print("guard off:", len(refs), "posts made", Complaint.objects.count(), "complaints")

    assert Complaint.objects.count() > 1
