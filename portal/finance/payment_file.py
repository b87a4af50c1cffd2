"""A batch in, bytes out. Pure: the same rows and columns give the same bytes, on any day and any machine.

The file is CSV (RFC 4180: commas, quotes where needed, CR LF), UTF-8. One heading line, one `D` line for each payment,
one `T` line with the control totals: how many payments, and their sum. Amounts are plain pounds text such as
`1180.50`: no sign, no separator. Text cells that a spreadsheet might start as a formula get an apostrophe (safety
rule 44); nothing a young person wrote stands in any column. `docs/payment-file.md` describes each column, and how a
council chooses its own.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from portal import exports
from portal.exports import Columns

FIELDS = {
    "record": "D for a payment, T for the totals",
    "batch": "our batch reference",
    "payment": "our payment reference; on the T line, how many payments",
    "request": "our request reference",
    "person": "the person id of the case record",
    "payee_kind": "who is paid: young person, supplier, landlord...",
    "payee": "their name",
    "vendor": "the vendor number of a supplier",
    "order": "the order number",
    "method": "how it is paid",
    "amount": "pounds and pence; on the T line, their sum",
    "cost_code": "the cost code",
    "approver": "who approved it",
    "approved_at": "when, with its offset from UTC",
    "due_on": "the day it is due",
    "sort_code": "of the young person's account, where the portal holds bank details",
    "account_number": "eight digits, the same",
    "account_name": "the name on the account, the same",
}
NEEDED = {"payment", "amount"}

DEFAULT_COLUMNS: Columns = (
    ("RecordType", "record"),
    ("BatchReference", "batch"),
    ("PaymentReference", "payment"),
    ("PersonID", "person"),
    ("PayeeType", "payee_kind"),
    ("PayeeName", "payee"),
    ("VendorNumber", "vendor"),
    ("OrderNumber", "order"),
    ("PaymentMethod", "method"),
    ("Amount", "amount"),
    ("CostCode", "cost_code"),
    ("DueDate", "due_on"),
    ("ApprovedBy", "approver"),
    ("ApprovedAt", "approved_at"),
)
ACCOUNT_COLUMNS: Columns = (
    ("SortCode", "sort_code"),
    ("AccountNumber", "account_number"),
    ("AccountName", "account_name"),
)
"""At the end of the default columns where young people may give bank details here, and nowhere else."""


class Row(NamedTuple):
    """One payment as the file needs it. `approved_at` carries its offset; `due_on` is `2026-11-23`."""

    payment: str
    request: str
    person: str
    payee_kind: str
    payee: str
    vendor: str
    order: str
    method: str
    pence: int
    cost_code: str
    approver: str
    approved_at: datetime
    due_on: str
    sort_code: str = ""
    account_number: str = ""
    account_name: str = ""


class PaymentFile(NamedTuple):
    """The bytes, and what finance checks them against."""

    content: bytes
    sha256: str
    how_many: int
    total_pence: int


def build(*, batch: str, columns: Columns, rows: Iterable[Row]) -> PaymentFile:
    """The file of one batch. Rows stand in the order of their references, whatever order they come in."""
    ordered = sorted(rows, key=lambda row: row.payment)
    total = sum(row.pence for row in ordered)
    lines = [
        {
            **{name: str(cell) for name, cell in row._asdict().items()},
            "record": "D",
            "batch": batch,
            "amount": pounds(row.pence),
            "approved_at": row.approved_at.isoformat(timespec="seconds"),
        }
        for row in ordered
    ]
    if any(field == "record" for _, field in columns):
        lines.append({"record": "T", "batch": batch, "payment": str(len(ordered)), "amount": pounds(total)})
    content = exports.as_csv(columns, lines)
    return PaymentFile(content, sha256(content).hexdigest(), len(ordered), total)


def columns_from(words: Sequence[str], *, with_accounts: bool = False) -> Columns:
    """The council's own columns, each written `Heading=field`; none given means the default ones, `with_accounts` those
    of bank details too.

    Raises `ValueError` with a sentence when a field is unknown, named twice, or a needed one is missing. The account
    is needed `with_accounts`, or the money would go to wherever it went before.
    """
    return exports.columns_from(
        words,
        fields=FIELDS,
        needed=NEEDED | {field for _heading, field in ACCOUNT_COLUMNS} if with_accounts else NEEDED,
        usual=(*DEFAULT_COLUMNS, *ACCOUNT_COLUMNS) if with_accounts else DEFAULT_COLUMNS,
    )


def pounds(pence: int) -> str:
    """`118050` as `1180.50`."""
    whole, rest = divmod(pence, 100)
    return f"{whole}.{rest:02}"
