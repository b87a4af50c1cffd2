"""System checks that keep the demo and real people apart."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.urls import NoReverseMatch, reverse

from portal.finance.bank import tables
from portal.finance.payment_file import columns_from
from portal.people.models import YoungPerson

LOOPBACK = {"127.0.0.1", "localhost", "::1", "testserver"}


@register(Tags.security)
def demo_stays_at_home(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The demo answers on this machine alone, and its addresses do not exist when it is off."""
    if settings.DEMO:
        host = urlsplit(settings.BASE_URL).hostname
        if host in LOOPBACK:
            return []
        return [
            Error(
                "DEMO is on, and BASE_URL is not this machine. The demo signs anybody in as anyone.",
                id="portal.E001",
            )
        ]
    try:
        reverse("demo:people")
    except NoReverseMatch:
        return []
    return [Error("The demo is off, but its addresses are still there.", id="portal.E002")]


@register(Tags.database)
def no_invented_people(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Invented people never stand beside real ones. Runs with `migrate` and `check --database default`."""
    if settings.DEMO or not databases:
        return []
    if (
        "people_youngperson" in connection.introspection.table_names()
        and YoungPerson.objects.filter(in_the_demo=True).exists()
    ):
        return [Error("The demo is off, but its invented people are in this database.", id="portal.E003")]
    return []


@register(Tags.files)
def modulus_tables_can_be_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Where bank details are kept here, the council's modulus tables are whole files."""
    if not settings.BANK_DETAILS_ENABLED or not settings.MODULUS_WEIGHTS_FILE:
        return []
    try:
        tables()
    except (OSError, ValueError) as fault:
        return [Error(f"The modulus tables cannot be read: {fault}", id="portal.E004")]
    return []


@register(Tags.files)
def payment_file_has_its_columns(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The council's own columns give a payment file; with the account, where bank details are kept here."""
    try:
        columns_from(settings.PAYMENT_FILE_COLUMNS, with_accounts=settings.BANK_DETAILS_ENABLED)
    except ValueError as fault:
        return [Error(f"PAYMENT_FILE_COLUMNS: {fault}", id="portal.E005")]
    return []
