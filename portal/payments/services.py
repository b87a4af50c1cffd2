"""Every verb of this room, gathered for the rooms above."""

from portal.payments.asking import (
    answer_more,
    ask_review,
    go_on,
    raise_for,
    save_draft,
    shown_print,
    start,
    submit,
    throw_away,
    told_no,
    withdraw,
)
from portal.payments.authority import give_authority, load_example_bands
from portal.payments.clocks import run_clocks
from portal.payments.deciding import (
    approve,
    ask_more,
    decide_review,
    decline,
    opened,
    part_approve,
    recommend,
    send_to_panel,
    set_in_plan,
)
from portal.payments.holding import Stale
from portal.payments.panels import NOBODY, Panelled, call_off, leave, plan_meeting, seat
from portal.payments.paying import mark_failed, mark_in_batch, mark_owed_again, mark_paid

__all__ = [
    "NOBODY",
    "Panelled",
    "Stale",
    "answer_more",
    "approve",
    "ask_more",
    "ask_review",
    "call_off",
    "decide_review",
    "decline",
    "give_authority",
    "go_on",
    "leave",
    "load_example_bands",
    "mark_failed",
    "mark_in_batch",
    "mark_owed_again",
    "mark_paid",
    "opened",
    "part_approve",
    "plan_meeting",
    "raise_for",
    "recommend",
    "run_clocks",
    "save_draft",
    "seat",
    "send_to_panel",
    "set_in_plan",
    "shown_print",
    "start",
    "submit",
    "throw_away",
    "told_no",
    "withdraw",
]
