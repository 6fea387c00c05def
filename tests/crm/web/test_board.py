"""Boards: what they show, what a move needs, and that a refused one leaves no trace."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from crm.accounts.models import User
from crm.journal.models import Event
from tests.crm.web.test_admin import inside, person
from tests.gallery.models import Sample

pytestmark = pytest.mark.django_db

BOARD = "/admin/gallery/sample/board/"


@pytest.fixture
def anna() -> User:
    return person("Anna", "view", "change", "close")


def sample_of(owner: User, name: str = "Hers", **fields: Any) -> Sample:
    return Sample.objects.create(name=name, owner=owner, **fields)


def move(client: Client, sample: Sample, to: str, *, version: int = 1) -> Any:
    return client.post(
        BOARD,
        {"move": f"{sample.pk}:{version}:{to}"},
        headers={"Accept": "application/json"},
    )


class TestBoard:
    def test_shows_what_the_person_may_see_in_its_columns(
        self, client: Client, anna: User
    ) -> None:
        sample_of(anna)
        sample_of(person("Carla", "view"), name="Foreign")

        page = inside(client, anna).get(BOARD)

        [hers] = [c for c in page.context["board"].columns if c.key == "round"]
        assert [card.title for card in hers.cards] == ["Hers"]
        assert "Foreign" not in page.content.decode()

    def test_offers_moves_only_to_those_who_may(self, client: Client) -> None:
        ben = person("Ben", "view")
        sample_of(ben)

        page = inside(client, ben).get(BOARD)

        assert b"Hers" in page.content
        assert b"draggable=" not in page.content.replace(b'draggable="false"', b"")
        assert b"board-move" not in page.content

    def test_is_closed_to_those_who_may_not_look(self, client: Client) -> None:
        assert inside(client, person("Dora")).get(BOARD).status_code == 403

    @pytest.mark.parametrize("rows", [2, 20])
    def test_costs_the_same_however_many_cards(
        self,
        client: Client,
        anna: User,
        rows: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(rows):
            sample_of(anna, name=f"Sample {number}")
        inside(client, anna).get(BOARD)  # notes the session

        with django_assert_num_queries(3):
            client.get(BOARD)


class TestMove:
    def test_calls_the_operation_and_draws_the_board_anew(
        self, client: Client, anna: User
    ) -> None:
        sample = sample_of(anna)

        answer = move(inside(client, anna), sample, "square")

        sample.refresh_from_db()
        assert (sample.kind, sample.version) == ("square", 2)
        assert answer.json()["text"] == "It is square now."
        assert f'value="{sample.pk}:2:round"' in answer.json()["board"]
        assert Event.objects.filter(kind="sample.turned", by=anna).count() == 1

    def test_a_refusal_says_why_and_leaves_no_trace(
        self, client: Client, anna: User
    ) -> None:
        sample = sample_of(anna, name="Forbidden")

        answer = move(inside(client, anna), sample, "square")

        sample.refresh_from_db()
        assert answer.status_code == 409
        assert "another name" in answer.json()["text"]
        assert (sample.kind, Event.objects.count()) == ("round", 0)

    def test_on_an_older_version_is_refused(self, client: Client, anna: User) -> None:
        sample = sample_of(anna, version=2)

        answer = move(inside(client, anna), sample, "square", version=1)

        assert answer.status_code == 409
        assert "Somebody else" in answer.json()["text"]

    @pytest.mark.parametrize("said", ["", "x:1:square", "1:square", "1::square"])
    def test_of_something_else_is_not_understood(
        self, client: Client, anna: User, said: str
    ) -> None:
        assert inside(client, anna).post(BOARD, {"move": said}).status_code == 400

    def test_of_a_row_one_may_not_see_finds_nothing(
        self, client: Client, anna: User
    ) -> None:
        foreign = sample_of(person("Carla", "view"))

        assert move(inside(client, anna), foreign, "square").status_code == 404

    def test_by_somebody_who_may_only_look_is_forbidden(self, client: Client) -> None:
        ben = person("Ben", "view")
        sample = sample_of(ben)

        assert move(inside(client, ben), sample, "square").status_code == 403

    def test_without_scripts_leads_back_to_the_board(
        self, client: Client, anna: User
    ) -> None:
        sample = sample_of(anna)

        page = inside(client, anna).post(
            BOARD, {"move": f"{sample.pk}:1:square"}, follow=True
        )

        assert page.redirect_chain == [(BOARD, 302)]
        assert b"It is square now." in page.content


class TestDialogOfAMove:
    def test_knows_the_column_and_comes_back_to_the_board(
        self, client: Client, anna: User
    ) -> None:
        sample = sample_of(anna)
        page = inside(client, anna).get(BOARD)
        [column] = [c for c in page.context["board"].columns if c.key == "round"]
        [step] = [s for s in column.cards[0].steps if s.dialog_url]

        done = client.post(
            step.dialog_url,
            {"why": "done", "kind": "square", "_form_submitted": "True"},
        )

        assert step.dialog_url.endswith("/close/?from=board&to=closed")
        assert done.headers["Location"] == BOARD
        sample.refresh_from_db()
        assert sample.is_open is False

    def test_fills_in_what_the_address_names(self, client: Client, anna: User) -> None:
        sample = sample_of(anna)

        page = inside(client, anna).get(
            f"/admin/gallery/sample/{sample.pk}/close/?kind=square"
        )

        assert page.context["form"]["kind"].initial == "square"
