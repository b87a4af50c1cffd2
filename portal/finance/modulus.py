"""Whether an account number can belong to a sort code. Pure: tables in, an answer out.

The method is the one published by Vocalink for Pay.UK, "Validating account numbers: UK modulus checking" (document and
weight table valid from 27 April 2024, substitution table from 13 June 2005; vocalink.com, tools, modulus checking).
The tables are theirs and change: the council downloads them and names the files in the settings; none is kept here.

In short. A weight table gives each range of sort codes one or two rows of a method, fourteen weights and perhaps an
exception. The fourteen digits (six of the sort code, eight of the account) are multiplied by the weights. MOD10 and
MOD11 add the products; DBLAL adds the digits of the products; the sum must leave no remainder by 10, 11 and 10. Two
rows must both pass. The exceptions, by their published numbers, stand beside the code that follows them. A sort code
in no range cannot be checked, and is believed. An answer of `FITS` says that such an account may exist, no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

Digits = list[int]

SORT, ACCOUNT = slice(0, 6), slice(6, 14)
A, B, C, G, H = 6, 7, 8, 12, 13  # where these letters of the published method stand among the fourteen digits
NINTH = "309634"  # exception 9: the second check is made with this sort code
EIGHTH = "090126"  # exception 8: the check is made with this sort code
EITHER_PASSES = {(2, 9), (10, 11), (12, 13)}
FOR_2 = [0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1]  # exception 2, a is not 0
FOR_2_G9 = [0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1]  # ... and g is 9


class Answer(StrEnum):
    """What a check can say."""

    FITS = "FITS"
    DOES_NOT_FIT = "DOES_NOT_FIT"
    NOT_LISTED = "NOT_LISTED"


class Weighting(NamedTuple):
    """One row of the weight table; `exception` 0 is none."""

    first: str
    last: str
    method: str
    weights: tuple[int, ...]
    exception: int


def weightings(lines: Iterable[str]) -> list[Weighting]:
    """The rows of a weight table as published. Raises `ValueError` with the line that cannot be read."""
    return [_weighting(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def substitutions(lines: Iterable[str]) -> dict[str, str]:
    """The sorting code substitution table (exception 5). Raises `ValueError` with the line that cannot be read."""
    pairs = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words and (len(words) != 2 or not all(_is_sort_code(word) for word in words)):
            raise ValueError(f"line {number} is not two sort codes")
        if words:
            pairs[words[0]] = words[1]
    return pairs


def check(
    sort_code: str, account: str, *, table: Sequence[Weighting], instead: Mapping[str, str] | None = None
) -> Answer:
    """Whether eight digits can be an account at six digits. `instead` is the substitution table."""
    rows = [row for row in table if row.first <= sort_code <= row.last][:2]
    if not rows:
        return Answer.NOT_LISTED
    passes = [_passes(row, sort_code, account, instead or {}) for row in rows]
    enough = any(passes) if tuple(row.exception for row in rows) in EITHER_PASSES else all(passes)
    return Answer.FITS if enough else Answer.DOES_NOT_FIT


def _passes(row: Weighting, sort_code: str, account: str, instead: Mapping[str, str]) -> bool:
    digits = _digits(_used_for(row, sort_code, instead) + account)
    if row.exception == 6 and 4 <= digits[A] <= 8 and digits[G] == digits[H]:
        return True  # a foreign currency account cannot be checked
    if row.exception == 3 and digits[C] in {6, 9}:
        return True  # this row is not for such accounts
    rest = _rest(row, digits)
    if row.exception == 4:
        return rest == digits[G] * 10 + digits[H]
    if row.exception == 5:
        return _as_check_digit(row, rest) == digits[G if row.method == "MOD11" else H]
    if row.exception == 14 and rest != 0:
        return digits[H] in {0, 1, 9} and _rest(row, [*digits[SORT], 0, *digits[A:H]]) == 0
    return rest == 0


def _used_for(row: Weighting, sort_code: str, instead: Mapping[str, str]) -> str:
    if row.exception == 5:
        return instead.get(sort_code, sort_code)
    return {8: EIGHTH, 9: NINTH}.get(row.exception, sort_code)


def _as_check_digit(row: Weighting, rest: int) -> int | None:
    """Exception 5: the digit that the remainder asks for; a remainder of 1 by 11 can be no digit."""
    if rest == 0:
        return 0
    return None if row.method == "MOD11" and rest == 1 else (11 if row.method == "MOD11" else 10) - rest


def _rest(row: Weighting, digits: Digits) -> int:
    products = [digit * weight for digit, weight in zip(digits, _weights(row, digits), strict=True)]
    if row.method != "DBLAL":
        return sum(products) % (11 if row.method == "MOD11" else 10)
    total = sum(digit for product in products for digit in _digits(str(product)))
    return (total + (27 if row.exception == 1 else 0)) % 10


def _weights(row: Weighting, digits: Digits) -> Sequence[int]:
    a, b, g = digits[A], digits[B], digits[G]
    if row.exception == 2 and a != 0:
        return FOR_2_G9 if g == 9 else FOR_2
    if g == 9 and (row.exception == 7 or (row.exception == 10 and a in {0, 9} and b == 9)):
        return [0] * 8 + list(row.weights[C:])
    return row.weights


def _weighting(number: int, line: str) -> Weighting:
    first, last, method, *numbers = [*line.split(), "", "", ""][: max(3, len(line.split()))]
    wrong = not (_is_sort_code(first) and _is_sort_code(last) and first <= last)
    if wrong or method not in {"MOD10", "MOD11", "DBLAL"} or len(numbers) not in {14, 15}:
        raise ValueError(f"line {number} is not a row of the weight table")
    try:
        weights = [int(word) for word in numbers]
    except ValueError:
        raise ValueError(f"line {number} has a weight that is no number") from None
    return Weighting(first, last, method, tuple(weights[:14]), weights[14] if len(weights) == 15 else 0)


def _is_sort_code(word: str) -> bool:
    return len(word) == 6 and word.isascii() and word.isdigit()


def _digits(text: str) -> Digits:
    return [int(letter) for letter in text]
