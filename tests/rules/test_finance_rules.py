"""The payment file and the remittance, byte by byte."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from openpyxl import Workbook, load_workbook

from portal.exports import safe
from portal.finance.payment_file import DEFAULT_COLUMNS, FIELDS, Row, build, columns_from, pounds
from portal.finance.remittance_file import CannotRead, Outcome, pence_of, read
from portal.finance.rules import SETTLES, Result, State, disputed, open_too_long, settle

ROW = Row(
    payment="K7QX2M9TRB", request="R2", person="P1", payee_kind="YOUNG_PERSON", payee="Ann O’Neil", vendor="", order="",
    method="BACS", pence=118_050, cost_code="C1", approver="Dee", approved_at=datetime(2026, 7, 1, 9, tzinfo=UTC),
    due_on="2026-07-02",
)  # fmt: skip


def test_the_same_rows_give_the_same_bytes_in_any_order():
    other = ROW._replace(payment="A2", pence=1)

    one = build(batch="B1", columns=DEFAULT_COLUMNS, rows=[ROW, other])
    two = build(batch="B1", columns=DEFAULT_COLUMNS, rows=iter([other, ROW]))

    assert one == two
    assert (one.how_many, one.total_pence) == (2, 118_051)


def test_the_default_file_to_the_last_byte():
    made = build(batch="B1", columns=DEFAULT_COLUMNS, rows=[ROW])

    assert made.content.decode() == (
        "RecordType,BatchReference,PaymentReference,PersonID,PayeeType,PayeeName,VendorNumber,OrderNumber,"
        "PaymentMethod,Amount,CostCode,DueDate,ApprovedBy,ApprovedAt\r\n"
        "D,B1,K7QX2M9TRB,P1,YOUNG_PERSON,Ann O’Neil,,,BACS,1180.50,C1,2026-07-02,Dee,2026-07-01T09:00:00+00:00\r\n"
        "T,B1,1,,,,,,,1180.50,,,,\r\n"
    )


STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\0=",
    "＝",
    "＋",
    "－",
    "＠",
    " =",
    "\u00a0=",
    "\u3000@",
    "\u200b=",
    "\ufeff=",
    "\n+",
]


@pytest.mark.parametrize("start", STARTS)
def test_no_cell_starts_a_formula_in_a_spreadsheet(start):
    for field in ("payee", "vendor", "order", "cost_code", "approver", "person"):
        row = ROW._replace(**{field: f'{start}HYPERLINK("http://x")'})
        made = build(batch="B1", columns=DEFAULT_COLUMNS, rows=[row])
        sheet = Workbook().active
        for cells in csv.reader(io.StringIO(made.content.decode(), newline="")):
            sheet.append(cells)

        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
        assert any(str(cell.value).startswith("'") for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize("text", ["O’Neil", "Anne-Marie", "a=b", "1180.50", "شيماء", ""])
def test_ordinary_text_is_left_alone(text):
    assert safe(text) == text


def test_what_cannot_be_seen_is_taken_out():
    assert safe("Ann\u202e\u200b\0 \r\n  Hall") == "Ann Hall"


@pytest.mark.parametrize("pence", [1, 9, 10, 99, 100, 101, 118_050, 2_147_483_647, 90_071_992_547_409_93])
def test_amounts_come_back_exactly_through_a_spreadsheet_library(pence):
    book = Workbook()
    made = build(
        batch="B1", columns=[("Sum", "amount"), ("Ref", "payment")], rows=[ROW._replace(pence=pence)]
    )
    for cells in csv.reader(io.StringIO(made.content.decode(), newline="")):
        book.active.append(cells)
    kept = io.BytesIO()
    book.save(kept)

    amount = load_workbook(kept).active["A2"].value

    assert Decimal(amount) * 100 == pence
    assert amount == pounds(pence)


def test_columns_are_checked_before_they_are_used():
    assert columns_from([]) == DEFAULT_COLUMNS
    assert columns_from(["Our ref = payment", "Sum=amount"]) == [("Our ref", "payment"), ("Sum", "amount")]
    for words, why in [
        (["Ref=payment", "Sum=amount", "Story=story"], "no such field: story"),
        (["Ref=payment"], "needed: amount, payment"),
        (["Ref=payment", "Sum=amount", "Again=amount"], "two columns"),
        (["=payment", "Sum=amount"], "no heading"),
    ]:
        with pytest.raises(ValueError, match=why):
            columns_from(words)


def test_every_field_of_the_file_can_be_written():
    made = build(batch="B1", columns=[(name, name) for name in FIELDS], rows=[ROW])

    assert len(made.content.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "pence"),
    [("1180.50", 118_050), ("£1,180.50", 118_050), ("7", 700), ("0.01", 1), ("12,345,678.90", 1_234_567_890)],
)
def test_amounts_are_read_exactly(text, pence):
    assert pence_of(text) == pence


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-1.00", "1.5", "1.005", "1e3", "1,18.00", "1 180", "١٢", "nan"]
)
def test_what_is_not_an_exact_amount_is_refused(text):
    with pytest.raises(ValueError, match="amount"):
        pence_of(text)


def test_a_remittance_is_read_by_its_headings_in_any_order():
    content = '\ufeffStatus, payment_reference ,AMOUNT,Date\r\nreturned,\'k7qx,"1,180.50",26/11/2026\r\n\r\n'.encode()

    assert [(*line,) for line in read(content)] == [
        (2, "K7QX", 118_050, Outcome.RETURNED, date(2026, 11, 26), "OTHER")
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"Reference,Amount\r\n", "no column says the outcome"),
        (b"Reference,Reference,Amount,Outcome\r\n", "two columns"),
        (b"Reference,Amount,Outcome,Date\r\nK1,1.00,PAID,soon\r\n", "line 2: the date"),
        (b"Reference,Amount,Outcome\r\n=1+1,1.00,PAID\r\n", "line 2: the reference"),
        (b"PK\x03\x04\0\0", "not a CSV"),
        (b'Reference,Amount,Outcome\r\n"K1,1.00,PAID', "not a CSV"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_a_remittance_that_cannot_be_read_says_why(content, why):
    with pytest.raises(CannotRead, match=why):
        read(content)


def test_the_file_we_write_can_be_answered_line_by_line():
    made = build(batch="B1", columns=[*DEFAULT_COLUMNS, ("Outcome", "due_on")], rows=[ROW])
    answered = made.content.replace(b"2026-07-02,Dee", b"2026-07-02,Dee").decode().replace("\r\nD", "\r\nD")
    lines = answered.split("\r\n")
    lines[1] = lines[1].rsplit(",", 1)[0] + ",PAID"

    assert [(line.reference, line.pence) for line in read("\r\n".join(lines).encode())] == [
        ("K7QX2M9TRB", 118_050)
    ]


def test_every_answer_meets_every_state():
    assert set(SETTLES) == set(product(Outcome, State))


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, Result.APPLIED),
        ({"state": None}, Result.UNKNOWN),
        ({"pence": 2}, Result.WRONG_AMOUNT),
        ({"disputed": True}, Result.CONTRADICTS),
        ({"sent": False}, Result.NOT_SENT),
        ({"state": State.PAID}, Result.REPEATED),
        ({"state": State.FAILED}, Result.CONTRADICTS),
    ],
)
def test_what_a_line_does(change, result):
    words = {"state": State.IN_BATCH, "pence": 1, "expected_pence": 1, "sent": True, "disputed": False}

    assert settle(Outcome.PAID, **{**words, **change}) == result


def test_only_paid_and_failed_together_are_a_dispute():
    said = [("A", Outcome.PAID), ("A", Outcome.FAILED), ("B", Outcome.PAID), ("B", Outcome.RETURNED)]

    assert disputed(said) == {"A"}


def test_a_batch_is_late_after_one_working_day():
    friday, monday, tuesday = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)

    assert not open_too_long(made_on=friday, on=monday)
    assert open_too_long(made_on=friday, on=tuesday)
