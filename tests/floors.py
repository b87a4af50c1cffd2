"""Refuses a library older than the last version known to be safe (rule 60).

A full audit runs where advisories can be reached.
"""

import re
import sys
from importlib.metadata import version
from pathlib import Path

FLOORS = Path(__file__).parent.parent / "floors.txt"


def as_numbers(text: str) -> tuple[int, ...]:
    """`5.2.17` as (5, 2, 17)."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def below() -> list[str]:
    """What is installed in a version under its floor, a sentence each."""
    lines = [line.split("#")[0].split() for line in FLOORS.read_text().splitlines()]
    return [
        f"{name} is {version(name)}, and must be at least {floor}."
        for name, floor in (line for line in lines if line)
        if as_numbers(version(name)) < as_numbers(floor)
    ]


if __name__ == "__main__":
    problems = below()
    print(
        "\n".join(problems)
        or "No library is below its floor. (This is not an audit: that needs advisory data.)"
    )
    sys.exit(bool(problems))
