"""Writes: retry, versions, dry run, bulk and upsert."""

import pytest

from crm.web.models import KeptAnswer
from tests import make
from tests.crm.web.api.conftest import Caller, TokenCaller
from tests.crm.web.api.notes import Note

NOTES = "/api/v1/notes/"
pytestmark = pytest.mark.usefixtures("notes")


def note(title: str = "Alps", **more: object) -> Note:
    return Note.objects.create(title=title, **more)


class TestCreate:
    def test_answers_with_the_row_its_place_and_its_tag(
        self, sync: TokenCaller
    ) -> None:
        response = sync.send("POST", NOTES, {"title": "Alps", "price": "1.5"})

        row = response.json()
        assert response.status_code == 201
        assert row["price"] == "1.500000"
        assert response.headers["Location"] == f"{NOTES}{row['id']}/"
        assert response.headers["ETag"].startswith('"1.')

    def test_refuses_unknown_members_and_points_at_each_fault(
        self, sync: TokenCaller
    ) -> None:
        response = sync.send("POST", NOTES, {"price": "x", "stage": 1})

        assert response.status_code == 400
        assert [each["pointer"] for each in response.json()["errors"]] == ["#/stage"]
        faults = sync.send("POST", NOTES, {"price": "x"}).json()["errors"]
        assert {each["pointer"] for each in faults} == {"#/title", "#/price"}

    def test_a_constraint_of_the_database_is_a_conflict(
        self, sync: TokenCaller
    ) -> None:
        note("Alps")

        response = sync.send("POST", NOTES, {"title": "Alps"})

        assert response.status_code == 409
        assert "test_note" not in response.content.decode()


class TestIdempotencyKey:
    def test_the_same_request_is_done_once(self, sync: TokenCaller) -> None:
        first = sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key="k1")
        again = sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key="k1")

        assert Note.objects.count() == 1
        assert again.status_code == first.status_code == 201
        assert again.content == first.content
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_another_request_with_it_is_refused(self, sync: TokenCaller) -> None:
        sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key="k1")

        response = sync.send("POST", NOTES, {"title": "Bay"}, Idempotency_Key="k1")

        assert response.status_code == 422
        assert response.json()["code"] == "idempotency-key-reused"
        assert Note.objects.count() == 1

    def test_a_refusal_leaves_it_free(self, sync: TokenCaller) -> None:
        note("Alps")
        sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key="k1")

        response = sync.send("POST", NOTES, {"title": "Bay"}, Idempotency_Key="k1")

        assert response.status_code == 201
        assert KeptAnswer.objects.count() == 1

    def test_belongs_to_its_caller(self, sync: TokenCaller, api: Caller) -> None:
        sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key="k1")

        response = api.send("POST", NOTES, {"title": "Bay"}, Idempotency_Key="k1")

        assert response.status_code == 201

    @pytest.mark.parametrize("key", ["a" * 256, "with blank", "ümlaut"])
    def test_must_be_readable(self, sync: TokenCaller, key: str) -> None:
        response = sync.send("POST", NOTES, {"title": "Alps"}, Idempotency_Key=key)

        assert response.json()["code"] == "idempotency-key-invalid"
        assert Note.objects.count() == 0


class TestVersions:
    def test_a_patch_with_the_right_tag_changes_and_gives_the_next(
        self, sync: TokenCaller
    ) -> None:
        path = f"{NOTES}{note().pk}/"
        tag = sync.get(path).headers["ETag"]

        response = sync.send("PATCH", path, {"title": "Bay"}, If_Match=tag)

        assert response.status_code == 200
        assert response.json()["version"] == 2
        assert response.headers["ETag"] != tag

    def test_a_patch_with_an_old_tag_is_refused_with_the_current_one(
        self, sync: TokenCaller
    ) -> None:
        made = note(version=5)

        response = sync.send(
            "PATCH", f"{NOTES}{made.pk}/", {"title": "Bay"}, If_Match='"4"'
        )

        assert response.status_code == 412
        assert response.headers["ETag"] == '"5"'
        made.refresh_from_db()
        assert made.title == "Alps"

    @pytest.mark.parametrize("method", ["PATCH", "DELETE"])
    def test_without_a_tag_nothing_is_written(
        self, sync: TokenCaller, method: str
    ) -> None:
        path = f"{NOTES}{note().pk}/"

        assert sync.send(method, path, {"title": "Bay"}).status_code == 428
        assert Note.objects.get().title == "Alps"

    def test_a_star_writes_whatever_is_there(self, sync: TokenCaller) -> None:
        path = f"{NOTES}{note(version=9).pk}/"

        response = sync.send("PATCH", path, {"title": "Bay"}, If_Match="*")

        assert response.json()["version"] == 10

    @pytest.mark.parametrize("tag", ["5", '"abc"', '"1", "2"', '""'])
    def test_nonsense_is_refused(self, sync: TokenCaller, tag: str) -> None:
        path = f"{NOTES}{note().pk}/"

        response = sync.send("PATCH", path, {"title": "Bay"}, If_Match=tag)

        assert response.json()["errors"][0]["header"] == "If-Match"

    def test_a_known_representation_is_not_sent_again(self, sync: TokenCaller) -> None:
        path = f"{NOTES}{note().pk}/"
        tag = sync.get(path).headers["ETag"]

        same = sync.get(path, headers={"If-None-Match": tag})
        other = sync.get(f"{path}?fields=title", headers={"If-None-Match": tag})

        assert (same.status_code, same.content) == (304, b"")
        assert other.status_code == 200

    def test_delete_needs_the_version_too(self, sync: TokenCaller) -> None:
        path = f"{NOTES}{note().pk}/"

        assert sync.send("DELETE", path, If_Match='"7"').status_code == 412
        assert sync.send("DELETE", path, If_Match='"1"').status_code == 204
        assert Note.objects.count() == 0


