"""The few things a young person changes about themselves here."""

from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.models import User


def choose_language(*, user: AbstractBaseUser, language: str) -> None:
    """The language of pages and messages from now on."""
    User.objects.filter(pk=user.pk).update(language=language)
