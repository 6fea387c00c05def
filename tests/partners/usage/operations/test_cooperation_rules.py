"""Rules that give a part of a partner's usage to a cooperation."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from crm.journal.models import Event
from partners.models import Cooperation
from partners.operations import merging
from partners.usage import operations, queries
from partners.usage.models import CloudAccount, CooperationUsage, UsageReroll
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

pytestmark = pytest.mark.django_db

AT = datetime(2025, 2, 1, tzinfo=UTC)
ALWAYS = DateRange(None, None)


@pytest.fixture
def pair() -> tuple[Cooperation, Cooperation]:
    """Make two cooperations of one partner."""
    partner = make.partner()
    return make.cooperation(partner), make.cooperation(partner)


def give(cooperation: Cooperation, **part: object) -> CooperationUsage:
    return operations.add_cooperation_rule(
        cooperation=cooperation,
        by=make.user(),
        at=AT,
        **part,  # type: ignore[arg-type]  # texts, days or an account
    )


class TestAddCooperationRule:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"model": "qwq"}, {"model": "wan"}),
            ({"service": "Studio", "model": "qwq"}, {"service": "Storage"}),
            ({"environment": "production"}, {"environment": "unknown"}),
            ({"tag_bucket": "project=a"}, {"tag_bucket": "project=b"}),
            ({"until": date(2025, 3, 1)}, {"since": date(2025, 3, 1)}),
        ],
    )
    def test_lets_two_rules_stand_that_share_no_row(
        self,
        pair: tuple[Cooperation, Cooperation],
        one: dict[str, object],
        other: dict[str, object],
    ) -> None:
        give(pair[0], **one)
        give(pair[1], **other)

        assert CooperationUsage.objects.count() == 2

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"model": "qwq"}, {}),
            ({"model": "qwq"}, {"model": "qwq"}),
            ({"model": "qwq"}, {"service": "Studio"}),
            ({"tag_bucket": "project=a"}, {"environment": "production"}),
            ({"until": date(2025, 3, 1)}, {"since": date(2025, 2, 28)}),
            ({"tag_bucket": "project=a"}, {"tag_bucket": "team=b"}),
        ],
    )
    def test_refuses_two_rules_that_could_take_one_row(
        self,
        pair: tuple[Cooperation, Cooperation],
        one: dict[str, object],
        other: dict[str, object],
    ) -> None:
        give(pair[0], **one)

        with pytest.raises(operations.CooperationUsageRefusedError, match=pair[0].code):
            give(pair[1], **other)

    def test_refuses_another_partner_s_account(
        self, pair: tuple[Cooperation, Cooperation]
    ) -> None:
        foreign = make.cloud_account(make.partner(), name="Foreign")

        with pytest.raises(operations.CooperationUsageRefusedError, match="Foreign"):
            give(pair[0], account=foreign)

    @pytest.mark.parametrize(
        "part",
        [
            {"environment": "staging"},
            {"tag_bucket": "project"},
            {"since": date(2025, 2, 1), "until": date(2025, 2, 1)},
        ],
    )
    def test_refuses_what_could_take_nothing(
        self, pair: tuple[Cooperation, Cooperation], part: dict[str, object]
    ) -> None:
        with pytest.raises(operations.CooperationUsageRefusedError):
            give(pair[0], **part)

    def test_is_written_down(self, pair: tuple[Cooperation, Cooperation]) -> None:
        give(pair[0], model="qwq", since=date(2025, 1, 1))

        event = Event.objects.get(kind="usage.cooperation-rule-added")
        assert event.partner_id == pair[0].partner_id
        assert event.new == {"model": "qwq", "since": "2025-01-01"}


class TestTags:
    @pytest.fixture
    def cooperation(self, load: Loader, tmp_path: Path) -> Cooperation:
        """Load ten days of one account, tagged by project and by team."""
        load(
            exports.write(
                tmp_path / "usage.csv",
                [
                    exports.day(
                        number, Tags=f'{{"app": "x", "project": "p{number % 2}"}}'
                    )
                    for number in range(1, 11)
                ],
            )
        )
        made = make.cooperation()
        operations.assign_account(
            account=CloudAccount.objects.get(),
            partner=made.partner,
            since=None,
            by=make.user(),
            at=AT,
        )
        return made

    def test_that_no_rule_named_before_are_rolled_up_anew(
        self, cooperation: Cooperation
    ) -> None:
        give(cooperation, tag_bucket="project=p1")

        reroll = UsageReroll.objects.get()
        operations.run_reroll(reroll=reroll, owner="test", at=AT)

        assert days_of(cooperation) == 5

    def test_that_a_rule_names_go_before_others(self, cooperation: Cooperation) -> None:
        other = make.partner()
        operations.assign_account(
            account=CloudAccount.objects.get(),
            partner=other,
            since=None,
            by=make.user(),
            at=AT,
            tag=("app", "y"),
        )
        give(cooperation, tag_bucket="project=p0")
        source = CloudAccount.objects.get().source

        assert len(list(operations.reroll_source(source=source, at=AT))) == 1
        assert days_of(cooperation) == 5

    def test_other_than_the_partner_s_own_are_refused(
        self, cooperation: Cooperation
    ) -> None:
        operations.assign_account(
            account=CloudAccount.objects.get(),
            partner=cooperation.partner,
            since=None,
            by=make.user(),
            at=AT,
            tag=("app", "x"),
        )

        with pytest.raises(operations.CooperationUsageRefusedError, match="app"):
            give(cooperation, tag_bucket="project=p0")


def days_of(cooperation: Cooperation) -> int:
    found = queries.cooperation_figures([cooperation.pk], until=date(2025, 1, 29))
    return found[cooperation.pk].active_days


class TestEndCooperationRule:
    def test_keeps_what_was_taken_before(
        self, pair: tuple[Cooperation, Cooperation]
    ) -> None:
        rule = give(pair[0], since=date(2025, 1, 1))

        operations.end_cooperation_rule(
            rule=rule, on=date(2025, 2, 1), by=make.user(), at=AT
        )

        rule.refresh_from_db()
        assert rule.during == DateRange(date(2025, 1, 1), date(2025, 2, 1))
        assert Event.objects.filter(kind="usage.cooperation-rule-ended").exists()

    @pytest.mark.parametrize("on", [date(2025, 1, 1), date(2025, 3, 2)])
    def test_refuses_a_day_outside(
        self, pair: tuple[Cooperation, Cooperation], on: date
    ) -> None:
        rule = give(pair[0], since=date(2025, 1, 1), until=date(2025, 3, 1))

        with pytest.raises(operations.CooperationUsageRefusedError):
            operations.end_cooperation_rule(rule=rule, on=on, by=make.user(), at=AT)


class TestRemoveCooperationRule:
    def test_is_written_down(self, pair: tuple[Cooperation, Cooperation]) -> None:
        rule = give(pair[0], service="Studio")

        operations.remove_cooperation_rule(rule=rule, by=make.user(), at=AT)

        assert not CooperationUsage.objects.exists()
        event = Event.objects.get(kind="usage.cooperation-rule-removed")
        assert event.old == {"service": "Studio"}


class TestTheDatabase:
    def test_lets_rules_share_no_row(
        self, pair: tuple[Cooperation, Cooperation]
    ) -> None:
        self.row(pair[0], model="qwq", tag_bucket="project=a")
        self.row(pair[1], model="wan", tag_bucket="project=a")

        assert CooperationUsage.objects.count() == 2

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"model": "qwq"}, {"service": "Studio"}),
            ({"tag_bucket": "project=a"}, {"model": "qwq", "tag_bucket": "team=b"}),
        ],
    )
    def test_refuses_rules_that_could_take_one_row(
        self,
        pair: tuple[Cooperation, Cooperation],
        one: dict[str, str],
        other: dict[str, str],
    ) -> None:
        self.row(pair[0], **one)

        with pytest.raises(IntegrityError), transaction.atomic():
            self.row(pair[1], **other)

    @pytest.mark.parametrize(
        "part",
        [
            {"environment": "staging"},
            {"tag_bucket": "project"},
            {"during": DateRange(empty=True)},
        ],
    )
    def test_refuses_words_without_sense(
        self, pair: tuple[Cooperation, Cooperation], part: dict[str, object]
    ) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            self.row(pair[0], **part)

    def test_refuses_a_partner_that_is_not_the_cooperation_s(
        self, pair: tuple[Cooperation, Cooperation]
    ) -> None:
        self.row(pair[0], partner=make.partner())

        with pytest.raises(IntegrityError), transaction.atomic():
            connection.check_constraints()

        CooperationUsage.objects.all().delete()

    def row(self, cooperation: Cooperation, **fields: object) -> CooperationUsage:
        values = {"partner": cooperation.partner, "during": ALWAYS, **fields}
        return CooperationUsage.objects.create(cooperation=cooperation, **values)


class TestMergingPartners:
    def test_is_refused_while_rules_would_clash(
        self, pair: tuple[Cooperation, Cooperation]
    ) -> None:
        other = make.cooperation()
        give(pair[0], model="qwq")
        give(other, service="Studio")

        preview = merging.preview_merge(loser=other.partner, winner=pair[0].partner)

        assert pair[0].code in preview.hindrances[0]

    def test_takes_the_rules_along(self, pair: tuple[Cooperation, Cooperation]) -> None:
        other = make.cooperation()
        give(pair[0], model="qwq")
        rule = give(other, model="wan")

        merging.merge_partners(
            loser=other.partner, winner=pair[0].partner, by=make.user(), at=AT
        )

        connection.check_constraints()
        rule.refresh_from_db()
        assert rule.partner_id == pair[0].partner_id
