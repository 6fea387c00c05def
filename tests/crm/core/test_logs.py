"""What a log line says, and what it never says."""

import io
import json
import logging
import logging.config
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.db import IntegrityError

from crm.accounts.models import Team
from crm.core import logs

Written = Callable[[], str]


@pytest.fixture(params=[True, False], ids=["json", "readable"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Configure logging as the product does, and return what has been written."""
    stream = io.StringIO()
    configuration = logs.configuration(is_json=request.param, level="INFO")
    formatter = configuration["formatters"]["line"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        formatter["()"](
            processors=formatter["processors"],
            foreign_pre_chain=formatter["foreign_pre_chain"],
        )
    )
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


log = logging.getLogger("crm.somewhere")
structured: Any = structlog.get_logger("crm.somewhere")


class TestLine:
    def test_of_both_kinds_of_loggers_is_alike(self) -> None:
        line = logs.configuration(is_json=True, level="INFO")["formatters"]["line"]
        formatter = line["()"](
            processors=line["processors"], foreign_pre_chain=line["foreign_pre_chain"]
        )
        record = logging.LogRecord("a.b", 20, "f", 1, "%s done", ("load",), None)

        told = json.loads(formatter.format(record))

        assert told.pop("at").endswith("Z")
        assert told == {"event": "load done", "level": "info", "logger": "a.b"}

    def test_names_the_request(self, written: Written) -> None:
        with structlog.contextvars.bound_contextvars(request_id="req-12345"):
            log.warning("from the standard library")
            structured.warning("from structlog")

        assert written().count("req-12345") == 2


class TestForgery:
    @pytest.mark.parametrize(
        "control", ["\n", "\r\n", "\x1b[2K", "\x00", "\u2028", "\x85", "\u202e"]
    )
    def test_control_characters_begin_no_line(
        self, written: Written, control: str
    ) -> None:
        log.warning("Not Found: %s", f"/a{control}2026 [info] all is well")
        structured.warning("seen", path=f"/a{control}2026 [info] all is well")

        assert len(written().splitlines()) == 2
        assert control not in written().replace("\n", "", 2).removesuffix("\n")

    def test_an_exception_keeps_its_lines_but_no_escapes(
        self, written: Written
    ) -> None:
        try:
            int("\x1b[31mred")
        except ValueError as error:
            log.warning("%s", error, exc_info=True)

        assert "Traceback" in written()
        assert "\x1b[31m" not in written()

    @pytest.mark.parametrize(
        "unit",
        ["x", "x@", "://", "://x@", "Key (", "Key ()=(", "bearer ", "DETAIL:", "a."],
    )
    def test_a_very_long_value_is_cut_at_once(
        self, written: Written, unit: str
    ) -> None:
        started = time.perf_counter()

        log.warning("%s", unit * 100_000)

        assert time.perf_counter() - started < 1
        assert len(written()) < 120_000
        assert f"({len(unit) * 100_000} characters)" in written()


class TestSecrets:
    @pytest.mark.parametrize(
        "text",
        [
            "no answer from redis://:s3cret@broker:6379/0",
            "postgresql://crm:s3cret@db/crm",
            "Authorization: Bearer s3cret",
            "sent to s3cret@example.com.cn",
            "token crm_abcd1234_s3cret",
            "DETAIL:  Failing row contains (1, s3cret).",
            "Key (lower(email))=(s3cret) already exists.",
        ],
    )
    def test_are_masked_in_texts(self, written: Written, text: str) -> None:
        log.warning(text)
        structured.warning("seen", inside={"list": [text]}, error=ValueError(text))

        assert "s3cret" not in written()
        assert len(written().splitlines()) == 2

    @pytest.mark.parametrize(
        "name", ["password", "new_password", "client_secret", "token", "api_key"]
    )
    def test_are_masked_by_their_name(self, written: Written, name: str) -> None:
        structured.warning("seen", **{name: "s3cret", "deep": {name: "s3cret"}})

        assert "s3cret" not in written()

    def test_numbers_of_tokens_are_no_secrets(self, written: Written) -> None:
        structured.warning("seen", token_id=417, count=3, sure=True)

        assert "417" in written()

    @pytest.mark.django_db
    def test_rows_that_the_database_quotes_are_masked(self, written: Written) -> None:
        name = "s3cret"
        Team.objects.create(name=name)
        try:
            Team.objects.create(name=name)
        except IntegrityError:
            log.exception("failed")

        assert "accounts_team_name" in written()
        assert name not in written()


class TestConfiguration:
    def test_is_taken_by_the_standard_library(self) -> None:
        before = logging.getLogger().handlers[:]

        logging.config.dictConfig(
            logs.configuration(is_json=True, level="WARNING")
            | {"root": {"handlers": [], "level": "WARNING"}, "incremental": False}
        )

        assert logging.getLogger("gunicorn.error").propagate
        assert logging.getLogger("gunicorn.error").handlers == []
        logging.getLogger().handlers[:] = before
