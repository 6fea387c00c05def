"""A model of either sort: of the catalogue or derived; rows that point to one have two columns."""

from typing import Any

from partners.ai.models.catalogue import BaseModel
from partners.ai.models.derived import DerivedModel

AnyModel = BaseModel | DerivedModel


def columns_for(model: AnyModel | None, prefix: str = "") -> dict[str, Any]:
    """Return both columns: the one that fits is filled, the other is empty.

    :param prefix: `shipped_` for `shipped_base` and `shipped_derived`.
    """
    return {
        f"{prefix}base": model if isinstance(model, BaseModel) else None,
        f"{prefix}derived": model if isinstance(model, DerivedModel) else None,
    }