class TestDryRun:
    def test_answers_as_if_and_writes_nothing(self, sync: TokenCaller) -> None:
        response = sync.send("POST", f"{NOTES}?dry_run=true", {"title": "Alps"})

        assert response.status_code == 201
        assert response.headers["Dry-Run"] == "true"
        assert Note.objects.count() == 0

    def test_must_be_true_or_false(self, sync: TokenCaller) -> None:
        response = sync.send("POST", f"{NOTES}?dry_run=1", {"title": "Alps"})

        assert response.status_code == 400
        assert Note.objects.count() == 0


class TestBulk:
    def test_creates_in_order(self, sync: TokenCaller) -> None:
        response = sync.send("POST", NOTES, [{"title": "A"}, {"title": "B"}])

        body = response.json()
        assert body["counts"] == {"created": 2}
        assert [each["index"] for each in body["results"]] == [0, 1]
        assert Note.objects.count() == 2

    def test_is_all_or_nothing(self, sync: TokenCaller) -> None:
        response = sync.send("POST", NOTES, [{"title": "A"}, {"titel": "B"}, {}])

        body = response.json()
        assert (response.status_code, body["code"]) == (400, "bulk-refused")
        pointers = [each["pointer"] for each in body["errors"]]
        assert pointers == ["#/1/titel", "#/2/title"]
        assert Note.objects.count() == 0

    def test_is_undone_when_a_later_item_is_refused(self, sync: TokenCaller) -> None:
        response = sync.send("POST", NOTES, [{"title": "A"}, {"title": "A"}])

        assert response.status_code == 409
        assert Note.objects.count() == 0

    def test_without_atomic_the_others_are_written(self, sync: TokenCaller) -> None:
        items = [{"title": "A"}, {"title": "A"}, {}, {"title": "B"}]

        response = sync.send("POST", f"{NOTES}?atomic=false", items)

        results = [each["result"] for each in response.json()["results"]]
        assert results == ["created", "refused", "refused", "created"]
        assert response.json()["results"][1]["problem"]["status"] == 409
        assert sorted(Note.objects.values_list("title", flat=True)) == ["A", "B"]

    def test_edits_by_id_and_version(self, sync: TokenCaller) -> None:
        first, second = note("A"), note("B", version=3)
        items = [
            {"id": first.pk, "version": 1, "title": "C"},
            {"id": second.pk, "version": 3, "title": "B"},
        ]

        body = sync.send("PATCH", NOTES, items).json()

        assert body["counts"] == {"updated": 1, "unchanged": 1}
        assert body["results"][0]["version"] == 2

    def test_a_stale_item_is_refused_with_its_pointer(self, sync: TokenCaller) -> None:
        made = note("A", version=2)

        response = sync.send(
            "PATCH", NOTES, [{"id": made.pk, "version": 1, "title": "C"}]
        )

        assert response.status_code == 412
        fault = response.json()["errors"][0]
        assert (fault["pointer"], fault["current_version"]) == ("#/0", 2)

    def test_other_peoples_rows_are_absent(self, sync: TokenCaller) -> None:
        theirs = note("A", owner=make.user())
        items = [{"id": theirs.pk, "version": 1, "title": "C"}]
        absent = [{"id": 10**9, "version": 1, "title": "C"}]

        refused = sync.send("PATCH", f"{NOTES}?atomic=false", items).json()

        assert refused == sync.send("PATCH", f"{NOTES}?atomic=false", absent).json()
        assert refused["results"][0]["problem"]["status"] == 404

    def test_removes(self, sync: TokenCaller) -> None:
        made = note()

        body = sync.send("DELETE", NOTES, [{"id": made.pk, "version": 1}]).json()

        assert body["results"] == [{"index": 0, "result": "deleted", "id": made.pk}]
        assert Note.objects.count() == 0

    def test_takes_a_thousand_and_no_more(self, sync: TokenCaller) -> None:
        items = [{"title": f"Note {number}"} for number in range(1_001)]

        assert sync.send("POST", NOTES, items).json()["code"] == "too-many-items"
        assert sync.send("POST", NOTES, items[:1_000]).json()["counts"] == {
            "created": 1_000
        }


class TestUpsert:
    def test_makes_then_leaves_alone(self, sync: TokenCaller) -> None:
        path = f"{NOTES}by-external-id/erp/4711/"

        made = sync.send("PUT", path, {"title": "Alps"})
        again = sync.send("PUT", path, {"title": "Alps"})

        assert (made.status_code, again.status_code) == (201, 200)
        assert again.headers["Upsert-Result"] == "unchanged"
        assert again.json() == made.json()

    def test_takes_lists(self, sync: TokenCaller) -> None:
        items = [{"external_id": "1", "title": "A"}, {"external_id": "2", "title": "B"}]

        body = sync.send("PUT", f"{NOTES}by-external-id/erp/", items).json()

        assert body["counts"] == {"created": 2}

    def test_refuses_one_id_twice(self, sync: TokenCaller) -> None:
        items = [{"external_id": "1", "title": "A"}, {"external_id": "1", "title": "B"}]

        response = sync.send("PUT", f"{NOTES}by-external-id/erp/", items)

        assert response.json()["errors"][0]["pointer"] == "#/1/external_id"
        assert Note.objects.count() == 0


class TestAct:
    def test_does_it_and_shows_the_row(self, sync: TokenCaller) -> None:
        response = sync.send("POST", f"{NOTES}{note().pk}/lock/", {})

        assert response.status_code == 200
        assert response.json()["title"] == "locked"
