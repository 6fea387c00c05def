"""From a request to the person who acts, typed."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from crm.accounts.models import User


def acting_user(request: HttpRequest) -> "User":
    """Return the person who acts in this request.

    :raises PermissionDenied: when nobody is logged in.
    """
    user = request.user
    if not user.is_authenticated:
        raise PermissionDenied
    return user
