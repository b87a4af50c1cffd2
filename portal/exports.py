"""Files for other systems: the columns a council chose, cells that never start a formula, whole or not there at all."""

import csv
import io
import os
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")

Columns = Sequence[Sequence[str]]  # pairs of heading and field


def columns_from(
    words: Sequence[str], *, fields: Collection[str], needed: Collection[str], usual: Columns
) -> Columns:
    """The council's own columns, each written `Heading=field`; none given means the usual ones.

    Raises `ValueError` with a sentence when a field is unknown, named twice, or a needed one is missing.
    """
    if not words:
        return usual
    pairs = [tuple(part.strip() for part in word.partition("=")[::2]) for word in words]
    named = [field for _, field in pairs]
    unknown = [field for field in named if field not in fields]
    if unknown:
        raise ValueError(f"no such field: {', '.join(unknown)} (there are: {', '.join(fields)})")
    if len(set(named)) < len(named):
        raise ValueError("a field stands in two columns")
    if not set(needed).issubset(named):
        raise ValueError(f"these fields are needed: {', '.join(sorted(needed))}")
    if not all(heading for heading, _ in pairs):
        raise ValueError("a column has no heading")
    return pairs


def as_csv(columns: Columns, rows: Iterable[Mapping[str, str]]) -> bytes:
    """One heading line and a line for each row: commas, quotes where needed, CR LF, UTF-8 (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(heading) for heading, _ in columns])
    for row in rows:
        writer.writerow([safe(row.get(field, "")) for _, field in columns])
    return out.getvalue().encode()


def safe(text: str) -> str:
    """Text that a spreadsheet shows as it is: on one line, nothing invisible, never the start of a formula."""
    # A leading tab, CR or NUL is judged before it is taken away: what hid behind it must not become a formula.
    folded = unicodedata.normalize("NFKC", text).lstrip(" \u00a0\u3000\ufeff")
    hidden = folded.lstrip("\t\r\n\0" + " ")
    risky = folded.startswith(FORMULA_STARTS) or hidden.startswith(FORMULA_STARTS)
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or char.isprintable())
    seen = " ".join(seen.split())
    risky = risky or unicodedata.normalize("NFKC", seen).lstrip().startswith(FORMULA_STARTS)
    return f"'{seen}" if risky else seen


def write_whole(path: Path, content: bytes) -> None:
    """All the bytes under the final name, or nothing there: written beside it, on the disk, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_whole(path: Path, digest: str) -> bool:
    """Whether these very bytes stand under the name."""
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest
