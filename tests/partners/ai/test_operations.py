"""Operations on catalogue, aliases, derived models: effect, journal, refusal."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.accounts import operations as accounts
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from crm.journal.models import Event
from partners.ai import operations
from partners.ai.models import (
    BaseModel,
    DerivativeCount,
    DerivedModel,
    ModelAlias,
    ModelFamily,
    ScenarioKind,
)
from partners.operations import merging
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
DAY = EARLY.date()
LATER = EARLY + timedelta(days=30)


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def refused(code: str, call: Any, **arguments: Any) -> None:
    with pytest.raises(DomainError) as caught:
        call(**arguments)
    assert caught.value.code == code


class TestCatalogue:
    def test_a_new_model_is_found_by_its_own_name(self, mo: User) -> None:
        family = operations.register_family(
            values={"name": "Tongyi-X", "developer": "Us"}, by=mo, at=EARLY
        )

        model = operations.register_base_model(
            values={"family": family, "name": "Tongyi-X-1"}, by=mo, at=EARLY
        )

        assert model.aliases.get().text == "tongyi-x-1"
        assert kinds() == ["model-family.registered", "base-model.registered"]

    def test_a_taken_name_is_refused_in_words(self, mo: User) -> None:
        model = makers.base_model("Made-1")

        refused(
            "catalogue.basemodel-name-once", operations.register_base_model,
            values={"family": model.family, "name": "made-1"}, by=mo, at=EARLY,
        )  # fmt: skip
        refused(
            "catalogue.modelfamily-name-once", operations.edit_family,
            family=makers.base_model(family="Other").family, values={"name": "MADE"},
            by=mo, at=EARLY,
        )  # fmt: skip
        assert BaseModel.objects.filter(name__iexact="made-1").count() == 1

    def test_changes_are_journalled_and_count_a_version(self, mo: User) -> None:
        model = makers.base_model(generation="1")

        changed = operations.edit_base_model(
            model=model, values={"is_open": True}, by=mo, at=EARLY, expected_version=1
        )
        operations.edit_base_model(
            model=model, values={"is_open": True}, by=mo, at=EARLY
        )

        operations.edit_family(
            family=model.family, values={"developer": "Us"}, by=mo, at=EARLY
        )
        assert (changed.is_open, changed.version) == (True, 2)
        assert kinds() == ["base-model.edited", "model-family.edited"]

    def test_a_text_that_means_something_already_keeps_its_meaning(
        self, mo: User
    ) -> None:
        older = makers.base_model("Older")
        kept = makers.alias("made-9", older)

        model = operations.register_base_model(
            values={"family": older.family, "name": "Made-9"}, by=mo, at=EARLY
        )

        assert not model.aliases.exists()
        assert ModelAlias.objects.get(text="made-9").base == kept.base

    def test_what_no_words_foresee_is_not_hidden(self, mo: User) -> None:
        model = makers.base_model()

        with pytest.raises(IntegrityError), transaction.atomic():
            operations.edit_base_model(
                model=model, values={"family": ModelFamily(pk=2**40)}, by=mo, at=EARLY
            )

    def test_kinds_of_scenarios_are_data(self, mo: User) -> None:
        kind = operations.register_kind(
            values={"code": "driving", "name": "Driving"}, by=mo, at=EARLY
        )
        operations.edit_kind(kind=kind, values={"is_active": False}, by=mo, at=EARLY)

        assert not ScenarioKind.objects.get(code="driving").is_active
        refused(
            "catalogue.ai-scenariokind-code-key", operations.register_kind,
            values={"code": "driving", "name": "Other"}, by=mo, at=EARLY,
        )  # fmt: skip

    def test_counts_are_snapshots_with_a_source(self, mo: User) -> None:
        family = makers.base_model().family
        values = {"counted_on": DAY, "count": 180_000, "source": "A hub"}

        count = operations.record_count(family=family, values=values, by=mo, at=EARLY)

        refused(
            "catalogue.future", operations.record_count, family=family,
            values={**values, "counted_on": DAY + timedelta(days=1)}, by=mo, at=EARLY,
        )  # fmt: skip
        operations.withdraw_count(count=count, by=mo, at=EARLY)
        assert not DerivativeCount.objects.filter(family=family).exists()
        assert kinds() == ["derivative-count.recorded", "derivative-count.withdrawn"]


class TestMapText:
    def test_means_a_model_always_or_from_a_day_on(self, mo: User) -> None:
        old, new = makers.base_model(), makers.base_model()
        since = date(2026, 2, 1)

        operations.map_text(kind="model", text=" Some-MAX", model=old, by=mo, at=EARLY)
        operations.map_text(
            kind="model", text="some-max", model=new, since=since, by=mo, at=EARLY
        )

        spans = [(a.base, a.during.lower, a.during.upper) for a in rows("some-max")]
        assert spans == [(old, None, since), (new, since, None)]

    def test_fits_between_what_holds_later(self, mo: User) -> None:
        old, new = makers.base_model(), makers.base_model()
        makers.alias("t", old, since=date(2026, 6, 1))

        operations.map_text(
            kind="model", text="t", model=new, since=DAY, by=mo, at=EARLY
        )

        assert [a.during.upper for a in rows("t")] == [date(2026, 6, 1), None]

    def test_replaces_from_its_first_day(self, mo: User) -> None:
        old, new = makers.base_model(), makers.derived_model()
        makers.alias("t", old, since=DAY)

        operations.map_text(
            kind="model", text="t", model=new, since=DAY, by=mo, at=EARLY
        )

        assert [a.derived for a in rows("t")] == [new]

    def test_refuses_what_is_unclear(self, mo: User) -> None:
        model = makers.base_model()
        makers.alias("t", model)
        same: dict[str, Any] = {
            "kind": "model",
            "text": "T",
            "model": model,
            "by": mo,
            "at": EARLY,
        }

        refused("alias.needs-day", operations.map_text, **same)
        refused("alias.same", operations.map_text, **same, since=DAY)
        refused("alias.needs-text", operations.map_text, **{**same, "text": "  "})
        refused("alias.needs-text", operations.map_text, **{**same, "kind": "x"})

    def test_ends_on_a_day_or_never_held(self, mo: User) -> None:
        model = makers.base_model()
        alias, other = makers.alias("t", model, since=DAY), makers.alias("u", model)

        ended = operations.end_alias(alias=alias, on=date(2026, 3, 1), by=mo, at=LATER)
        gone = operations.end_alias(alias=other, on=None, by=mo, at=LATER)

        assert ended is not None
        assert (ended.during.upper, gone) == (date(2026, 3, 1), None)
        assert not rows("u")
        refused(
            "alias.not-then", operations.end_alias,
            alias=alias, on=date(2026, 4, 1), by=mo, at=LATER,
        )  # fmt: skip


def rows(text: str) -> list[ModelAlias]:
    return list(ModelAlias.objects.filter(text=text).order_by("during"))


class TestDerivedModel:
    def register(self, mo: User, **values: Any) -> DerivedModel:
        return operations.register_derived(
            partner=values.pop("partner", None) or make.partner(),
            values={
                "name": "Cockpit",
                "model_id": "bmw/cockpit",
                "kind": "fine_tune",
                **values,
            },
            parents=[makers.base_model()],
            by=mo,
            at=EARLY,
        )

    def test_is_registered_in_training_with_its_parents(self, mo: User) -> None:
        model = self.register(mo)

        assert (model.lifecycle, model.registered_on) == ("training", DAY)
        assert model.parents.count() == 1
        assert kinds() == ["derived-model.registered", "derived-model.parent-added"]

    def test_is_refused_where_it_cannot_be(self, mo: User) -> None:
        self.register(mo)

        with pytest.raises(DomainError, match="this id"):
            self.register(mo, model_id="BMW/cockpit")
        with pytest.raises(DomainError, match="another partner"):
            self.register(mo, model_id="x", cooperation=make.cooperation())
        with pytest.raises(DomainError, match="archived"):
            self.register(mo, partner=make.partner(archived_at=EARLY), model_id="y")

    def test_is_edited_field_by_field(self, mo: User) -> None:
        model = self.register(mo)

        changed = operations.edit_derived(
            model=model, values={"name": "Cockpit two"}, by=mo, at=LATER
        )

        assert (changed.name, changed.version) == ("Cockpit two", 2)
        edited = Event.objects.get(kind="derived-model.edited")
        assert edited.partner_id == model.partner_id

    def test_goes_into_production_with_its_endpoint(self, mo: User) -> None:
        model = self.register(mo)
        for to in ("evaluated", "staging"):
            operations.move_derived(model=model, to=to, by=mo, at=LATER)
        move: dict[str, Any] = {
            "model": model,
            "to": "production",
            "by": mo,
            "at": LATER,
        }

        refused("derived-model.needs-endpoint", operations.move_derived, **move)
        live = operations.move_derived(**move, endpoint="ep-1")

        assert (live.lifecycle, live.endpoint) == ("production", "ep-1")
        assert live.production_on == LATER.date()
        refused(
            "derived-model.derivedmodel-production-has-endpoint",
            operations.edit_derived,
            model=live, values={"endpoint": ""}, by=mo, at=LATER,
        )  # fmt: skip

    def test_steps_are_known_explained_and_in_order(self, mo: User) -> None:
        model = self.register(mo)
        move: dict[str, Any] = {"model": model, "by": mo, "at": LATER}

        refused(
            "derived-model.no-such-step", operations.move_derived, to="staging", **move
        )
        refused("derived-model.no-such-step", operations.move_derived, to="x", **move)
        refused(
            "derived-model.needs-reason", operations.move_derived, to="retired", **move
        )
        refused(
            "derived-model.too-early", operations.move_derived,
            to="evaluated", on=date(2025, 1, 1), **move,
        )  # fmt: skip
        gone = operations.move_derived(to="retired", reason="Superseded", **move)
        assert gone.retired_on == LATER.date()
        moved = Event.objects.get(kind="derived-model.moved")
        assert moved.new["reason"] == "Superseded"
        assert moved.partner_id == model.partner_id

    def test_descends_from_several_but_never_from_itself(self, mo: User) -> None:
        one, two = makers.derived_model(), makers.derived_model()
        line = operations.add_parent(model=two, parent=one, by=mo, at=EARLY)

        refused(
            "derived-model.modelparent-acyclic", operations.add_parent,
            model=one, parent=two, by=mo, at=EARLY,
        )  # fmt: skip
        refused(
            "derived-model.modelparent-derived-once", operations.add_parent,
            model=two, parent=one, by=mo, at=EARLY,
        )  # fmt: skip
        operations.remove_parent(line=line, by=mo, at=EARLY)
        operations.add_parent(model=one, parent=two, by=mo, at=EARLY)
        assert one.parents.get().derived == two


class TestBelonging:
    def test_whoever_leaves_hands_over_what_is_alive(self, mo: User) -> None:
        scenario = makers.scenario(owner=mo)
        feedback = makers.feedback(scenario, owner=mo)
        makers.feedback(scenario, owner=mo, state="declined", reason="No")
        model = makers.derived_model(scenario.cooperation.partner, owner=mo)
        heir = make.user(Role.MODEL_TEAM)

        accounts.hand_over(from_=mo, to=heir, by=make.administrator(), at=LATER)

        for row in (scenario, feedback, model):
            row.refresh_from_db()
        assert {scenario.owner, feedback.owner, model.owner} == {heir}
        changed = Event.objects.filter(kind__endswith="owner-changed")
        partner = scenario.cooperation.partner_id
        assert set(changed.values_list("partner_id", flat=True)) == {partner}
        assert changed.count() == 3

    def test_a_merge_moves_models_and_what_hangs_on_cooperations(
        self, mo: User
    ) -> None:
        cooperation = make.cooperation()
        model = makers.derived_model(cooperation.partner, cooperation=cooperation)
        winner, by = make.partner(), make.user(Role.ALLIANCE_DIRECTOR)

        merging.merge_partners(
            loser=cooperation.partner, winner=winner, by=by, at=LATER
        )
        model.refresh_from_db()
        assert model.partner == winner

        merging.split_partner(loser=cooperation.partner, by=by, at=LATER)
        model.refresh_from_db()
        assert model.partner == cooperation.partner
