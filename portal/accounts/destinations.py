"""Where a code may go: one way to write each email address and each UK mobile number (rules 10 and 12)."""

import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from portal.accounts.models import SignInCode

HOME = "GB"
# Ofcom keeps 07700 900000 to 900999 for drama: the library calls them invalid, the demo and the tests live there.
DRAMA = "+447700900"
# 09, 070, and 084 and 087: the last have a service charge on top of the call.
DEAR = {
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
    phonenumbers.PhoneNumberType.SHARED_COST,
}


def normalise(typed: str) -> tuple[str, str]:
    """The channel and the one way to write what somebody typed: a small-letter email, or a UK mobile as `+447...`.

    Refuses `not_a_destination` for anything else. Says nothing about who is known.
    """
    typed = unicodedata.normalize("NFKC", typed).strip()
    if "@" in typed:
        email = typed.lower()
        try:
            validate_email(email)
        except ValidationError:
            raise _refusal() from None
        return SignInCode.Channel.EMAIL, email
    try:
        number = phonenumbers.parse(typed, HOME)
    except phonenumbers.NumberParseException:
        raise _refusal() from None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    drama = written.startswith(DRAMA) and len(written) == len(DRAMA) + 3
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not drama and not (mobile and phonenumbers.region_code_for_number(number) == HOME):
        raise _refusal()
    return SignInCode.Channel.SMS, written


def work_number(typed: str) -> str:
    """A number in this country young people can ring without paying extra, as `+44...`.

    Refuses `not_a_number` for anything else, `extension` for one that a call from a phone's page would lose, and
    `costs_too_much` for premium rate.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", typed).strip(), HOME)
    except phonenumbers.NumberParseException:
        number = None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else ""
    drama = written.startswith(("+447700900", "+442079460")) and len(written) == 13
    if not drama and not (number and phonenumbers.is_valid_number_for_region(number, HOME)):
        raise ValidationError(_("Enter a UK phone number, like 020 7946 0101."), code="not_a_number")
    if number and number.extension:
        raise ValidationError(
            _("A phone cannot ring an extension. Enter a number that comes straight to you."),
            code="extension",
        )
    if number and phonenumbers.number_type(number) in DEAR:
        raise ValidationError(
            _("This number costs extra to ring. Enter one that does not."), code="costs_too_much"
        )
    return written


def _refusal() -> ValidationError:
    return ValidationError(
        _("Enter an email address, like name@example.com, or a UK mobile number, like 07700 900 982."),
        code="not_a_destination",
    )
