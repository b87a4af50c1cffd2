"""How django-allauth behaves here: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the case record and an invitation, never from open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class StaffAccountAdapter(DefaultSocialAccountAdapter):
    """A staff sign-in from the council's own directory joins an account that exists; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        return False
