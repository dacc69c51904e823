from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from cdrp_portal.prepared import Prepared

BY_KEY = Prepared(lambda key: User.objects.filter(pk=key), key=-1)


class ClosedAdapter(DefaultAccountAdapter):
    """Nobody signs up: an administrator makes each account. What is refused is said in the house's words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. An administrator can open it again.",
        "email_password_mismatch": "That e-mail address and that password do not belong together.",
        "enter_current_password": "Give your current password.",
        "incorrect_password": "That is not your current password.",
        "too_many_login_attempts": "Too many tries. Wait a few minutes and try again.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Signs in as allauth does. Every page asks who is signed in, so that question is compiled once."""

    def get_user(self, user_id: int) -> User | None:
        """The person as they are now: whoever may no longer sign in is nobody from the next page on."""
        user = next(iter(BY_KEY.objects(key=int(user_id))), None)
        return user if user is not None and self.user_can_authenticate(user) else None
