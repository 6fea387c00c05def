"""Every job of the product: ticks where nothing is due, hints about rows that are gone."""

import inspect

import pytest

from crm.celery import app
from crm.core.models import Heartbeat

app.finalize()
app.loader.import_default_modules()
JOBS = {name: job for name, job in app.tasks.items() if not name.startswith("celery.")}
SIGNATURES = {name: inspect.signature(job.run).parameters for name, job in JOBS.items()}
OWN = {
    name: [key for key, each in given.items() if each.kind is each.KEYWORD_ONLY]
    for name, given in SIGNATURES.items()
}
TICKS = sorted({tick["task"] for tick in app.conf.beat_schedule.values()})
HINTS = sorted(
    name for name, keys in OWN.items() if any(k.endswith("_id") for k in keys)
)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_takes_ids_and_what_a_newer_release_adds(name: str) -> None:
    kinds = {each.kind for each in SIGNATURES[name].values()}

    assert inspect.Parameter.VAR_KEYWORD in kinds
    assert inspect.Parameter.POSITIONAL_OR_KEYWORD not in kinds
    assert set(OWN[name]) <= {"nonce"} | {k for k in OWN[name] if k.endswith("_id")}


@pytest.mark.django_db
@pytest.mark.parametrize("name", TICKS)
def test_a_tick_where_nothing_is_due_does_nothing_twice(name: str) -> None:
    for _time in range(2):
        JOBS[name].run()


@pytest.mark.django_db
@pytest.mark.parametrize("name", HINTS)
def test_a_hint_about_what_is_gone_does_nothing(name: str) -> None:
    JOBS[name].run(**dict.fromkeys(OWN[name], 0), of_tomorrow=1)

    assert not Heartbeat.objects.exists()
