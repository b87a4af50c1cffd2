"""Which period a day falls in, and sums that must agree."""

from datetime import date

import pytest

from portal.ledger.rules import Movement, Sums, cap_after, faults, period_for, sums_of

PERIODS = [
    ("ONCE", date(2026, 11, 23), "once", None),
    ("", date(2026, 11, 23), "once", None),
    ("YEAR", date(2026, 1, 1), "2026", date(2026, 12, 31)),
    ("YEAR", date(2026, 12, 31), "2026", date(2026, 12, 31)),
    ("ACADEMIC_YEAR", date(2026, 8, 31), "2025-26", date(2026, 8, 31)),
    ("ACADEMIC_YEAR", date(2026, 9, 1), "2026-27", date(2027, 8, 31)),
    ("ACADEMIC_YEAR", date(2099, 9, 1), "2099-00", date(2100, 8, 31)),
    ("MONTH", date(2028, 2, 29), "2028-02", date(2028, 2, 29)),
    ("MONTH", date(2026, 2, 1), "2026-02", date(2026, 2, 28)),
    ("WEEK", date(2026, 11, 23), "2026-W48", date(2026, 11, 29)),
    ("WEEK", date(2027, 1, 1), "2026-W53", date(2027, 1, 3)),
    ("WEEK", date(2027, 1, 4), "2027-W01", date(2027, 1, 10)),
    ("TERM", date(2026, 12, 31), "2026-autumn", date(2026, 12, 31)),
    ("TERM", date(2027, 1, 1), "2027-spring", date(2027, 3, 31)),
    ("TERM", date(2027, 4, 1), "2027-summer", date(2027, 8, 31)),
]


@pytest.mark.parametrize(("per", "on", "name", "ends_on"), PERIODS)
def test_each_day_falls_in_one_named_period(per, on, name, ends_on):
    assert period_for(per, on=on) == (name, ends_on)


def test_a_cap_by_item_is_named_after_the_item():
    assert period_for("ITEM", on=date(2026, 1, 1), item="K7QX2M9TRB").name == "K7QX2M9TRB"


def test_every_name_fits_the_column():
    assert all(len(name) <= 12 for _, _, name, _ in PERIODS)


def test_a_period_nobody_knows_is_an_error():
    with pytest.raises(ValueError, match="FORTNIGHT"):
        period_for("FORTNIGHT", on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("published", "taken", "cap"),
    [(100, 0, 100), (100, 150, 150), (100, -20, 100), (None, 150, None), (0, 0, 0)],
)
def test_a_lower_cap_keeps_what_was_promised(published, taken, cap):
    assert cap_after(published, taken=taken) == cap


def test_a_history_adds_up():
    history = [
        Movement("CAP", 1000), Movement("RESERVE", 600), Movement("SPEND", 400), Movement("RELEASE", 50),
        Movement("UNSPEND", 100), Movement("OPENING", 30), Movement("ELSEWHERE", 20), Movement("EXCEPTION", 7),
    ]  # fmt: skip

    assert sums_of(history) == Sums(cap_pence=1000, extra_pence=7, reserved_pence=250, spent_pence=350)
    assert sums_of([*history, Movement("NO_CAP", 0)]).cap_pence is None


def test_every_kind_of_fault_is_named():
    assert faults(Sums(10, 0, 5, 5), Sums(10, 0, 5, 5)) == []
    assert faults(Sums(10, 0, 5, 4), Sums(10, 0, 5, 5)) == ["spent_pence is 4, its entries say 5"]
    assert "more is spoken for" in faults(Sums(10, 0, 5, 6), Sums(10, 0, 5, 6))[0]
    assert "taken back" in faults(Sums(10, 0, 5, -1), Sums(10, 0, 5, -1))[0]
