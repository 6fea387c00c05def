"""What people do for a partnership, by REST: written, decided, uploaded, refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from partners import operations
from partners.models import (
    Attachment,
    Cooperation,
    ImportBatch,
    Partner,
    Proposal,
    StageTransitionRule,
)
from partners.operations import Suggestion, import_jobs, imports
from partners.operations.search import rebuild_search
from partners.tasks import run_import
from tests import make
from tests.crm.web.api.conftest import Caller, caller

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"
TODAY = timezone.now().date()


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna", team=make.team())


@pytest.fixture
def api(anna: User) -> Caller:
    return caller(anna)


@pytest.fixture
def cooperation(anna: User) -> Cooperation:
    partner = make.partner("BMW Group", owner=anna, team=anna.team, country="DE")
    return make.cooperation(partner, owner=anna)


@pytest.fixture
def secret() -> Cooperation:
    return make.cooperation(make.partner("Secret", confidentiality="restricted"))


def made(api: Caller, address: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.send("POST", V1 + address, body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


class TestWorkOfPeople:
    def test_is_logged_planned_and_closed(
        self, api: Caller, cooperation: Cooperation, anna: User
    ) -> None:
        place = {
            "partner_id": cooperation.partner_id,
            "cooperation_id": cooperation.pk,
        }
        made(
            api,
            "activities/",
            {**place, "kind": "call", "summary": "Talk", "people": [anna.pk]},
        )
        item = made(
            api,
            "action-items/",
            {**place, "title": "Send it", "side": "ours", "due_on": str(TODAY)},
        )
        risk = made(api, "risks/", {**place, "title": "Budget", "severity": "high"})

        done = api.send("POST", f"{V1}action-items/{item['id']}/complete/", {})
        closed = api.send(
            "POST", f"{V1}risks/{risk['id']}/close/", {"reason": "Approved"}
        )

        assert item["owner_id"] == anna.pk
        assert (done.json()["status"], closed.json()["status"]) == ("done", "closed")
        assert cooperation.activities.get().people.get() == anna

    @pytest.mark.parametrize("kind", ["activities", "action-items", "risks"])
    def test_of_others_is_out_of_sight(
        self, api: Caller, secret: Cooperation, kind: str
    ) -> None:
        assert api.get(f"{V1}{kind}/").json()["results"] == []
        refused = api.send(
            "POST", f"{V1}{kind}/", {"partner_id": secret.partner_id, **LEAST[kind]}
        )
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == "#/partner_id"


LEAST: dict[str, dict[str, Any]] = {
    "activities": {"kind": "call", "summary": "Talk"},
    "action-items": {"title": "Send", "side": "theirs", "due_on": str(TODAY)},
    "risks": {"title": "Budget"},
}


class TestPocs:
    def test_run_from_plan_to_decision(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        poc = made(
            api,
            "pocs/",
            {
                "cooperation_id": cooperation.pk,
                "title": "Proof",
                "planned_start_on": str(TODAY),
                "planned_end_on": str(TODAY + timedelta(days=30)),
                "metrics": [{"name": "Answered", "target": "80", "unit": "%"}],
            },
        )
        address = f"{V1}pocs/{poc['id']}/"
        metric = api.get(f"{address}metrics/").json()["results"][0]
        verdict = {"decision": "go", "reason": "Target passed"}

        api.send("POST", f"{address}start/", {})
        unmeasured = api.send("POST", f"{address}decide/", verdict)
        api.send(
            "POST",
            f"{address}metrics/{metric['id']}/measure/",
            {"measured": "84", "on": str(TODAY)},
        )
        decided = api.send("POST", f"{address}decide/", verdict)

        assert unmeasured.status_code == 409
        assert unmeasured.json()["missing"] == ["Answered"]
        assert decided.json()["status"] == "go"


class TestProposals:
    @pytest.fixture
    def proposal(self, cooperation: Cooperation) -> Proposal:
        found = operations.propose_move(
            cooperation=cooperation,
            suggestion=Suggestion("gate_met", "qualified", "All is there."),
            at=timezone.now(),
        )
        assert found is not None
        return found

    def test_stay_open_with_what_is_missing(
        self, api: Caller, proposal: Proposal
    ) -> None:
        answer = api.send(
            "POST", f"{V1}proposals/{proposal.pk}/accept/", {"reason": "Yes"}
        )

        assert answer.status_code == 409
        assert answer.json()["missing"]
        assert proposal.cooperation.gate_checks.exists()
        proposal.refresh_from_db()
        assert proposal.state == "open"

    def test_are_dismissed_with_a_reason(self, api: Caller, proposal: Proposal) -> None:
        address = f"{V1}proposals/{proposal.pk}/dismiss/"

        assert api.send("POST", address, {}).status_code == 400
        assert api.send("POST", address, {"reason": "No"}).json()["state"] == (
            "dismissed"
        )


class TestDocuments:
    def test_are_typed_by_content_and_served_as_downloads(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        shown = upload(
            api,
            f"attachments/?file_name=plan.html&cooperation_id={cooperation.pk}",
            b"%PDF-1.7 a plan",
        ).json()

        content = api.get(f"{V1}attachments/{shown['id']}/content/")

        assert shown["content_type"] == "application/pdf"
        assert b"".join(content) == b"%PDF-1.7 a plan"
        assert content.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in content.headers["Content-Security-Policy"]
        Attachment.objects.get().content.delete(save=False)

    def test_of_no_known_type_are_refused(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        answer = upload(
            api,
            f"attachments/?partner_id={cooperation.partner_id}&file_name=a.txt",
            b"<html><script>",
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "attachment.type")

    def test_of_others_look_absent(
        self, api: Caller, secret: Cooperation, anna: User
    ) -> None:
        theirs = operations.attach_document(
            partner=secret.partner,
            document=operations.Document("a.txt", b"numbers"),
            by=anna,
            at=timezone.now(),
        )
        got = api.get(f"{V1}attachments/{theirs.pk}/content/")
        sent = upload(api, f"attachments/?partner_id={secret.partner_id}", b"text")

        assert (got.status_code, sent.status_code) == (404, 400)
        theirs.content.delete(save=False)


SHEET = b"Name,Website,Country\nNova Motors,nova.example,DE\nBroken,,Atlantis\n"


def upload(api: Caller, address: str, content: bytes) -> Any:
    return api.generic(
        "POST", V1 + address, content, content_type="application/octet-stream"
    )


class TestImports:
    def test_show_then_do_then_undo(self, api: Caller) -> None:
        shown = upload(api, "partner-imports/?file_name=new.csv", SHEET).json()
        address = f"{V1}partner-imports/{shown['id']}/"
        before = Partner.objects.count()
        rows = api.get(f"{address}rows/?outcome=refused").json()["results"]
        faults = api.get(f"{address}faults.csv").content.decode("utf-8-sig")

        committed = api.send("POST", f"{address}commit/", {})
        there = Partner.objects.filter(display_name="Nova Motors").exists()
        undone = api.send("POST", f"{address}undo/", {})

        assert before == 0
        assert (shown["counts"]["create"], shown["counts"]["refused"]) == (1, 1)
        assert rows[0]["line"] == 3
        assert rows[0]["problems"][0]["heading"] == "Country"
        assert "Broken" in faults
        assert there
        assert (committed.json()["status"], undone.json()["status"]) == (
            "committed",
            "undone",
        )
        assert not Partner.objects.exists()

    def test_columns_are_mapped_by_hand(self, api: Caller) -> None:
        sheet = b"Firma,Land\nNova,DE\n"  # no heading that is understood
        shown = upload(api, "partner-imports/?target=partners", sheet).json()

        mapped = api.send(
            "POST",
            f"{V1}partner-imports/{shown['id']}/columns/",
            {"columns": {"0": "display_name", "1": "country"}},
        )

        assert shown["columns"] == {}
        assert mapped.status_code == 200, mapped.text
        assert set(mapped.json()["columns"]) == {"0", "1"}
        api.send("POST", f"{V1}partner-imports/{shown['id']}/commit/", {})
        assert Partner.objects.get().display_name == "Nova"

    def test_of_long_sheets_are_done_by_a_worker(self, api: Caller) -> None:
        rows = "".join(f"Long {n}\n" for n in range(import_jobs.MOST_AT_ONCE + 1))

        taken = upload(api, "partner-imports/", f"Name\n{rows}".encode())

        address = taken.headers["Location"]
        assert (taken.status_code, taken.json()["job_state"]) == (202, "waiting")
        run_import(batch_id=taken.json()["id"])
        polled = api.get(address).json()
        assert (polled["status"], polled["job_state"]) == ("previewed", "done")
        asked = api.send("POST", f"{address}commit/", {})
        again = api.send("POST", f"{address}commit/", {})
        run_import(batch_id=polled["id"])
        assert (asked.status_code, again.status_code) == (202, 409)
        assert api.get(address).json()["status"] == "committed"
        assert Partner.objects.count() == import_jobs.MOST_AT_ONCE + 1

    def test_of_others_look_absent(self, api: Caller) -> None:
        theirs = operations_preview(make.user(Role.ALLIANCE_MANAGER))

        answer = api.send("POST", f"{V1}partner-imports/{theirs.pk}/commit/", {})

        assert answer.status_code == 404

    def test_may_only_be_pretended(self, api: Caller) -> None:
        answer = upload(api, "partner-imports/?dry_run=true", SHEET)

        assert answer.headers["Dry-Run"] == "true"
        assert not ImportBatch.objects.exists()


def operations_preview(by: User) -> ImportBatch:
    return imports.preview_import(
        file_name="a.csv", content=SHEET, by=by, at=timezone.now()
    )


class TestTimelines:
    def test_of_partner_and_cooperation_tell_both_sources(
        self, api: Caller, cooperation: Cooperation, anna: User
    ) -> None:
        place = {"partner_id": cooperation.partner_id}
        made(api, "activities/", {**place, **LEAST["activities"]})
        made(
            api, "risks/", {**place, **LEAST["risks"], "cooperation_id": cooperation.pk}
        )

        of_partner = api.get(f"{V1}partners/{cooperation.partner_id}/timeline/").json()
        of_own = api.get(f"{V1}cooperations/{cooperation.pk}/timeline/").json()

        assert [each["kind"] for each in of_partner["happenings"]] == [
            "risk.raised",
            "activity.call",
        ]
        assert [each["words"] for each in of_own["happenings"]] == ["Budget"]
        assert of_own["happenings"][0]["by"] == str(anna)
        assert of_own["before"] is None

    def test_refuse_a_made_up_place(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        address = f"{V1}cooperations/{cooperation.pk}/timeline/?before=yesterday"

        assert api.get(address).status_code == 400


class TestReviews:
    def test_are_recorded_and_raise_the_governance(
        self, api: Caller, cooperation: Cooperation
    ) -> None:
        address = f"{V1}cooperations/{cooperation.pk}/governance/"
        before = api.get(address).json()
        made(
            api,
            "business-reviews/",
            {
                "partner_id": cooperation.partner_id,
                "held_on": str(TODAY),
                "outcomes": "Go on",
            },
        )

        after = api.get(address).json()

        assert (before["score"], after["score"]) == (1, 3)
        assert after["lost"] == ["sponsors"]


class TestLadder:
    def test_is_revised_by_administrators_only(self, api: Caller) -> None:
        rule = StageTransitionRule.objects.get(
            source__code="first_contact", target__code="qualified", retired_at=None
        )
        address = f"{V1}stage-rules/{rule.pk}/revise/"
        gate = [
            {
                "code": "owner",
                "label": "Owner",
                "kind": "field",
                "parameters": {"fields": ["owner"]},
            }
        ]

        refused = api.send("POST", address, {"criteria": gate})
        revised = caller(make.administrator()).send("POST", address, {"criteria": gate})

        assert refused.status_code == 403
        assert revised.status_code == 200, revised.text
        fresh = StageTransitionRule.objects.get(
            source__code="first_contact", target__code="qualified", retired_at=None
        )
        assert fresh.version == rule.version + 1
        assert fresh.criteria.count() == 1


class TestMergePreview:
    def test_counts_what_would_move(
        self, api: Caller, cooperation: Cooperation, anna: User
    ) -> None:
        winner = make.partner("BMW", owner=anna)
        rebuild_search()

        shown = api.get(
            f"{V1}partners/{cooperation.partner_id}/merge-preview/{winner.pk}/"
        ).json()

        assert {"name": "cooperations", "count": 1} in shown["moved"]
        assert shown["hindrances"] == []
