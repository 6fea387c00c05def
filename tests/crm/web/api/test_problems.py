"""Every answer other than success is a problem, says enough and gives nothing away."""

import pytest
from django.test import Client

from crm.accounts.models import User
from tests import make
from tests.crm.web.api.conftest import Caller, TokenCaller, caller, program
from tests.crm.web.api.notes import Note

NOTES = "/api/v1/notes/"
pytestmark = pytest.mark.usefixtures("notes")


class TestShape:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/", 404),
            ("GET", "/api/v1/nothing", 404),
            ("POST", "/api/v1/nothing/", 404),
            ("GET", f"{NOTES}999/", 404),
            ("GET", f"{NOTES}{10**30}/", 404),
            ("GET", f"{NOTES}abc/", 404),
            ("PUT", NOTES, 405),
            ("POST", f"{NOTES}1/", 405),
            ("GET", f"{NOTES}?format=pdf", 404),
        ],
    )
    def test_is_a_problem(
        self, sync: TokenCaller, method: str, path: str, status: int
    ) -> None:
        response = sync.send(method, path, {})

        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.headers["Cache-Control"] == "no-store, private"

    def test_says_which_methods_there_are(self, sync: TokenCaller) -> None:
        assert "POST" in sync.send("PUT", NOTES, {}).headers["Allow"]

    def test_a_format_nobody_speaks(self, sync: TokenCaller) -> None:
        assert sync.get(NOTES, headers={"Accept": "image/png"}).status_code == 406

    def test_a_media_type_nobody_reads(self, sync: TokenCaller) -> None:
        response = sync.post(NOTES, "title=x", content_type="text/plain")

        assert (response.status_code, response.json()["code"]) == (
            415,
            "unsupported-media-type",
        )

    def test_the_unexpected_says_nothing(self, sync: TokenCaller) -> None:
        sync.raise_request_exception = False

        response = sync.get("/api/v1/broken/")

        assert response.status_code == 500
        assert response.json()["code"] == "server-error"
        assert "secret" not in response.content.decode()

    def test_a_refusal_of_the_business_says_what_is_missing(
        self, sync: TokenCaller
    ) -> None:
        locked = Note.objects.create(title="locked")

        response = sync.send(
            "PATCH", f"{NOTES}{locked.pk}/", {"title": "x"}, If_Match='"1"'
        )

        body = response.json()
        assert (response.status_code, body["code"]) == (409, "note.locked")
        assert body["missing"] == ["an open lock"]


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "invalid"),
            (b"{", "malformed"),
            (b"\xff", "malformed"),
            (b'{"title": NaN}', "malformed"),
            (b'{"price": 1e1000000}', "malformed"),
            (b'{"title": "\\ud800"}', "malformed"),
            (b"[" * 2_000 + b"]" * 2_000, "malformed"),
            (b"[" * 21 + b"]" * 21, "too-deep"),
            (b'{"a":' * 21 + b"1" + b"}" * 21, "too-deep"),
            (b'{"title": "a\\u0000b"}', "nul-character"),
            (b'{"a\\u0000": 1}', "nul-character"),
            (b"[" + b"1," * 1_000 + b"1]", "too-many-items"),
            (b'"text"', "invalid"),
            (b"null", "invalid"),
            (b'{"title": {"a": 1}}', "invalid"),
            (b'{"title": "a", "price": 1e30}', "invalid"),
        ],
        ids=range(16),
    )
    def test_hostile_ones_are_refused(
        self, sync: TokenCaller, body: bytes, code: str
    ) -> None:
        response = sync.send("POST", NOTES, body)

        assert (response.status_code, response.json()["code"]) == (400, code)
        assert Note.objects.count() == 0

    def test_too_large_ones_are_refused_unread(self, sync: TokenCaller) -> None:
        response = sync.send("POST", NOTES, b" " * (5 * 1024 * 1024 + 1))

        assert (response.status_code, response.json()["code"]) == (413, "too-large")

    @pytest.mark.parametrize("length", ["-1", "1e3", "٣"])
    def test_a_length_that_is_no_number_is_refused(
        self, sync: TokenCaller, length: str
    ) -> None:
        response = sync.generic("POST", NOTES, b"{}", CONTENT_LENGTH=length)

        assert response.status_code == 400


class TestSecrecy:
    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    def test_what_one_may_not_see_is_absent(
        self, sync: TokenCaller, method: str
    ) -> None:
        theirs = Note.objects.create(title="x", owner=make.user()).pk

        hidden = sync.send(method, f"{NOTES}{theirs}/", {}, If_Match='"1"')
        absent = sync.send(method, f"{NOTES}{theirs + 1}/", {}, If_Match='"1"')

        assert hidden.status_code == absent.status_code == 404
        changed = absent.content.replace(str(theirs + 1).encode(), str(theirs).encode())
        assert hidden.content == changed
        assert Note.objects.filter(pk=theirs, title="x", version=1).exists()


class TestTokens:
    def test_one_without_the_scope_is_told_which(self, anna: User) -> None:
        reader = program(anna, "partners:read")

        response = reader.send("POST", NOTES, {"title": "x"})

        body = response.json()
        assert (response.status_code, body["code"]) == (403, "scope-missing")
        assert body["missing"] == ["partners:write"]
        assert Note.objects.count() == 0

    def test_a_read_only_one_never_writes(self, anna: User) -> None:
        reader = program(anna, "partners:write", is_read_only=True)

        assert reader.get(NOTES).status_code == 200
        response = reader.send("POST", NOTES, {"title": "x"})
        assert response.json()["code"] == "read-only-token"

    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Bearer a b", "Bearer crm_x", "bearer " + "a" * 300],
    )
    def test_a_wrong_one_is_refused(
        self, db: None, client: Client, header: str
    ) -> None:
        response = client.get(NOTES, headers={"Authorization": header})

        assert (response.status_code, response.json()["code"]) == (401, "token.unknown")
        assert "invalid_token" in response.headers["WWW-Authenticate"]

    def test_one_of_somebody_inactive_is_refused(self, anna: User) -> None:
        sync = program(anna)
        User.objects.update(is_active=False)

        assert sync.get(NOTES).status_code == 401

    def test_a_wrong_token_does_not_fall_back_to_the_session(self, api: Caller) -> None:
        response = api.get(NOTES, headers={"Authorization": "Bearer crm_x"})

        assert response.status_code == 401


class TestSessions:
    def test_need_the_csrf_token_to_write(self, anna: User) -> None:
        browser = Caller(enforce_csrf_checks=True)
        browser.force_login(anna)

        response = browser.send("POST", NOTES, {"title": "x"})

        assert response.status_code == 403
        assert Note.objects.count() == 0

    def test_of_somebody_inactive_are_refused(self, anna: User) -> None:
        browser = caller(anna)
        User.objects.update(is_active=False)

        assert browser.get(NOTES).status_code == 401
