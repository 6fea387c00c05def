"""Who may ask what: every door declares it, and a door that does not is closed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from crm.web.api.problems import ProblemError

Demand = str | Callable[[Any], bool]
"""A Django permission (`partners.change_partner`) or a question about the person."""


def anyone(_user: Any) -> bool:
    """Everybody who is known; what they see is the business of the rows."""
    return True


def nobody(_user: Any) -> bool:
    """No one, however privileged."""
    return False


@dataclass(frozen=True, slots=True)
class Access:
    """What a door asks of a token (scope) and of the person behind it (demands).

    :param scope: a token needs `<scope>:read`, or `<scope>:write` to change something;
        a browser session has all scopes. :param read: demand for GET.
    :param add: for POST. :param change: for PATCH; PUT (upsert) needs add and change.
    :param delete: for DELETE.
    """

    scope: str
    read: Demand = anyone
    add: Demand = nobody
    change: Demand = nobody
    delete: Demand = nobody

    def demands_for(self, method: str) -> tuple[Demand, ...]:
        """Return what this method asks of the person; all must hold."""
        by_method: dict[str, tuple[Demand, ...]] = {
            "POST": (self.add,),
            "PATCH": (self.change,),
            "PUT": (self.add, self.change),
            "DELETE": (self.delete,),
        }
        return by_method.get(method, (self.read,))

    def scope_for(self, method: str) -> str:
        """Return the scope this method asks of a token."""
        return f"{self.scope}:{'read' if method in SAFE_METHODS else 'write'}"


class HasAccess(BasePermission):
    """Compares what the door declares with the person and the token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether this request may reach the door.

        :raises ProblemError: 403 saying which scope the token lacks.
        """
        access: Access | None = view.access
        if access is None or not request.user.is_authenticated:
            return False
        method = str(request.method)
        check_scope(request.auth, access.scope_for(method), method=method)
        return all(
            _is_met(demand, request.user) for demand in access.demands_for(method)
        )


def _is_met(demand: Demand, user: Any) -> bool:
    return bool(user.has_perm(demand) if isinstance(demand, str) else demand(user))


def check_scope(token: Any, scope: str, *, method: str) -> None:
    """Refuse a token that was not made for this.

    :param token: what authentication returned: None for a session, else an object with
        `allows(area, act)` and `is_read_only`.
    :raises ProblemError: 403, code `read-only-token` or `scope-missing`.
    """
    if token is None:
        return
    area, act = scope.split(":")
    if token.allows(area, act):
        return
    if token.is_read_only and method not in SAFE_METHODS:
        raise ProblemError(403, "read-only-token", "This token can only read.")
    raise ProblemError(
        403,
        "scope-missing",
        f"The token lacks the scope {scope}.",
        extra={"missing": [scope]},
    )
