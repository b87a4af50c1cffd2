"""Amounts are whole pence everywhere: nothing in the money code can make a float."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MONEY = [
    *(ROOT / "portal" / "ledger").glob("*.py"),
    *(ROOT / "portal" / "finance").glob("*.py"),
    *(ROOT / "portal" / "payments").glob("*.py"),
]
MAKERS = {"float", "FloatField"}


def floats_in(source: str) -> list[str]:
    """Where a piece of code holds, makes or stores a float, a line each."""
    found = []
    for node in ast.walk(ast.parse(source)):
        held = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        divided = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        named = (isinstance(node, ast.Name) and node.id in MAKERS) or (
            isinstance(node, ast.Attribute) and node.attr in {"FloatField", "fdiv", "fsum", "total_seconds"}
        )
        if (held or divided or named) and not _is_of_pictures(node):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def _is_of_pictures(node: ast.AST) -> bool:
    """Widths and heights are pixels, not pence; `folder / name` joins a path."""
    words = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    words |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return bool({"width", "height", "folder"} & words)


@pytest.mark.parametrize("path", MONEY, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_money_code_holds_makes_or_stores_a_float(path):
    assert floats_in(path.read_text()) == []


@pytest.mark.parametrize(
    "source", ["x = 1.0", "x = pence / 100", "x /= 2", "x = float('1')", "m.FloatField()"]
)
def test_a_float_would_be_found(source):
    assert floats_in(source)
