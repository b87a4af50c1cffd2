"""What any sender of messages must be able to do, whoever it is, and which one this machine uses."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Refused(Exception):
    """The provider will never send this: a number that cannot be reached, an address that is none."""


class NoAnswer(Exception):
    """The provider did not answer, or asked us to wait. The message may or may not have been taken."""


class MessageProvider(Protocol):
    """Plain data in and out; safe to use from several threads."""

    def send(self, reference: str, channel: str, destination: str, body: str) -> str:
        """Hand one message over and return the provider's id of it. Raises `Refused` or `NoAnswer`."""

    def find(self, reference: str) -> str | None:
        """The provider's id of a message with this reference of ours, or None if there is none. Raises
        `NoAnswer`."""


@cache
def _made(path: str) -> MessageProvider:
    provider: MessageProvider = import_string(path)()
    return provider


def message_provider() -> MessageProvider:
    """The one that settings name."""
    return _made(settings.MESSAGE_PROVIDER)
