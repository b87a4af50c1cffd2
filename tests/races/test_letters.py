"""However many press "Translate" at once, no letter over the month's cap is sent to a service that charges for it."""

from pathlib import Path

import pytest

from cms.models import OutsideTranslation
from tests.races.processes import FULL_SIZE, race
from tests.races.translators import MONTH

pytestmark = [pytest.mark.alone, pytest.mark.proof, pytest.mark.django_db(transaction=True)]

PRESSES = 20 if FULL_SIZE else 4
LETTERS = 400


@pytest.fixture
def for_two(db: None) -> None:
    """Letters for two presses are left."""
    OutsideTranslation.objects.create(pk=1, on=True, monthly_cap=2 * LETTERS + 300, month=MONTH)


def press_at_once(folder: Path, *, guard_off: bool = False) -> list[str]:
    job = {"letters": LETTERS, "guard_off": guard_off}
    return race("tests.races.translators", [job] * PRESSES, folder=folder)


def test_presses_at_once_never_pass_the_cap(for_two: None, tmp_path: Path) -> None:
    said = press_at_once(tmp_path)

    assert said.count("sent") == 2
    assert OutsideTranslation.objects.get().used == 2 * LETTERS


def test_without_the_guard_everybody_sends(for_two: None, tmp_path: Path) -> None:
    said = press_at_once(tmp_path, guard_off=True)

    assert said == ["sent"] * PRESSES
    assert OutsideTranslation.objects.get().used == PRESSES * LETTERS
