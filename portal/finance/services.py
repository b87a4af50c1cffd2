"""Every verb of this room, gathered for the rooms above."""

from portal.finance.bank import (
    alarms,
    calls_to_make,
    confirm,
    draft_of,
    give,
    just_given,
    keep_answer,
    late_calls,
    open_batches_with,
    purge,
    standing_of,
    stop_using,
    take_back,
)
from portal.finance.batches import (
    Made,
    Waiting,
    call_off,
    close_batch,
    content_of,
    finish_files,
    make_batch,
    waiting,
    write_file,
)
from portal.finance.payees import add_payee, choose_payee, end_payee
from portal.finance.receipts import hand_over, to_hand_over
from portal.finance.remittances import bank_return, look_at_line, read_remittance

__all__ = [
    "Made",
    "Waiting",
    "add_payee",
    "alarms",
    "bank_return",
    "call_off",
    "calls_to_make",
    "choose_payee",
    "close_batch",
    "confirm",
    "content_of",
    "draft_of",
    "end_payee",
    "finish_files",
    "give",
    "hand_over",
    "just_given",
    "keep_answer",
    "late_calls",
    "look_at_line",
    "make_batch",
    "open_batches_with",
    "purge",
    "read_remittance",
    "standing_of",
    "stop_using",
    "take_back",
    "to_hand_over",
    "waiting",
    "write_file",
]
