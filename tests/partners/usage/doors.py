"""A small world of usage that tests of the doors share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from partners.models import Partner
from partners.usage import operations
from partners.usage.models import CloudAccount, UsageLoad
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT

JANUARY = date(2025, 1, 1)


@dataclass(frozen=True, kw_only=True)
class World:
    """Anna owns Northwind; carla is of another team; fiona is finance; audrey audits."""

    anna: User
    ben: User
    carla: User
    fiona: User
    audrey: User
    northwind: Partner
    secret: Partner
    load: UsageLoad


def account_rows(number: str, name: str, cost: str) -> list[dict[str, str]]:
    tokens = {
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "Model Studio",
        "ConsumedUnit": "Tokens",
        "ConsumedQuantity": "1000",
        "SkuPriceDetails": '{"ModelId": "qwen-max", "TokenDirection": "Input"}',
        "SkuId": "tokens",
    }
    whose = {"BillingAccountId": number, "BillingAccountName": name}
    costs = {"BilledCost": cost, "EffectiveCost": cost}
    return [
        *(exports.day(day, **whose, **costs, SkuPriceDetails="") for day in (1, 2)),
        exports.day(2, **whose, **costs, **tokens),
    ]


def begin(load: Callable[..., UsageLoad], tmp_path: Path) -> World:
    """Load three accounts: Northwind's, a restricted partner's, and one of nobody."""
    team, other = make.team("Automotive"), make.team("Asia")
    anna = make.user(Role.ALLIANCE_MANAGER, name="Anna", team=team)
    fiona = make.user(Role.FINANCE, name="Fiona")
    northwind = _partner("Northwind", anna, team, "nda")
    secret = _partner("Secret Bank", anna, None, "restricted")
    loaded = load(
        exports.write(
            tmp_path / "jan.csv",
            [
                *account_rows("001", "Northwind", "10"),
                *account_rows("002", "Bank", "20"),
                *account_rows("003", "Contoso", "40"),
            ],
        )
    )
    for number, partner in (("001", northwind), ("002", secret)):
        operations.assign_account(
            account=CloudAccount.objects.get(billing_account_id=number),
            partner=partner,
            since=None,
            by=fiona,
            at=AT,
        )
    return World(
        anna=anna,
        ben=make.user(Role.ALLIANCE_MANAGER, name="Ben", team=team),
        carla=make.user(Role.ALLIANCE_MANAGER, name="Carla", team=other),
        fiona=fiona,
        audrey=make.user(Role.AUDITOR, name="Audrey"),
        northwind=northwind,
        secret=secret,
        load=loaded,
    )


def _partner(
    name: str, owner: User, team: Team | None, confidentiality: str
) -> Partner:
    made = make.partner(name)
    Partner.objects.filter(pk=made.pk).update(
        owner=owner, team=team, confidentiality=confidentiality
    )
    made.refresh_from_db()
    return made
