"""Made-up exports: the same for the same seed, and loaded to the last digit."""

import csv
import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from partners.usage.focus import engine, files, generator, reading, stored, writing
from partners.usage.focus.generator import Wish
from partners.usage.models import DailyUsage, LoadState
from tests.partners.usage.conftest import Loader

WISH = Wish(
    customers=generator.pareto(12, seed=3),
    first_month=date(2025, 1, 1),
    months=2,
    rows=6000,
    seed=3,
    kind="csv",
    has_repeats=True,
)


class TestGenerate:
    def test_is_the_same_for_the_same_seed(self, tmp_path: Path) -> None:
        one = generator.generate(WISH, into=tmp_path / "one")
        two = generator.generate(WISH, into=tmp_path / "two")

        assert [p.read_bytes() for p in one.files] == [
            p.read_bytes() for p in two.files
        ]

    @pytest.mark.parametrize("kind", ["csv.gz", "parquet"])
    def test_says_the_same_in_every_format(self, tmp_path: Path, kind: str) -> None:
        named = replace(WISH.customers[0], name='Acme, "the" Inc.')
        wish = replace(WISH, customers=(named, *WISH.customers[1:]), months=1)

        plain = generator.generate(wish, into=tmp_path / "csv")
        other = generator.generate(replace(wish, kind=kind), into=tmp_path / "other")

        one, two = (staged(made.files[0]) for made in (plain, other))
        assert one == two
        assert other.totals[other.files[0].name] == plain.totals[plain.files[0].name]

    def test_many_rows_are_packed_in_their_order(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writing, "ROWS", 2048)
        wish = replace(WISH, rows=20_000)

        plain = generator.generate(wish, into=tmp_path / "csv").files[0]
        packed = generator.generate(
            replace(wish, kind="csv.gz"), into=tmp_path / "gz"
        ).files[0]

        assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()

    @pytest.mark.parametrize("sign", [",", '"', "\n"])
    def test_signs_of_csv_are_refused_in_ids(self, sign: str) -> None:
        with pytest.raises(ValueError, match="Customer"):
            generator.Customer(name="Acme", account_id=f"0{sign}1")

    def test_few_customers_spend_most(self, tmp_path: Path) -> None:
        shares = [customer.weight for customer in generator.pareto(40)]

        assert sum(shares[:8]) > Decimal("0.6") * sum(shares)


def staged(path: Path) -> stored.Facts:
    """Return what the rows of a file come to once read."""
    work = path.parent / "work"
    work.mkdir()
    with engine.opened() as connection:
        reading.prepare(connection)
        opened = files.open_file(path, work=work)
        into = work / "part.parquet"
        done = reading.stage(opened, into=into, connection=connection)
        parts = [one for one in (into, done.shape) if one is not None]
        return stored.facts(connection, parts)


