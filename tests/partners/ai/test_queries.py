"""Figures of models by hand-computed cases, visibility, and what each page costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.ai import queries
from partners.ai.models import BaseModel, DerivedModel
from partners.ai.models.pointing import AnyModel
from partners.models import Partner
from tests import make
from tests.make import EARLY
from tests.partners.ai import makers

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 6, 1)
DELIVERED = EARLY.replace(month=7)


def day(back: int) -> date:
    return UNTIL - timedelta(days=back)


def whole(*figures: Decimal) -> tuple[int, ...]:
    return tuple(int(figure) for figure in figures)


def use(
    partner: Partner, back: int, model: str, tokens: int, cost: int = 1, **fields: str
) -> None:
    account = make.cloud_account(partner)
    make.usage(
        account, day(back), cost, model=model, tokens=tokens,
        delivered_at=DELIVERED, **fields,
    )  # fmt: skip


def used_by(
    model: AnyModel, partner: Partner, until: date = UNTIL
) -> list[queries.PartnerUse]:
    partners = Partner.objects.filter(pk=partner.pk)
    return queries.use_of(model, partners=partners, until=until)[0]


class TestUseByPartner:
    def test_adds_up_per_partner_and_compares_complete_days(self) -> None:
        model, partner = makers.base_model(), make.partner("Anton")
        makers.alias("some-max", model)
        account = make.cloud_account(partner)
        for back, tokens in ((1, 600), (28, 300), (29, 200), (56, 400), (57, 999)):
            make.usage(
                account, day(back), 2, model="Some-MAX", tokens=tokens,
                delivered_at=DELIVERED,
            )  # fmt: skip
        make.usage(
            account, day(1), 3, model="some-max", tokens=50, direction="output",
            delivered_at=DELIVERED, currency="EUR",
        )  # fmt: skip

        [used] = used_by(model, partner)

        assert used.partner == "Anton"
        assert whole(used.tokens_in, used.tokens_out) == (900, 50)
        assert whole(used.growth.now, used.growth.before) == (950, 600)
        assert {one.currency: int(one.amount) for one in used.spent} == {
            "EUR": 3, "USD": 4,
        }  # fmt: skip

    def test_growth_waits_for_late_days(self) -> None:
        model, partner = makers.base_model(), make.partner()
        makers.alias("m", model)
        account = make.cloud_account(partner)
        for back in (60, 40, 30, 12, 2):
            make.usage(
                account, day(back), model="m", tokens=100, delivered_at=DELIVERED
            )

        [used] = used_by(model, partner, until=UNTIL + timedelta(days=10))

        assert used.compared_days == 28 - 11
        assert whole(used.growth.now, used.growth.before) == (200, 200)

    def test_only_partners_asked_for_count(self) -> None:
        model, seen, hidden = makers.base_model(), make.partner(), make.partner()
        makers.alias("m", model)
        use(seen, 1, "m", 10)
        use(hidden, 1, "m", 20)

        found = used_by(model, seen)

        assert [(used.partner_id, int(used.tokens)) for used in found] == [
            (seen.pk, 10)
        ]

    def test_an_alias_holds_on_its_days(self) -> None:
        old, new, partner = makers.base_model(), makers.base_model(), make.partner()
        makers.alias("m", old, until=day(5))
        makers.alias("m", new, since=day(5))
        use(partner, 6, "m", 10)
        use(partner, 5, "m", 7)

        used = {model: used_by(model, partner)[0].tokens for model in (old, new)}

        assert {old: 10, new: 7} == used

    def test_a_sku_goes_before_the_model_identity(self) -> None:
        base, partner = makers.base_model(), make.partner()
        derived = makers.derived_model(partner, base)
        account = make.cloud_account(partner)
        row = make.usage(account, day(1), model="m", tokens=10, delivered_at=DELIVERED)
        type(row.meter).objects.filter(pk=row.meter_id).update(sku="EP-Cockpit")
        makers.alias("m", base)
        makers.alias("ep-cockpit", derived, kind="sku")

        def tokens(model: BaseModel | DerivedModel) -> list[int]:
            found = used_by(model, partner)
            return [int(used.tokens) for used in found]

        assert (tokens(base), tokens(derived)) == ([], [10])

    def test_weeks_are_whole_and_quiet_ones_are_there(self) -> None:
        model, partner = makers.base_model(), make.partner()
        makers.alias("m", model)
        for back, tokens in ((1, 1), (7, 2), (8, 4), (22, 8), (29, 99)):
            use(partner, back, "m", tokens)

        partners = Partner.objects.filter(pk=partner.pk)
        _uses, weeks = queries.use_of(model, partners=partners, until=UNTIL, weeks=4)

        assert [int(week.tokens_in) for week in weeks] == [8, 0, 4, 3]
        assert weeks[-1].begins_on == day(7)


class TestDerivedShare:
    def test_is_derived_tokens_by_all_tokens(self) -> None:
        partner, other = make.partner(), make.partner()
        makers.alias("own", makers.derived_model(partner))
        makers.alias("base", makers.base_model())
        for model, tokens in (("own", 30), ("base", 50), ("unknown", 20)):
            use(partner, 1, model, tokens)
        use(partner, 29, "own", 500)

        shares = queries.derived_shares([partner.pk, other.pk], until=UNTIL)

        assert list(shares) == [partner.pk]
        share = shares[partner.pk]
        assert whole(share.tokens, share.derived, share.unmapped) == (100, 30, 20)
        assert share.ratio == Decimal("0.3")

    def test_is_told_in_words(self) -> None:
        partner = make.partner()
        makers.alias("own", makers.derived_model(partner))

        def words() -> str:
            return queries.share_in_words(partner.pk, until=UNTIL)

        assert words() == "No tokens in 28 days."
        use(partner, 1, "own", 3_000)
        assert words() == "100.0 % of 3,000 tokens in 28 days"
        use(partner, 2, "unknown", 1_000)
        assert words() == (
            "75.0 % of 4,000 tokens in 28 days; 1,000 tokens have no model yet"
        )


class TestUnmapped:
    def test_is_a_work_list_by_money_with_suggestions(self) -> None:
        partner, model = make.partner(), makers.base_model("Zeta-Max")
        makers.alias("mapped", model)
        for text, cost in (("zeta-max-2026-01-01", 5), ("strange", 9), ("mapped", 99)):
            use(partner, 1, text, 10, cost)

        found = queries.unmapped_usage(partner_ids=[partner.pk], until=UNTIL)

        assert [(one.text, int(one.spend)) for one in found] == [
            ("strange", 9), ("zeta-max-2026-01-01", 5),
        ]  # fmt: skip
        assert found[1].suggestions == (model.pk,)

    def test_is_empty_for_partners_not_seen_and_for_hours_of_machines(self) -> None:
        partner = make.partner()
        use(partner, 1, "strange", 10)
        make.usage(make.cloud_account(partner), day(1), 7, delivered_at=DELIVERED)

        assert queries.unmapped_usage(partner_ids=[], until=UNTIL) == []
        found = queries.unmapped_usage(partner_ids=[partner.pk], until=UNTIL)
        assert [one.text for one in found] == ["strange"]


class TestCoverage:
    def test_shows_live_planned_and_empty_grounds(self, anna: User) -> None:
        kind, other = makers.scenario_kind(), makers.scenario_kind()
        make.partner(industry="retail")
        for status in ("planned", "live"):
            makers.scenario(kind=kind, status=status, industry="automotive")
        makers.scenario(kind=other, industry="automotive")

        found = queries.coverage(user=anna)

        states = {(cell.industry, cell.kind_id): cell.state for cell in found.cells()}
        assert states["automotive", kind.pk] == "live"
        assert states["automotive", other.pk] == "planned"
        assert states["retail", kind.pk] == "empty"
        assert {row.industry for row in found.rows} == {"automotive", "retail"}
        assert len(queries.coverage(user=anna, all_industries=True).rows) == 28

    def test_leaves_out_what_the_reader_may_not_see(self, anna: User) -> None:
        secret = make.partner(confidentiality="restricted", industry="mining")
        makers.scenario(make.cooperation(secret), industry="mining")

        assert [row.industry for row in queries.coverage(user=anna).rows] == []

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_four_queries(
        self,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _number in range(rows):
            makers.scenario()

        with django_assert_num_queries(4):  # one of them finds out who asks
            queries.coverage(user=anna)


class TestModelPage:
    def test_shows_what_descends_and_what_waits(self, anna: User) -> None:
        base, partner = makers.base_model(), make.partner()
        child = makers.derived_model(partner, base)
        grandchild = makers.derived_model(partner, child)
        scenario = makers.scenario(make.cooperation(partner))
        scenario.models.create(base=base)
        waits = makers.feedback(scenario, base, priority=4)
        makers.feedback(scenario, base, state="declined", reason="No")

        page = queries.model_page(base, user=anna, until=UNTIL)

        found = {model.pk: vars(model)["is_direct"] for model in page.derivatives}
        assert found == {child.pk: True, grandchild.pk: False}
        assert (page.feedback, page.scenarios) == ([waits], [scenario])

    def test_shows_nothing_of_partners_out_of_sight(self, anna: User) -> None:
        base = makers.base_model()
        secret = make.partner(confidentiality="restricted")
        makers.derived_model(secret, base)
        makers.feedback(makers.scenario(make.cooperation(secret)), base)
        makers.alias("m", base)
        use(secret, 1, "m", 10)

        page = queries.model_page(base, user=anna, until=UNTIL)

        assert (page.derivatives, page.feedback, page.partners) == ([], [], [])
        director = make.user(Role.ALLIANCE_DIRECTOR)
        seen = queries.model_page(base, user=director, until=UNTIL)
        assert [len(seen.derivatives), len(seen.feedback)] == [1, 1]
        assert [int(used.tokens) for used in seen.partners] == [10]

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_five_queries(
        self,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        base = makers.base_model()
        makers.alias("m", base)
        for _number in range(rows):
            partner = make.partner()
            scenario = makers.scenario(make.cooperation(partner))
            scenario.models.create(base=base)
            makers.derived_model(partner, base, owner=anna)
            makers.feedback(scenario, base)
            use(partner, 1, "m", 10)

        with django_assert_num_queries(5):  # one of them finds out who asks
            page = queries.model_page(base, user=anna, until=UNTIL)
            for feedback in page.feedback:
                assert feedback.scenario.cooperation.partner.display_name
            for scenario in page.scenarios:
                assert scenario.cooperation.partner.display_name
            for model in page.derivatives:
                assert model.partner.display_name
                assert model.owner
        assert len(page.partners) == rows
