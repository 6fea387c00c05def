"""Lists: pages by cursor, strict parameters, filters, fields, and what they cost."""

import pytest
from django.test import Client

from crm.accounts.models import Team
from tests import make
from tests.crm.web.api.conftest import Caller, TokenCaller

TEAMS = "/api/v1/teams/"


def teams(count: int) -> list[Team]:
    return [make.team(f"Team {number:03}") for number in range(count)]


class TestPages:
    def test_follow_the_cursor_to_the_end_without_gap_or_repeat(
        self, api: Caller
    ) -> None:
        made = teams(7)

        seen: list[int] = []
        address = f"{TEAMS}?limit=3&ordering=-name"
        while address:
            body = api.get(address).json()
            seen += [row["id"] for row in body["results"]]
            address = body["next"]

        assert seen == [team.pk for team in reversed(made)]

    def test_name_the_next_page_also_in_a_link_header(self, api: Caller) -> None:
        teams(2)

        response = api.get(f"{TEAMS}?limit=1")

        assert response.headers["Link"] == f'<{response.json()["next"]}>; rel="next"'

    @pytest.mark.parametrize("ordering", ["parent_id", "-parent_id"])
    def test_cross_from_values_to_nulls(self, api: Caller, ordering: str) -> None:
        root = make.team("Root")
        for number in range(3):
            make.team(f"Child {number}", parent=root)
            make.team(f"Alone {number}")

        seen: list[int] = []
        address = f"{TEAMS}?limit=2&ordering={ordering}"
        while address:
            body = api.get(address).json()
            seen += [row["id"] for row in body["results"]]
            address = body["next"]

        assert sorted(seen) == sorted(Team.objects.values_list("pk", flat=True))
        assert len(seen) == len(set(seen))

    def test_count_only_when_asked(self, api: Caller) -> None:
        teams(3)

        assert "count" not in api.get(TEAMS).json()
        exact = api.get(f"{TEAMS}?count=exact").json()
        assert (exact["count"], exact["count_is_exact"]) == (3, True)
        assert api.get(f"{TEAMS}?count=estimated").json()["count_is_exact"] is False


class TestCost:
    @pytest.mark.parametrize("rows", [2, 20, 200])
    @pytest.mark.parametrize(
        ("path", "queries"),
        [
            (f"{TEAMS}?limit=1000", 2),
            ("/api/v1/users/?limit=1000", 2),
            ("/api/v1/users/?limit=1000&expand=team", 2),
        ],
    )
    def test_is_two_queries_however_many_rows(
        self,
        sync: TokenCaller,
        django_assert_num_queries: object,
        path: str,
        rows: int,
        queries: int,
    ) -> None:
        for team in teams(rows):
            make.user(team=team)
        sync.get(TEAMS)  # notes the token's use, once a minute

        with django_assert_num_queries(queries):  # type: ignore[operator]  # pytest-django's fixture
            body = sync.get(path).json()

        assert len(body["results"]) >= rows


class TestStrictness:
    @pytest.mark.parametrize(
        ("query", "parameter", "code"),
        [
            ("limit=null", "limit", "invalid"),
            ("limit=0", "limit", "invalid"),
            ("limit=1001", "limit", "invalid"),
            ("limit=1e3", "limit", "invalid"),
            ("limit=%EF%BC%91", "limit", "invalid"),
            ("limit=1&limit=2", "limit", "repeated"),
            ("limit=", "limit", "empty"),
            ("offset=5", "offset", "unknown-parameter"),
            ("_connector=OR", "_connector", "unknown-parameter"),
            ("name__regex=(a%2B)%2B", "name__regex", "unknown-parameter"),
            ("parent__lead__password=x", "parent__lead__password", "unknown-parameter"),
            ("ordering=lead__password", "ordering", "invalid"),
            ("ordering=name;drop", "ordering", "invalid"),
            ("ordering=--name", "ordering", "invalid"),
            ("ordering=name,name", "ordering", "invalid"),
            ("ordering=%22name%22", "ordering", "invalid"),
            ("count=yes", "count", "invalid"),
            ("fields=password", "fields", "invalid"),
            ("omit=nothing", "omit", "invalid"),
            ("expand=lead", "expand", "invalid"),
            ("parent_id=1e1000000", "parent_id", "invalid"),
            ("parent_id=99999999999999999999", "parent_id", "max_value"),
            ("parent_id=-1.5", "parent_id", "invalid"),
            ("parent_id__isnull=maybe", "parent_id__isnull", "invalid"),
            ("parent_id__in=1,x", "parent_id__in", "invalid"),
            ("name=%00", "name", "nul-character"),
            ("name=" + "a" * 201, "name", "max_length"),
            ("name=" + "a" * 5_000, "name", "too-long"),
            ("id__in=" + ",".join("1" * 300), "id__in", "too-many-items"),
            ("cursor=abc", "cursor", "cursor-refused"),
            ("cursor=" + "A" * 64, "cursor", "cursor-refused"),
        ],
    )
    def test_refuses(self, api: Caller, query: str, parameter: str, code: str) -> None:
        response = api.get(f"{TEAMS}?{query}")

        assert response.status_code == 400
        faults = [
            (each["parameter"], each["code"]) for each in response.json()["errors"]
        ]
        assert (parameter, code) in faults

    def test_refuses_a_changed_cursor(self, api: Caller) -> None:
        teams(2)
        cursor = api.get(f"{TEAMS}?limit=1").json()["next"].split("cursor=")[1]
        changed = ("B" if cursor[0] == "A" else "A") + cursor[1:]

        assert api.get(f"{TEAMS}?limit=1&cursor={changed}").status_code == 400

    @pytest.mark.parametrize(
        "other", ["/api/v1/users/?", f"{TEAMS}?ordering=name&", f"{TEAMS}?name=x&"]
    )
    def test_refuses_the_cursor_of_another_list(self, api: Caller, other: str) -> None:
        teams(2)
        cursor = api.get(f"{TEAMS}?limit=1").json()["next"].split("cursor=")[1]

        response = api.get(f"{other}cursor={cursor}")

        assert response.json()["errors"][0]["code"] == "cursor-refused"


class TestChoosing:
    def test_fields_and_omit_narrow_and_the_id_stays(self, api: Caller) -> None:
        team = make.team("Alps")

        assert api.get(f"{TEAMS}?fields=name").json()["results"] == [
            {"id": team.pk, "name": "Alps"}
        ]
        row = api.get(f"{TEAMS}?omit=id,path").json()["results"][0]
        assert set(row) == {"id", "name", "parent_id", "lead_id"}

    def test_expand_shows_the_relation_or_null(self, api: Caller) -> None:
        team = make.team("Alps")
        make.user(name="Zoe", team=team)

        rows = api.get("/api/v1/users/?expand=team&fields=name&ordering=name").json()

        assert rows["results"][0]["team"] is None
        assert rows["results"][1]["team"]["name"] == "Alps"

    def test_filters_join(self, api: Caller) -> None:
        root = make.team("Root")
        make.team("Leaf one", parent=root)
        make.team("Other")

        query = f"parent_id={root.pk}&name__icontains=LEAF"
        rows = api.get(f"{TEAMS}?{query}").json()["results"]

        assert [row["name"] for row in rows] == ["Leaf one"]

    def test_like_signs_are_text(self, api: Caller) -> None:
        make.team("Alps")

        assert api.get(f"{TEAMS}?name__icontains=%25").json()["results"] == []


class TestAnonymous:
    def test_is_asked_who_it_is(self, db: None, client: Client) -> None:
        response = client.get(TEAMS)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert response.json()["code"] == "not-authenticated"
