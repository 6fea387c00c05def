"""Storing rates: all or nothing, safe to repeat, told in the journal."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from crm.journal.models import Event
from crm.rates import operations
from crm.rates.files import RateLine
from crm.rates.models import FxRate, RateLoad
from crm.rates.operations import Loaded, RateRefusedError
from tests import make

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = date(2026, 11, 20)


def line(number: int, quote: str = "USD", rate: str = "1.05", **other: Any) -> RateLine:
    return RateLine(
        line=number,
        date=other.get("date", DAY),
        base="EUR",
        quote=quote,
        rate=Decimal(rate),
        source=other.get("source", "ECB"),
    )


def load(lines: Iterable[RateLine]) -> Loaded:
    return operations.load_rates(
        lines=lines, file_name="a.csv", sha256="f" * 64, by=None, at=AT
    )


@pytest.mark.django_db
class TestLoadRates:
    def test_stores_them_with_their_load(self) -> None:
        loaded = load(iter([line(2), line(3, "CNY", "7.6102")]))

        assert loaded == Loaded(new=2, changed=0, same=0, earliest=DAY, latest=DAY)
        stored = FxRate.objects.get(quote="CNY")
        assert (stored.rate, stored.source) == (Decimal("7.6102"), "ECB")
        assert str(stored) == "EUR/CNY 2026-11-20"
        assert str(stored.load) == "a.csv"

    def test_tells_the_journal_once(self) -> None:
        load([line(2), line(3, "CNY")])

        event = Event.objects.get()
        assert event.kind == "rates.loaded"
        assert event.subject_id == RateLoad.objects.get().pk
        assert event.new["new"] == 2
        assert event.new["latest"] == "2026-11-20"

    def test_again_changes_nothing_and_says_nothing(self) -> None:
        load([line(2), line(3, "CNY")])

        again = load([line(2), line(3, "CNY")])

        assert (again.new, again.changed, again.same) == (0, 0, 2)
        assert Event.objects.count() == RateLoad.objects.count() == 1

    def test_corrects_what_is_known_otherwise(self) -> None:
        load([line(2), line(3, "CNY", "7")])

        again = load([line(2), line(3, "CNY", "7.5"), line(4, "JPY", "160")])

        assert (again.new, again.changed, again.same) == (1, 1, 1)
        assert FxRate.objects.get(quote="CNY").rate == Decimal("7.5")
        assert FxRate.objects.get(quote="USD").load != RateLoad.objects.last()

    def test_a_repeated_line_is_one_rate(self) -> None:
        assert load([line(2), line(9)]).new == 1

    def test_a_contradiction_is_refused_by_its_lines(self) -> None:
        with pytest.raises(
            RateRefusedError, match=r"a\.csv, lines 2 and 9: two rates EUR/USD"
        ):
            load([line(2), line(9, rate="1.06")])

        assert not FxRate.objects.exists()

    def test_of_nothing_does_nothing(self) -> None:
        assert load([]) == Loaded(new=0, changed=0, same=0, earliest=None, latest=None)
        assert not Event.objects.exists()


@pytest.mark.django_db
class TestSetRate:
    def test_stores_and_then_corrects_one(self) -> None:
        anna = make.user(name="anna")
        pair: Any = {"on": DAY, "base": "EUR", "quote": "USD", "by": anna, "at": AT}
        operations.set_rate(rate=Decimal("1.1"), source="by hand", **pair)

        operations.set_rate(rate=Decimal("1.2"), source="by hand", **pair)

        assert FxRate.objects.get().rate == Decimal("1.2")
        latest = Event.objects.latest("pk")
        assert latest.old == {"rate": "1.100000000000000000", "source": "by hand"}
        assert latest.new["rate"] == "1.2"


@pytest.mark.django_db
class TestConstraints:
    def rate(self, **other: Any) -> FxRate:
        fields = {"date": DAY, "base": "EUR", "quote": "USD", "rate": 1, "source": "x"}
        return FxRate.objects.create(**(fields | other))

    def test_hold(self) -> None:
        assert self.rate().pk
        assert self.rate(base="USD", quote="EUR").pk
        assert self.rate(date=date(2026, 11, 21), rate=Decimal("1E-18")).pk

    @pytest.mark.parametrize(
        ("other", "constraint"),
        [
            ({"rate": 0}, "fx_rate_positive"),
            ({"rate": Decimal("-1E-18")}, "fx_rate_positive"),
            ({"quote": "EUR"}, "fx_rate_of_two_currencies"),
            ({"quote": "eur"}, "fx_rate_currency_codes"),
            ({"base": "EU"}, "fx_rate_currency_codes"),
            ({"source": ""}, "fx_rate_names_its_source"),
        ],
    )
    def test_refuse(self, other: dict[str, Any], constraint: str) -> None:
        with pytest.raises(IntegrityError, match=constraint):
            self.rate(**other)

    def test_refuse_a_second_rate_of_a_day(self) -> None:
        self.rate()

        with pytest.raises(IntegrityError, match="fx_rate_once_per_day"):
            self.rate(rate=2)


@pytest.mark.django_db
class TestCommand:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "hist.csv"
        path.write_text("Date,USD,CNY,\n2026-11-20,1.05,7.61,\n2026-11-19,1.04,N/A,\n")
        return path

    def run(self, *words: str) -> str:
        out = StringIO()
        call_command("load_rates", *words, stdout=out)
        return out.getvalue()

    def test_stores_and_says_how_many(self, file: Path) -> None:
        assert "Stored 3 new and 0 corrected rates; 0 were" in self.run(str(file))
        assert "Stored 0 new and 0 corrected rates; 3 were" in self.run(str(file))
        assert FxRate.objects.count() == 3

    def test_a_dry_run_stores_nothing(self, file: Path) -> None:
        assert "Would store 3 new" in self.run(str(file), "--dry-run")
        assert not FxRate.objects.exists()
        assert not Event.objects.exists()

    def test_a_bad_line_stores_nothing_and_names_its_place(self, file: Path) -> None:
        file.write_text(file.read_text().replace("1.04", "x"))

        with pytest.raises(CommandError, match=r"hist\.csv, line 3, column USD: 'x'"):
            self.run(str(file))
        assert not FxRate.objects.exists()

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="nowhere"):
            self.run(str(tmp_path / "nowhere.csv"))
