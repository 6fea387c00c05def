"""What is known about a cooperation where little is known."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.watch.facts import Usage
from crm.watch.queries.facts import facts_of
from partners.models import Poc
from tests import make

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)
EARLIER = NIGHT - timedelta(days=20)


class TestFacts:
    def test_usage_that_never_arrived_is_not_fresh(self) -> None:
        cooperation = make.cooperation()
        make.cloud_account(cooperation.partner)

        (found,) = facts_of([cooperation.pk], at=NIGHT)

        assert found.usage == Usage(is_fresh=False)

    def test_usage_that_may_be_of_either_is_of_neither(self) -> None:
        account = make.cloud_account(make.partner())
        partner = account.ownerships.get().partner
        pks = [make.cooperation(partner).pk for _ in range(2)]
        make.usage(account, EARLIER.date(), 100, delivered_at=NIGHT)

        assert [each.usage for each in facts_of(pks, at=NIGHT)] == [None, None]

    def test_a_proof_without_measures_says_nothing_of_success(self) -> None:
        cooperation = make.cooperation()
        proof = Poc.objects.create(
            cooperation=cooperation,
            title="Bare",
            planned_start_on=EARLIER.date(),
            planned_end_on=NIGHT.date(),
        )

        (found,) = facts_of([cooperation.pk], at=NIGHT)

        assert [each.poc_id for each in found.proofs] == [proof.pk]
        assert found.proven_share is None
