"""Log lines hold ids, never what people wrote, and no line can pretend to be two (rule 40)."""

import logging

_CONTROL = {code: f"\\x{code:02x}" for code in [*range(32), 127]}


class IdsOnly(logging.Filter):
    """Escapes control characters, and drops the request (cookies and posted words with it) from the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = record.getMessage().translate(_CONTROL)
        record.args = ()
        record.__dict__.pop("request", None)
        return True
