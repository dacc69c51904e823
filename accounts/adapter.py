from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from cdrp_portal.prepared import Prepared

BY_KEY = Prepared(lambda key: User.objects.filter(pk=key), key=-1)


class ClosedAdapter(DefaultAccountAdapter):
    """Nobody signs up: an administrator makes each account."""

    def is_open_for_signup(self, request) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Signs in as allauth does. Every page asks who is signed in, so that question is compiled once."""

    def get_user(self, user_id: int) -> User | None:
        """The person as they are now: whoever may no longer sign in is nobody from the next page on."""
        user = next(iter(BY_KEY.objects(key=int(user_id))), None)
        return user if user is not None and self.user_can_authenticate(user) else None
