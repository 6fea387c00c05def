"""The house itself: sizes, names and what must never be in the repository."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("crm", "partners", "deals", "tests")
FORBIDDEN_NAMES = frozenset(
    {"utils", "helpers", "common", "misc", "manager", "handler", "data", "info", "base"}
)
DJANGO_NAMED_IT = ROOT / "crm/core/postgres/base.py"
FORBIDDEN_TEXTS = (
    re.compile(r"--(extra-)?index-url|--find-links"),
    re.compile(r"(?<![\w.])/(root|home)/\w"),
    re.compile(r"files\.pythonhosted\.org|pypi\.org/simple"),
)
OWN_MODELS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in {"crm", "partners", "deals"}
]


def sources() -> Iterator[Path]:
    for package in SOURCES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path


@cache
def ours() -> tuple[Path, ...]:
    """Return every file that is, or could be, in the repository, hidden folders too."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("no git here: what belongs to the repository cannot be told")
    listed = subprocess.run(  # noqa: S603 - our own arguments
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git repository: what belongs to it cannot be told")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def text_of(path: Path) -> str:
    """Return what the file says; nothing for pictures, fonts and the like."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode(errors="replace")


def length(node: ast.AST) -> int:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.timeout(60)  # parses every module of the product
class TestSizes:
    def test_no_module_is_longer_than_400_lines(self) -> None:
        too_long = {
            name_of(path): lines
            for path in sources()
            if (lines := len(path.read_text().splitlines())) > 400
        }

        assert too_long == {}

    def test_no_function_is_longer_than_40_lines_and_no_class_than_200(self) -> None:
        too_long = [
            f"{name_of(path)}:{node.lineno} {node.name} has {length(node)} lines"
            for path in sources()
            for node in ast.walk(ast.parse(path.read_text()))
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and length(node) > 40
            )
            or (isinstance(node, ast.ClassDef) and length(node) > 200)
        ]

        assert too_long == []


class TestNames:
    def test_no_module_is_an_attic(self) -> None:
        attics = [
            name_of(path)
            for path in sources()
            if path.stem in FORBIDDEN_NAMES and path != DJANGO_NAMED_IT
        ]

        assert attics == []

    def test_every_module_says_what_it_is(self) -> None:
        silent = [
            name_of(path)
            for path in sources()
            if path.name not in {"apps.py", "__init__.py"}
            and ast.get_docstring(ast.parse(path.read_text())) is None
        ]

        assert silent == []

    @pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
    def test_every_model_says_what_one_row_is(self, model: type) -> None:
        docstring = model.__doc__ or ""

        assert docstring, f"{model.__name__} has no docstring"
        assert not docstring.startswith(f"{model.__name__}("), "Django's own text"

    def test_tasks_have_explicit_dotted_names(self) -> None:
        current_app.loader.import_default_modules()
        own = [
            name
            for name, task in current_app.tasks.items()
            if type(task).__module__.split(".")[0] in {"crm", "partners", "deals"}
            or task.__module__.split(".")[0] in {"crm", "partners", "deals"}
        ]

        assert own != []
        assert [n for n in own if not re.fullmatch(r"[a-z]+\.[a-z_]+", n)] == []

    def test_every_package_has_a_readme(self) -> None:
        packages = [ROOT / "partners", ROOT / "deals"]
        packages += [path.parent for path in (ROOT / "crm").glob("*/apps.py")]

        assert [name_of(p) for p in packages if not (p / "README.md").exists()] == []


class TestRepository:
    def test_no_registry_host_or_path_of_a_machine(self) -> None:
        found = [
            f"{name_of(path)}: {pattern.pattern}"
            for path in ours()
            if path != Path(__file__) and "vendor" not in path.parts
            for text in [text_of(path)]
            for pattern in FORBIDDEN_TEXTS
            if pattern.search(text)
        ]

        assert found == []

    def test_no_file_is_larger_than_a_megabyte(self) -> None:
        large = [name_of(p) for p in ours() if p.stat().st_size > 1_000_000]

        assert large == []
