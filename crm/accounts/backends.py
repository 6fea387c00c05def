"""Who is logged in: Django's own way, with roles, team and permissions read in the same statement."""

from django.contrib.auth.backends import ModelBackend

from crm.accounts import credentials
from crm.accounts.models import User


class PersonBackend(ModelBackend):
    """Checks passwords as Django does; a session's person comes with all that pages ask of them."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session; None for one who was deactivated."""
        person = credentials.by_key(user_id)
        return person if person is not None and person.is_active else None
