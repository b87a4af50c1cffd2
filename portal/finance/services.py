"""Every verb of this room, gathered for the rooms above."""

from portal.finance.batches import (
    Made,
    Waiting,
    close_batch,
    content_of,
    finish_files,
    make_batch,
    waiting,
    write_file,
)
from portal.finance.receipts import hand_over, to_hand_over
from portal.finance.remittances import bank_return, look_at_line, read_remittance

__all__ = [
    "Made",
    "Waiting",
    "bank_return",
    "close_batch",
    "content_of",
    "finish_files",
    "hand_over",
    "look_at_line",
    "make_batch",
    "read_remittance",
    "to_hand_over",
    "waiting",
    "write_file",
]
