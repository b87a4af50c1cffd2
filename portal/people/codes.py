"""What a camera reads off a screen: an address as a square of dots, drawn here and nowhere else."""

from dataclasses import dataclass

from qrcode import QRCode


@dataclass(frozen=True, slots=True)
class Square:
    """`size` dots a side, the empty border among them; `path` draws the dark ones in an SVG of that size."""

    size: int
    path: str


def square_of(address: str) -> Square:
    """The square for an address."""
    drawn = QRCode(border=4)
    drawn.add_data(address)
    rows = drawn.get_matrix()
    dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Square(size=len(rows), path="".join(dots))
