"""`manage.py import_partners`: shows, imports, repeats for nothing, takes back."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.models import ImportBatch, Partner
from tests import make

pytestmark = pytest.mark.django_db
SHEET = "Firma,Website,Country\nNova Motors,nova.example,DE\nOrion,orion.example,CN\n"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, email="anna@example.com")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "partners.csv"
    path.write_text(SHEET, encoding="utf-8")
    return path


def run(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    given = {"by": "anna@example.com", "columns": ["Firma=display_name"], **options}
    call_command("import_partners", *arguments, stdout=out, **given)
    return out.getvalue()


class TestImport:
    def test_dry_run_shows_and_changes_nothing(self, anna: User, sheet: Path) -> None:
        text = run(sheet, dry_run=True)

        assert "Firma → display_name" in text
        assert "created: 2" in text
        assert not Partner.objects.exists()
        assert not ImportBatch.objects.exists()

    def test_repeated_is_a_no_op_and_undone_is_gone(
        self, anna: User, sheet: Path
    ) -> None:
        run(sheet)
        repeated = run(sheet)
        first, second = ImportBatch.objects.order_by("pk")

        assert Partner.objects.count() == 2
        assert "unchanged: 2" in repeated

        run(undo=second.pk)
        run(undo=first.pk)
        assert not Partner.objects.exists()

    def test_says_line_and_column_and_keeps_the_faults(
        self, anna: User, sheet: Path, tmp_path: Path, capsys: Any
    ) -> None:
        sheet.write_text(SHEET + "Lost,,Atlantis\n", encoding="utf-8")
        faults = tmp_path / "faults.csv"
        out = io.StringIO()

        with pytest.raises(SystemExit) as left:
            call_command(
                "import_partners",
                sheet,
                by=anna.email,
                columns=["Firma=display_name"],
                faults=faults,
                stdout=out,
            )

        assert left.value.code == 1
        assert "line 4, Country:" in out.getvalue()
        assert "Atlantis" in faults.read_text(encoding="utf-8-sig")
        assert Partner.objects.count() == 2

    @pytest.mark.parametrize(
        "options",
        [
            {"by": "nobody@example.com"},
            {"columns": ["Nothing=display_name"]},
            {"undo": 999},
        ],
    )
    def test_wrong_usage_is_two(
        self, anna: User, sheet: Path, options: dict[str, Any]
    ) -> None:
        arguments = () if "undo" in options else (sheet,)

        with pytest.raises(CommandError) as refused:
            run(*arguments, **options)

        assert refused.value.returncode == 2
