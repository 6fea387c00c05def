"""Two years of invented consumption, handed in as billing exports and really loaded."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from crm.accounts.models import User
from crm.demo.metered import SKUS, DemoAccount, DemoSource
from partners.models import Cooperation, Partner
from partners.usage import operations as usage
from partners.usage.focus import generator, layout
from partners.usage.models import BillingSource, CloudAccount, UsageReroll

OWNER = "demo"
LATELY = 2
"""So many months came in one by one; what lies before was brought in at once."""


class Consumption:
    """Hands the exports of the demo's sources in and says whose the accounts are."""

    def __init__(self, *, cast: dict[str, User], seed: int, at: datetime) -> None:
        self.by = cast["fiona"]
        self.seed = seed
        self.at = at
        self.today = at.astimezone(UTC).date()
        self.partners = {each.display_name: each for each in Partner.objects.all()}

    def bring(self, sources: Iterable[DemoSource]) -> None:
        """Load every source, oldest months first, and assign its accounts."""
        with tempfile.TemporaryDirectory() as folder:
            for number, told in enumerate(sources):
                self._bring_one(told, Path(folder) / str(number), seed=number)
        usage.raise_signals(at=self.at)

    def _bring_one(self, told: DemoSource, folder: Path, *, seed: int) -> None:
        source, _is_new = usage.find_or_create_source(
            name=told.name, by=self.by, at=self.at
        )
        BillingSource.objects.filter(pk=source.pk).update(
            provider=layout.PROVIDER,
            time_zone=told.time_zone,
            lateness_days=told.lateness,
        )
        source.refresh_from_db()
        months = _months(self.today, told.months)
        files = self._made(told, folder, months[0], seed=seed)
        known, recent = files[:-LATELY], files[-LATELY:]
        handed = _noon(months[-LATELY]) - timedelta(days=2)
        self._load(source, known, at=handed)
        self._assign(source, told.accounts)
        for month, file in zip(months[-LATELY:], recent, strict=True):
            end = generator.month_later(month, 1)
            at = min(_noon(end) + timedelta(days=2), self.at)
            self._load(source, [file], at=at - timedelta(days=told.reach - 1))
        if told.shorter:
            self._cut_off(source, told, folder / "again", months[-2], seed=seed)

    def _made(
        self, told: DemoSource, folder: Path, first: date, *, seed: int
    ) -> list[Path]:
        made = generator.generate(
            generator.Wish(
                customers=tuple(each.customer(self.today) for each in told.accounts),
                first_month=first,
                months=told.months,
                seed=self.seed + seed,
                kind="csv.gz",
                until=self.today - timedelta(days=told.reach - 1),
                is_steady=True,
                skus=SKUS,
                backfill=told.months - LATELY,
            ),
            into=folder,
        )
        return made.files

    def _cut_off(
        self,
        source: BillingSource,
        told: DemoSource,
        folder: Path,
        month: date,
        *,
        seed: int,
    ) -> None:
        """Hand in last month again, but only its beginning: it is held for a person."""
        made = generator.generate(
            generator.Wish(
                customers=tuple(each.customer(self.today) for each in told.accounts),
                first_month=month,
                seed=self.seed + seed,
                until=month + timedelta(days=19),
                is_steady=True,
                skus=SKUS,
            ),
            into=folder,
        )
        self._load(source, made.files, at=self.at - timedelta(hours=20))

    def _load(
        self, source: BillingSource, files: Sequence[Path], *, at: datetime
    ) -> None:
        asked = usage.request_load(source=source, paths=files, by=self.by, at=at)
        usage.run_load(load=asked, owner=OWNER, at=at)

    def _assign(self, source: BillingSource, told: Sequence[DemoAccount]) -> None:
        payers = {
            account.billing_account_id: account
            for account in CloudAccount.objects.filter(source=source, sub_account_id="")
        }
        for each in told:
            account = payers.get(each.account_id)
            if account is None:
                continue
            for tag, partner in each.tags:
                self._give(account, partner, tag=("project", tag))
            if each.partner:
                self._give(account, each.partner)
            if each.cooperation:
                self._count_for(account, each)
        if any(each.tags for each in told):
            for asked in UsageReroll.objects.filter(source=source, finished_at=None):
                usage.run_reroll(reroll=asked, owner=OWNER, at=self.at)

    def _give(
        self, account: CloudAccount, partner: str, *, tag: tuple[str, str] = ("", "")
    ) -> None:
        usage.assign_account(
            account=account,
            partner=self.partners[partner],
            since=None,
            tag=tag,
            by=self.by,
            at=self.at,
        )

    def _count_for(self, account: CloudAccount, told: DemoAccount) -> None:
        cooperation = Cooperation.objects.get(
            partner=self.partners[told.partner], title__contains=told.cooperation
        )
        usage.add_cooperation_rule(
            cooperation=cooperation, account=account, by=self.by, at=self.at
        )


def _months(today: date, count: int) -> list[date]:
    this = today.replace(day=1)
    return [generator.month_later(this, at) for at in range(1 - count, 1)]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
