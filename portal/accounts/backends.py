"""Who may be signed in at all."""

from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User


class AccountBackend(AuthenticationBackend):
    """Nobody whose account is closed or frozen, whatever they know or hold."""

    def user_can_authenticate(self, user: User) -> bool:
        return user.is_active and user.frozen_at is None

    def get_user(self, user_id: int) -> User | None:
        user = super().get_user(user_id)
        return user if user is not None and user.frozen_at is None else None
