"""Whether an account number can belong to a sort code: each method, each exception, each edge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uk_modulus_check import SortCodeSubstitutionTable, UKModulusChecker, WeightTable

from portal.finance.modulus import Answer, check, substitutions, weightings

# Rows as the published table writes them, for sort codes of our own: the real table is not ours to keep.
PLAIN_10 = "000000 000000 MOD10 0 0 0 0 0 0 7 1 3 7 1 3 7 1"
PLAIN_11 = "000000 000000 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 1"
DOUBLE = "000000 000000 DBLAL 2 1 2 1 2 1 2 1 2 1 2 1 2 1"
FITS, NOT = Answer.FITS, Answer.DOES_NOT_FIT
CASES = [
    ("MOD10 leaves nothing", [PLAIN_10], "000000", "66374958", FITS),  # 42+6+9+49+4+27+35+8 = 180
    ("MOD10 leaves one", [PLAIN_10], "000000", "66374959", NOT),
    ("MOD11 leaves nothing", [PLAIN_11], "000000", "88837491", FITS),  # 64+56+48+15+28+12+18+1 = 242
    ("MOD11 leaves one", [PLAIN_11], "000000", "88837492", NOT),
    ("DBLAL adds the digits of products", [DOUBLE], "000000", "00000075", FITS),  # 14 gives 1+4, and 5
    ("DBLAL adds no whole products", [DOUBLE], "000000", "00000076", NOT),
    ("two rows must both pass", [PLAIN_10, PLAIN_11], "000000", "66374958", NOT),
    ("1: 27 more", [f"{DOUBLE} 1"], "000000", "00000003", FITS),
    ("1: and no other", [f"{DOUBLE} 1"], "000000", "00000000", NOT),
    ("3: a six in the third place is not checked", [f"{DOUBLE} 3"], "000000", "00600001", FITS),
    ("3: any other is", [f"{DOUBLE} 3"], "000000", "00500001", NOT),
    ("4: what is left is the last two digits", [f"{PLAIN_11[:20]} 0 0 0 0 0 0 0 0 0 0 0 1 0 0 4"],
     "000000", "00000505", FITS),
    ("4: and no other", [f"{PLAIN_11[:20]} 0 0 0 0 0 0 0 0 0 0 0 1 0 0 4"], "000000", "00000506", NOT),
    ("5: eleven less what is left is the seventh digit", [f"{PLAIN_11[:20]} 0 0 0 0 0 0 1 0 0 0 0 0 0 0 5"],
     "000000", "40000070", FITS),
    ("5: one left over is no digit", [f"{PLAIN_11[:20]} 0 0 0 0 0 0 1 0 0 0 0 0 0 0 5"], "000000", "10000000", NOT),
    ("6: foreign money cannot be checked", [f"{PLAIN_11} 6"], "000000", "41111133", FITS),
    ("6: other accounts can", [f"{PLAIN_11} 6"], "000000", "31111133", NOT),
    ("7: a nine in the seventh place lets the first eight go",
     ["000001 000001 MOD11 0 0 0 0 0 1 1 1 0 0 0 0 0 0 7"], "000001", "10000090", FITS),
    ("7: without it they count", ["000001 000001 MOD11 0 0 0 0 0 1 1 1 0 0 0 0 0 0 7"],
     "000001", "10000080", NOT),
    ("8: checked with another sort code", ["000000 000000 MOD10 0 1 0 1 1 1 0 0 0 0 0 0 0 1 8"],
     "000000", "00000002", FITS),  # 090126: 9+1+2+6 = 18
    ("10: nines that let the first eight go", ["000001 000001 MOD11 0 0 0 0 0 1 0 1 0 0 0 0 0 0 10"],
     "000001", "09000090", FITS),
    ("10: one nine is not enough", ["000001 000001 MOD11 0 0 0 0 0 2 0 1 0 0 0 0 0 0 10"],
     "000001", "08000090", NOT),
    ("14: seven digits, moved to the right", [f"{PLAIN_11} 14"], "000000", "00000209", NOT),
    ("14: an eighth digit that is not 0, 1 or 9", [f"{PLAIN_11} 14"], "000000", "00000002", NOT),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rows", "sort_code", "account", "answer"), CASES, ids=[c[0] for c in CASES])
def test_each_method_and_exception_answers_as_published(what, rows, sort_code, account, answer):
    assert check(sort_code, account, table=weightings(rows)) == answer


def test_exception_14_tries_once_more_with_the_first_seven_digits():
    rows = weightings([f"{PLAIN_11} 14"])
    moved = "88837491"[1:] + "0"  # 0 + 8837491: does it pass when it stands one place to the right?

    assert check("000000", moved, table=rows) == check(
        "000000", "0" + moved[:7], table=weightings([PLAIN_11])
    )


def test_a_sort_code_in_no_range_is_believed():
    assert check("111111", "00000000", table=weightings([PLAIN_10])) == Answer.NOT_LISTED


def test_exception_5_uses_the_substitution_table():
    rows = weightings(["000000 999999 DBLAL 0 0 0 0 0 1 0 0 0 0 0 0 0 0 5"])
    instead = substitutions(["938173 938017", ""])

    assert check("938173", "00000007", table=rows) == FITS
    assert check("938173", "00000007", table=rows, instead=instead) == NOT
    assert check("938173", "00000003", table=rows, instead=instead) == FITS


@pytest.mark.parametrize("line", ["000000 MOD10", "000000 000000 MOD12 " + "1 " * 14, "x 000000 MOD10 " + "1 " * 14,
                                  "000002 000001 MOD10 " + "1 " * 14,
                                  "000000 000000 MOD10 " + "one " * 14])  # fmt: skip
def test_a_table_that_cannot_be_read_says_which_line(line):
    with pytest.raises(ValueError, match="line 2 "):
        weightings([PLAIN_10, line])


# Another library follows the same paper. It leaves exception 8 out, so that one is ours alone.
weight = st.integers(0, 10)
method = st.sampled_from(["MOD10", "MOD11", "DBLAL"])
pairs = st.sampled_from(
    [(0,), (1,), (2, 9), (3, 0), (0, 3), (4,), (5, 5), (6, 6), (7,), (10, 11), (12, 13), (14,)]
)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(
    kinds=pairs,
    weights=st.lists(st.lists(weight, min_size=14, max_size=14), min_size=2, max_size=2),
    methods=st.tuples(method, method),
    sort_code=st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    account=st.from_regex(r"[0-9]{5}[0-9][09][0-9]", fullmatch=True),
)
def test_another_reading_of_the_paper_says_the_same(kinds, weights, methods, sort_code, account):
    lines = [
        f"000000 999999 {'DBLAL' if kind in {1, 3} else methods[n]} {' '.join(map(str, weights[n]))} {kind or ''}"
        for n, kind in enumerate(kinds)
    ]
    table, instead = WeightTable(), SortCodeSubstitutionTable()
    table.reload([line.strip() for line in lines])
    theirs = UKModulusChecker(table, instead).validate(int(sort_code), int(account)).result

    assert (check(sort_code, account, table=weightings(lines)) == FITS) is theirs
