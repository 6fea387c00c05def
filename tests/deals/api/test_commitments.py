"""The API doors of commitments, imports, targets and the forecast."""

import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from deals.models import Commitment, ContractCommitment
from tests import make
from tests.deals import making
from tests.partners.usage.focus.test_contracts import ROW, written

pytestmark = pytest.mark.django_db


def seen_by(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sent(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


@pytest.fixture
def finance() -> User:
    return make.user(Role.FINANCE)


def exported(row: Commitment, **fields: Any) -> ContractCommitment:
    """Link a commitment of a billing export to ours."""
    values: dict[str, Any] = {
        "contract_id": "AGR-1",
        "contract_commitment_id": "CMT-1",
        "focus_version": "1.4",
        "category": "Spend",
        "starts_at": timezone.now(),
        "ends_at": timezone.now(),
        "cost": row.amount,
        "currency": row.currency,
        "row": {},
        "imported_at": timezone.now(),
        "commitment": row,
        "partner": row.partner,
    }
    return ContractCommitment.objects.create(**{**values, **fields})


NEW = {
    "code": "CM-1",
    "title": "Three years",
    "kind": "spend",
    "currency": "EUR",
    "amount": "3000000",
    "start_on": "2026-01-01",
    "end_on": "2029-01-01",
    "milestones": [
        {"due_on": "2027-01-01", "target": "500000"},
        {"due_on": "2029-01-01", "target": "3000000"},
    ],
    "counts": [{"dimension": "ai", "value": "ai"}],
}


class TestCommitments:
    def test_record_one_and_show_how_it_stands(self, finance: User) -> None:
        client = seen_by(finance)
        partner = make.partner()

        made = sent(client, "commitments/", NEW | {"partner_id": partner.pk})

        assert made.status_code == 201, made.content
        pk = made.json()["id"]
        said = client.get(f"/api/v1/commitment-standings/?commitment_id__in={pk}")
        (one,) = said.json()["standings"]
        assert one["amount"] == "3000000.000000000000000000"
        assert one["next_milestone_on"] == "2027-01-01"

    def test_refuse_terms_that_do_not_fit(self, finance: User) -> None:
        partner = make.partner()
        wrong = NEW | {"partner_id": partner.pk, "amount": "2000000"}

        answer = sent(seen_by(finance), "commitments/", wrong)

        assert (answer.status_code, answer.json()["code"]) == (400, "commitment.terms")

    def test_amend_and_list_the_ledger(self, finance: User) -> None:
        row = making.commitment(amount=1000, by=finance)
        client = seen_by(finance)

        answer = sent(
            client,
            f"commitments/{row.pk}/amendments/",
            {"amount": "1500", "reason": "More."},
        )

        assert answer.status_code == 201, answer.content
        kinds = [
            entry["kind"]
            for entry in client.get(f"/api/v1/commitments/{row.pk}/drawdowns/").json()[
                "results"
            ]
        ]
        assert kinds == ["opening", "amendment"]

    def test_are_hidden_from_outsiders(self) -> None:
        partner = make.partner(confidentiality="nda")
        row = making.commitment(partner)
        carla = seen_by(make.user(Role.ALLIANCE_MANAGER, team=make.team()))

        assert carla.get(f"/api/v1/commitments/{row.pk}/").status_code == 404
        assert carla.get(f"/api/v1/commitments/{row.pk}/drawdowns/").status_code == 404
        standing = f"/api/v1/commitment-standings/?commitment_id__in={row.pk}"
        assert carla.get(standing).json()["standings"] == []

    @pytest.mark.parametrize("role", [Role.MODEL_TEAM, Role.AUDITOR, Role.LEGAL])
    def test_are_not_written_by_readers(self, role: str) -> None:
        body = NEW | {"partner_id": make.partner().pk}

        assert sent(seen_by(make.user(role)), "commitments/", body).status_code == 403

    def test_ask_for_a_login(self) -> None:
        assert Client().get("/api/v1/commitments/").status_code == 401

    def test_cancel_needs_its_own_right(self, finance: User) -> None:
        row = making.commitment(by=finance)
        path = f"commitments/{row.pk}/cancel/"
        manager = make.user(Role.ALLIANCE_MANAGER)

        refused = sent(seen_by(manager), path, {"reason": "No."})
        done = sent(seen_by(finance), path, {"reason": "They left."})

        assert (refused.status_code, done.status_code) == (403, 200)
        assert Commitment.objects.get(pk=row.pk).status == "cancelled"


class TestContractFiles:
    def test_import_and_link(self, finance: User, tmp_path: Path) -> None:
        content = base64.b64encode(written(tmp_path, ROW).read_bytes()).decode()
        body = {"file_name": "c.csv", "content": content}
        client = seen_by(finance)

        first = sent(client, "contract-commitment-files/", body)
        again = sent(client, "contract-commitment-files/", body)

        assert (first.status_code, first.json()["new"]) == (201, 1)
        assert (again.json()["new"], again.json()["same"]) == (0, 1)
        row = making.commitment(by=finance)
        one = ContractCommitment.objects.get()
        linked = client.patch(
            f"/api/v1/contract-commitments/{one.pk}/",
            json.dumps({"commitment_id": row.pk}),
            content_type="application/json",
            headers={"If-Match": '"1"'},
        )
        assert linked.status_code == 200, linked.content
        assert linked.json()["partner_id"] == row.partner_id

    def test_name_line_and_column(self, finance: User, tmp_path: Path) -> None:
        path = written(tmp_path, ROW | {"ContractCommitmentCost": "much"})
        content = base64.b64encode(path.read_bytes()).decode()
        body = {"file_name": "c.csv", "content": content}

        answer = sent(seen_by(finance), "contract-commitment-files/", body)

        assert answer.status_code == 400
        assert "line 2, column ContractCommitmentCost" in answer.json()["detail"]


class TestForecast:
    def test_of_this_quarter_by_region(self, finance: User) -> None:
        making.deal(
            "Committed",
            500,
            partner=make.partner(country="DE"),
            currency=finance.currency,
            target_close_on=timezone.now().date(),
        )

        answer = seen_by(finance).get("/api/v1/forecast/?by=region")

        found = answer.json()
        assert found["total"]["commit"]["amount"] == "500.00"
        assert [line["key"] for line in found["lines"]] == ["DE"]

    def test_refuses_another_division(self, finance: User) -> None:
        assert seen_by(finance).get("/api/v1/forecast/?by=moon").status_code == 400


class TestTargets:
    def test_are_set_and_taken_away(self, finance: User) -> None:
        client = seen_by(finance)
        body = {
            "metric": "won",
            "region": "DE",
            "start_on": "2026-10-01",
            "end_on": "2027-01-01",
            "amount": "1000",
            "currency": "EUR",
        }

        made = sent(client, "targets/", body)
        twice = sent(client, "targets/", body)
        gone = client.delete(
            f"/api/v1/targets/{made.json()['id']}/", headers={"If-Match": "*"}
        )

        assert (made.status_code, twice.status_code) == (201, 400)
        assert twice.json()["code"] == "target.twice"
        assert gone.status_code == 204


class TestLedgers:
    def test_tell_the_milestones_with_their_state(self, finance: User) -> None:
        client = seen_by(finance)
        made = sent(client, "commitments/", {**NEW, "partner_id": make.partner().pk})

        answer = client.get(f"/api/v1/commitments/{made.json()['id']}/milestones/")

        assert answer.json()["measure"] == "EUR"
        assert [
            (one["due_on"], one["state"]) for one in answer.json()["milestones"]
        ] == [("2027-01-01", "ahead"), ("2029-01-01", "ahead")]

    def test_have_no_milestones_once_cancelled(self, finance: User) -> None:
        row = making.commitment(by=finance)
        Commitment.objects.filter(pk=row.pk).update(
            status="cancelled", ended_reason="So."
        )

        answer = seen_by(finance).get(f"/api/v1/commitments/{row.pk}/milestones/")

        assert answer.json()["milestones"] == []

    def test_are_held_against_the_linked_export(self, finance: User) -> None:
        row = making.commitment(by=finance, amount=1000)
        exported(row, cost=1200)

        answer = seen_by(finance).get(f"/api/v1/commitments/{row.pk}/reconciliation/")

        assert answer.json()["difference"] == "0"
        (term, *_dates) = answer.json()["terms"]
        assert (term["name"], Decimal(term["theirs"])) == ("amount", Decimal(1200))

    def test_are_404_without_a_link_and_out_of_sight(self, finance: User) -> None:
        row = making.commitment(by=finance)
        carla = make.user(Role.ALLIANCE_MANAGER, team=make.team())
        exported(making.commitment(make.partner(confidentiality="nda"), by=finance))
        hidden = Commitment.objects.latest("pk")

        assert (
            seen_by(finance)
            .get(f"/api/v1/commitments/{row.pk}/reconciliation/")
            .status_code
            == 404
        )
        for what in ("milestones", "reconciliation"):
            answer = seen_by(carla).get(f"/api/v1/commitments/{hidden.pk}/{what}/")
            assert answer.status_code == 404