STEADY = replace(
    WISH,
    customers=(
        generator.Customer(
            name="Acme",
            account_id="001",
            growth=Decimal(1),
            daily=Decimal(1000),
            turn=(date(2025, 1, 15), Decimal("0.5")),
        ),
    ),
    has_repeats=False,
    has_corrections=False,
    is_steady=True,
    skus=("ecs.g8i.4xlarge", "qwen-max-input"),
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class TestSteady:
    def test_has_a_row_for_each_day_and_product_at_the_cost_given(
        self, tmp_path: Path
    ) -> None:
        (january, _february) = generator.generate(STEADY, into=tmp_path).files

        rows = rows_of(january)
        tuesday = [r for r in rows if r["ChargePeriodStart"][:10] == "2025-01-14"]
        wednesday = [r for r in rows if r["ChargePeriodStart"][:10] == "2025-01-15"]
        assert len(rows) == 31 * 2
        assert sum(Decimal(r["ListCost"]) for r in tuesday) == pytest.approx(1000, 0.07)
        assert sum(Decimal(r["ListCost"]) for r in wednesday) == pytest.approx(
            500, 0.07
        )

    @pytest.mark.parametrize("is_steady", [True, False])
    def test_ai_may_begin_later_than_other_usage(
        self, tmp_path: Path, *, is_steady: bool
    ) -> None:
        began = replace(STEADY.customers[0], ai_starts=date(2025, 1, 20))
        wish = replace(STEADY, customers=(began,), months=1, is_steady=is_steady)

        rows = rows_of(generator.generate(wish, into=tmp_path).files[0])

        first = {
            name: min(
                row["ChargePeriodStart"][:10]
                for row in rows
                if row["ServiceCategory"] == name
            )
            for name in ("AI and Machine Learning", "Compute")
        }
        assert first == {
            "AI and Machine Learning": "2025-01-20",
            "Compute": "2025-01-01",
        }

    def test_what_ends_earlier_is_the_beginning_of_the_whole(
        self, tmp_path: Path
    ) -> None:
        whole = generator.generate(replace(STEADY, months=1), into=tmp_path / "whole")
        cut = generator.generate(
            replace(STEADY, months=1, until=date(2025, 1, 10)), into=tmp_path / "cut"
        )

        known = {tuple(row.values()) for row in rows_of(whole.files[0])}
        assert {tuple(row.values()) for row in rows_of(cut.files[0])} < known

    def test_a_backfill_holds_several_months_in_one_file(self, tmp_path: Path) -> None:
        made = generator.generate(
            replace(STEADY, months=3, backfill=2), into=tmp_path / "made"
        )

        assert [path.name for path in made.files] == [
            "usage-2025-02.csv",
            "usage-2025-03.csv",
        ]
        periods = {row["BillingPeriodStart"][:7] for row in rows_of(made.files[0])}
        assert periods == {"2025-01", "2025-02"}


@pytest.mark.django_db
class TestLoadWhatWasGenerated:
    def test_totals_agree_to_the_last_digit(self, load: Loader, tmp_path: Path) -> None:
        made = generator.generate(WISH, into=tmp_path / "made")

        wanted: dict[str, Decimal] = {}
        for path in (p for p in made.files if p.name.count(".") == 1):
            load(path)
            for currency, costs in made.totals[path.name].items():
                wanted[currency] = wanted.get(currency, Decimal(0)) + costs["billed"]

        found = DailyUsage.objects.values_list("currency").annotate(
            s=Sum("billed_cost")
        )
        assert dict(found) == wanted

    def test_repeats_are_held(self, load: Loader, tmp_path: Path) -> None:
        made = generator.generate(WISH, into=tmp_path / "made")
        by_name = {path.name: path for path in made.files}

        states = [
            load(by_name[name]).state
            for name in (
                "usage-2025-01.csv",
                "usage-2025-01.shorter.csv",
                "usage-2025-01.doubled.csv",
            )
        ]

        assert states == [LoadState.LOADED, LoadState.HELD, LoadState.HELD]

    def test_corrections_bear_on_the_month_before(
        self, load: Loader, tmp_path: Path
    ) -> None:
        made = generator.generate(WISH, into=tmp_path / "made")

        load(next(p for p in made.files if p.name == "usage-2025-02.csv"))

        back = DailyUsage.objects.filter(
            billing_month=date(2025, 2, 1), charge_day__lt=date(2025, 2, 1)
        )
        assert back.aggregate(s=Sum("billed_cost"))["s"] < 0

    def test_tokens_are_counted_by_model_and_direction(
        self, load: Loader, tmp_path: Path
    ) -> None:
        made = generator.generate(WISH, into=tmp_path / "made")

        load(made.files[0])

        tokens = DailyUsage.objects.filter(meter__base_unit="Tokens")
        directions = set(tokens.values_list("meter__model", "meter__direction"))
        assert ("qwen-max", "input") in directions
        assert ("qwq-plus", "output") in directions
        assert all(tokens.values_list("meter__is_ai", flat=True))
        hours = DailyUsage.objects.filter(meter__base_unit="GPU-Hours")
        models = set(hours.values_list("meter__model", flat=True))
        assert models == {"", "qwen-plus"}
