"""What other systems call our stages: said, changed, taken away."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from deals.models import DealStageName
from deals.pipeline import DealStage
from partners.names import normalise
from partners.operations.locks import lock


class StageNameRefusedError(DomainError):
    """The name cannot mean that."""

    code = "deal-stage-name.refused"
    is_input = True


@transaction.atomic
def name_stage(
    *, system: str, name: str, stage: str, by: User, at: datetime
) -> DealStageName:
    """Say which of the seven stages another system's stage is.

    :raises StageNameRefusedError: without a system or a name, for a stage that there is
        not, or for a name that has a meaning already.
    """
    row = DealStageName(system=system.strip().lower(), name=name.strip(), stage=stage)
    _save(row, is_new=True)
    new = {"system": row.system, "name": row.name, "stage": str(row.stage)}
    journal.record(kind="deal-stage-name.said", subject=row, by=by, at=at, new=new)
    return row


@transaction.atomic
def rename_stage(
    *,
    stage_name: DealStageName,
    name: str,
    stage: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> DealStageName:
    """Change what a name is, or what it means; imports done before stay as they are.

    :raises StageNameRefusedError: as `name_stage`.
    """
    fresh = lock(stage_name, expected_version=expected_version)
    old = {"name": fresh.name, "stage": str(fresh.stage)}
    new = {"name": name.strip(), "stage": str(stage)}
    if old == new:
        return fresh
    fresh.name, fresh.stage = new["name"], new["stage"]
    fresh.version += 1
    _save(fresh, is_new=False)
    journal.record(
        kind="deal-stage-name.changed", subject=fresh, by=by, at=at, old=old, new=new
    )
    return fresh


@transaction.atomic
def forget_stage_name(
    *,
    stage_name: DealStageName,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> None:
    """Take a name away; rows of imports with it are refused from then on."""
    fresh = lock(stage_name, expected_version=expected_version)
    old = {"system": fresh.system, "name": fresh.name, "stage": str(fresh.stage)}
    journal.record(
        kind="deal-stage-name.forgotten", subject=fresh, by=by, at=at, old=old
    )
    fresh.delete()


def _save(row: DealStageName, *, is_new: bool) -> None:
    row.normal = normalise(row.name)
    if not row.system or not row.normal:
        raise StageNameRefusedError(_("Give the system and the name of its stage."))
    if row.stage not in DealStage.values:
        raise StageNameRefusedError(
            _("There is no stage “%(code)s”.") % {"code": row.stage}
        )
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError as error:
        raise StageNameRefusedError(
            _("This name has a meaning already."), code="deal-stage-name.twice"
        ) from error
