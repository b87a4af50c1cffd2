"""Random public ids: what stands in an address instead of a counter, so that nothing can be guessed."""

import secrets

# No look-alikes (0/O, 1/I/L, U/V), so that a reference survives being read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


def new_ref() -> str:
    """A reference people can say on the phone: ten characters, about 48 bits, e.g. `K7QX2M9TRB`."""
    return _random(10)


def new_token() -> str:
    """A secret for a link: 26 characters, over 126 bits. Whoever holds it may do what the link says."""
    return _random(26)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
