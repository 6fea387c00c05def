"""Exports of opportunities: previewed, done once, refused row by row, taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.accounts.models import User
from crm.journal.models import Event
from deals.models import (
    Deal,
    DealImport,
    DealImportRow,
    DealSnapshot,
    DealStageChange,
    DealStageName,
)
from deals.operations import deals, imports, stage_names
from deals.operations.imports import DealImportInputError, DealImportRefusedError
from deals.operations.stage_names import StageNameRefusedError
from deals.queries.imports import refused_as_csv
from partners.models import ExternalId, Partner
from tests import make
from tests.make import EARLY
from tests.partners.database import held, refused_by

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)
HEAD = (
    "Opportunity ID,Opportunity Name,Account Name,Account ID,Stage,Amount,"
    "Amount Currency,Close Date,Type,Opportunity Owner,Expected Monthly Spend\n"
)
REPORT = (
    HEAD
    + "0065000000Gv7qJ,Inference at scale,BMW Group,,Qualification,1200000,EUR,"
    + "2026-06-30,New Customer,anna@example.com,50000\n"
    + "0065000000Gv7qK,Cockpit models,,0015000000Gv7qJ,Prospecting,,,,,Nobody Here,\n"
)
FOOTER = '"Grand Totals (2 records)",,,,,,,,,,\n"Copyright (c) 2026",,,,,,,,,,\n'


@pytest.fixture
def anna() -> User:
    anna = make.user("alliance_manager", email="anna@example.com")
    bmw = make.partner("BMW Group", owner=anna, domain="bmw.com", country="DE")
    ExternalId.objects.create(
        partner=bmw, system="salesforce", value="0015000000Gv7qJAAR"
    )
    return anna


def previewed(by: User, text: str = REPORT, **options: object) -> DealImport:
    return imports.preview_import(
        file_name="report.csv",
        content=text.encode(),
        by=by,
        at=LATER,
        **options,  # type: ignore[arg-type]  # a test's shorthand
    )


def imported(by: User, text: str = REPORT) -> DealImport:
    batch = imports.commit_import(batch=previewed(by, text), by=by, at=LATER)
    held()
    return batch


def bmw() -> Partner:
    return ExternalId.objects.get().partner


def told(batch: DealImport) -> list[str]:
    return [
        problem["text"]
        for row in batch.rows.order_by("line")
        for problem in row.problems
    ]


class TestPreview:
    def test_shows_and_changes_nothing(self, anna: User) -> None:
        batch = previewed(anna, REPORT + FOOTER)

        assert batch.system == "salesforce"
        assert batch.counts == {
            "create": 2,
            "update": 0,
            "unchanged": 2,
            "refused": 0,
        }
        assert not Deal.objects.exists()
        assert not Event.objects.filter(kind="deal.opened").exists()

    def test_names_line_and_column_of_faults(self, anna: User) -> None:
        text = HEAD + "1,A,BMW Group,,In the clouds,1.200,EUR,soon,,,\n"

        (row,) = previewed(anna, text).rows.all()

        assert row.line == 2
        assert row.outcome == "refused"
        assert [p["heading"] for p in row.problems] == ["Stage", "Amount", "Close Date"]
        assert [p["column"] for p in row.problems] == [5, 6, 8]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (",A,BMW Group,,Prospecting,,,,,,", "has no id"),
            ("1,,BMW Group,,Prospecting,,,,,,", "a name and a stage"),
            ("1,A,Nobody,,Prospecting,,,,,,", "No partner was found"),
            ("1,A,BMW Group,,Closed Won,5,EUR,2025-01-01,,,1", "agreement"),
        ],
    )
    def test_refuses_a_row_aloud(self, anna: User, line: str, reason: str) -> None:
        batch = previewed(anna, HEAD + line + "\n")

        assert batch.counts["refused"] == 1
        assert reason in told(batch)[0]
        assert reason in refused_as_csv(batch)

    def test_refuses_the_second_of_two_lines_about_one_deal(self, anna: User) -> None:
        text = HEAD + 2 * "1,A,BMW Group,,Prospecting,,,,,,\n"

        batch = previewed(anna, text)

        assert batch.counts["create"] == batch.counts["refused"] == 1
        assert "line 2" in told(batch)[0]

    def test_needs_to_know_whose_export_it_is(self, anna: User) -> None:
        with pytest.raises(DealImportInputError):
            previewed(anna, "Name,Stage\nA,Prospect\n")

        assert previewed(anna, "Name,Stage,Id\nA,Prospect,1\n", system="Mine").system == "mine"  # fmt: skip

    def test_maps_columns_by_hand(self, anna: User) -> None:
        text = "ID,Vorhaben,Account Name,STAGENAME\n1,A,BMW Group,Prospecting\n"
        batch = previewed(anna, text, system="salesforce")
        fields = {0: "external_id", 1: "title", 2: "partner", 3: "stage"}

        assert batch.counts["refused"] == 1
        batch = imports.map_columns(batch=batch, fields=fields, by=anna, at=LATER)
        assert batch.counts["create"] == 1

    @pytest.mark.parametrize("fields", [{0: "nothing"}, {11: "title"}, {0: "title", 1: "title"}])  # fmt: skip
    def test_refuses_impossible_columns(
        self, anna: User, fields: dict[int, str]
    ) -> None:
        with pytest.raises(DealImportInputError):
            previewed(anna, fields=fields)

    def test_refuses_too_many_rows(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(imports, "MAX_ROWS", 1)

        with pytest.raises(DealImportInputError):
            previewed(anna)


class TestCommit:
    def test_opens_deals_as_far_as_their_fields_allow(self, anna: User) -> None:
        imported(anna)

        first, second = Deal.objects.order_by("code")
        assert (first.stage, first.amount, first.currency, first.owner) == (
            "Qualified",
            Decimal(1200000),
            "EUR",
            anna,
        )
        assert first.target_close_on == date(2026, 6, 30)
        assert first.end_customer == "BMW Group"
        assert (second.stage, second.partner.display_name) == ("Prospect", "BMW Group")

    def test_the_same_again_is_a_no_op(self, anna: User) -> None:
        imported(anna)
        versions = list(Deal.objects.order_by("pk").values_list("version", flat=True))

        again = imported(anna, REPORT.replace("0065000000Gv7qJ", "0065000000Gv7qJAAR"))

        assert again.counts["unchanged"] == 2
        assert (
            list(Deal.objects.order_by("pk").values_list("version", flat=True))
            == versions
        )

    def test_changes_and_moves_what_is_known(self, anna: User) -> None:
        imported(anna)
        second = REPORT.replace("1200000", "1500000").replace(
            "Qualification", "Closed Lost"
        )

        batch = imported(anna, second.replace("2026-06-30", "2024-12-30"))

        deal = Deal.objects.get(title="Inference at scale")
        assert batch.counts["update"] == 1
        assert (deal.stage, deal.amount, deal.closed_on) == (
            "Closed Lost",
            Decimal(1500000),
            date(2024, 12, 30),
        )

    def test_wins_on_the_paper_it_names(self, anna: User) -> None:
        paper = make.agreement(bmw())
        head = "Record ID,Deal Name,Deal Stage,Associated Company,Amount,Close Date,"
        head += "Contract months,Expected monthly spend,Deal description,Agreement\n"
        line = f"77,Fleet,closedwon,BMW Group,9000,2024-12-30,12,750,Models,{paper.title}\n"

        batch = imported(anna, head + line)

        assert told(batch) == []
        deal = Deal.objects.get()
        assert (deal.stage, deal.agreement, deal.closed_on) == (
            "Launched",
            paper,
            date(2024, 12, 30),
        )
        assert deal.external_ids.get().system == "hubspot"

    def test_is_refused_when_the_rows_would_do_something_else(self, anna: User) -> None:
        batch = previewed(anna)
        imported(anna)

        with pytest.raises(DealImportRefusedError):
            imports.commit_import(batch=batch, by=anna, at=LATER)
        batch = imports.refresh_preview(batch=batch, by=anna, at=LATER)
        assert batch.counts["unchanged"] == 2

    def test_is_done_once(self, anna: User) -> None:
        batch = imported(anna)

        with pytest.raises(DealImportRefusedError):
            imports.commit_import(batch=batch, by=anna, at=LATER)

    def test_of_a_deal_out_of_sight_is_refused(self, anna: User) -> None:
        imported(anna)
        ben = make.user("alliance_manager")
        Deal.objects.update(owner=None)
        Partner.objects.update(confidentiality="restricted")

        assert previewed(ben).counts["refused"] == 2


class TestUndo:
    def test_takes_its_deals_with_it(self, anna: User) -> None:
        batch = imports.undo_import(batch=imported(anna), by=anna, at=LATER)

        held()
        assert batch.status == "undone"
        assert not Deal.objects.exists()
        assert not DealStageChange.objects.exists()
        assert Event.objects.filter(kind="deal.removed").count() == 2

    def test_gives_changed_deals_what_they_had(self, anna: User) -> None:
        imported(anna)
        changed = REPORT.replace("1200000", "7").replace("Qualification", "Closed Lost")
        batch = imported(anna, changed.replace("2026-06-30", "2024-12-30"))

        imports.undo_import(batch=batch, by=anna, at=LATER + timedelta(days=1))

        held()
        deal = Deal.objects.get(title="Inference at scale")
        assert (deal.stage, deal.amount) == ("Qualified", Decimal(1200000))
        assert (deal.closed_on, deal.lost_reason) == (None, "")

    def test_is_refused_once_a_deal_was_changed(self, anna: User) -> None:
        batch = imported(anna)
        deal = Deal.objects.order_by("pk")[0]
        deals.edit_deal(deal=deal, by=anna, at=LATER, values={"amount": Decimal(5)})

        with pytest.raises(DealImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=LATER)

        assert "was changed since" in refusal.value.missing[0]
        assert Deal.objects.count() == 2

    def test_is_refused_once_something_depends_on_it(self, anna: User) -> None:
        batch = imported(anna)
        DealSnapshot.objects.create(
            deal=Deal.objects.order_by("pk")[0],
            week_on=date(2025, 1, 6),
            stage="Qualified",
            category="pipeline",
            probability=20,
            currency="EUR",
            taken_at=LATER,
        )

        with pytest.raises(DealImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=LATER)

        assert "weekly snapshot" in refusal.value.missing[0]

    def test_no_other_deletion_takes_stays_with_it(self, anna: User) -> None:
        imported(anna)
        deal = Deal.objects.order_by("pk")[0]

        with refused_by("dealstagechange_append_only"):
            deal.external_ids.all().delete()
            DealImportRow.objects.update(deal=None)
            deal.stage_changes.all().delete()
            Deal.objects.filter(pk=deal.pk).delete()


class TestStageNames:
    def test_give_a_name_a_meaning(self, anna: User) -> None:
        text = HEAD + "1,A,BMW Group,,Verbal yes,,,,,,\n"
        assert previewed(anna, text).counts["refused"] == 1

        row = stage_names.name_stage(
            system="Salesforce", name="Verbal Yes", stage="Prospect", by=anna, at=LATER
        )
        assert previewed(anna, text).counts["create"] == 1

        stage_names.forget_stage_name(stage_name=row, by=anna, at=LATER)
        assert previewed(anna, text).counts["refused"] == 1

    def test_change(self, anna: User) -> None:
        row = DealStageName.objects.get(system="salesforce", name="Needs Analysis")

        row = stage_names.rename_stage(
            stage_name=row, name=row.name, stage="Prospect", by=anna, at=LATER
        )

        assert (row.stage, row.version) == ("Prospect", 2)

    @pytest.mark.parametrize(
        ("system", "name", "stage"),
        [
            ("salesforce", "closed  won", "Launched"),
            ("", "A", "Prospect"),
            ("salesforce", "–", "Prospect"),
            ("salesforce", "A", "Somewhere"),
        ],
    )
    def test_are_refused(self, anna: User, system: str, name: str, stage: str) -> None:
        with pytest.raises(StageNameRefusedError):
            stage_names.name_stage(
                system=system, name=name, stage=stage, by=anna, at=LATER
            )
