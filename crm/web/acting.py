"""From a request to the person who acts, typed."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from crm.accounts.models import User


def acting_user(request: HttpRequest) -> "User":
    """Return the person who acts in this request, as the row itself.

    Django's `request.user` is a lazy wrapper whose type is not User.

    :raises PermissionDenied: when nobody is logged in.
    """
    user = request.user
    if not user.is_authenticated:
        raise PermissionDenied
    person: User = getattr(user, "_wrapped", user)
    return person
