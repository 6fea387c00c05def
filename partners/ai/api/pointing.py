"""Ids in a body, turned into rows the person may see."""

from typing import Any

from django.db.models import QuerySet

from crm.accounts.models import User
from crm.web import api
from partners.ai.models import BaseModel, DerivedModel
from partners.ai.models.pointing import AnyModel

MISSING = "There is none."


def a_row(rows: QuerySet[Any], pk: int, *, pointer: str) -> Any:
    """Return the row of this id.

    :raises ProblemError: 400 with the pointer; absent and out of sight look the same.
    """
    row = rows.filter(pk=pk).first()
    if row is None:
        raise _fault(pointer, "not-found", MISSING)
    return row


def model_of(given: dict[str, Any], user: User, *, prefix: str = "") -> AnyModel:
    """Return the one model that is given as `base_id` or `derived_id`.

    :raises ProblemError: 400 for none, both, or one that cannot be seen.
    """
    names = (f"{prefix}base_id", f"{prefix}derived_id")
    base_id, derived_id = (given.get(name) for name in names)
    if (base_id is None) == (derived_id is None):
        raise _fault(f"#/{names[0]}", "required", f"Give one of {' and '.join(names)}.")
    rows: QuerySet[Any] = BaseModel.objects.all()
    name, pk = names[0], base_id
    if base_id is None:
        rows, name, pk = DerivedModel.objects.visible_to(user), names[1], derived_id
    found: AnyModel = a_row(rows, int(pk or 0), pointer=f"#/{name}")
    return found


def _fault(pointer: str, code: str, detail: str) -> api.ProblemError:
    fault = {"pointer": pointer, "code": code, "detail": detail}
    return api.ProblemError(400, "invalid", errors=[fault])
