"""Two partners become one with everything they had, and two again."""

from datetime import UTC, datetime

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import Contact, Cooperation, Partner
from partners.operations import merging, plans
from partners.operations.search import rebuild_search
from partners.queries.search import search
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def winner(anna: User) -> Partner:
    return make.partner("BMW Group", owner=anna, domain="bmw.com")


@pytest.fixture
def loser(anna: User) -> Partner:
    partner = make.partner("Bayerische Motoren Werke", owner=anna, domain="bmw.de")
    partner.aliases.create(name="Beemer")
    make.contact(partner, "Erika", email="erika@bmw.de")
    make.cooperation(partner, by=anna)
    make.partner("BMW Bank", parent=partner)
    partner.named_people.add(anna)
    return partner


def merge(loser: Partner, winner: Partner, by: User) -> Partner:
    return merging.merge_partners(loser=loser, winner=winner, by=by, at=AT)


class TestMerge:
    def test_moves_everything(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)

        assert Contact.objects.get().partner == winner
        assert Cooperation.objects.get().partner == winner
        assert winner.subsidiaries.get().display_name == "BMW Bank"
        assert {d.domain for d in winner.domains.all()} == {"bmw.com", "bmw.de"}
        assert winner.domains.get(is_primary=True).domain == "bmw.com"
        assert list(winner.named_people.all()) == [anna]

    def test_leaves_a_redirect(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)

        loser.refresh_from_db()
        assert (loser.merged_into, loser.archived_at) == (winner, AT)
        assert list(Partner.objects.live().filter(pk=loser.pk)) == []

    def test_lets_the_old_names_find_the_winner(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)

        found = search(Partner.objects.live(), "bayerische motoren")
        assert list(found) == [winner]

    def test_preview_counts_and_changes_nothing(
        self, loser: Partner, winner: Partner
    ) -> None:
        preview = merging.preview_merge(loser=loser, winner=winner)

        assert ("cooperations", 1) in {(m.name, m.count) for m in preview.moved}
        assert preview.hindrances == ()
        assert Cooperation.objects.get().partner == loser

    def test_keeps_the_tree_free_of_circles(self, anna: User, winner: Partner) -> None:
        top = make.partner("Holding")
        loser = make.partner("Middle", parent=top)
        Partner.objects.filter(pk=winner.pk).update(parent=loser)

        merge(loser, winner, anna)

        winner.refresh_from_db()
        assert winner.parent == top

    def test_with_itself_is_refused(self, winner: Partner, anna: User) -> None:
        with pytest.raises(merging.MergeRefusedError):
            merge(winner, winner, anna)

    def test_of_contacts_with_the_same_mail_is_refused(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        make.contact(winner, "E. Muster", email="Erika@BMW.de")

        with pytest.raises(merging.MergeRefusedError) as refusal:
            merge(loser, winner, anna)

        assert "1 contacts" in refusal.value.missing[0]
        assert Cooperation.objects.get().partner == loser

    def test_of_one_merged_away_is_refused(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)

        with pytest.raises(merging.MergeRefusedError) as refusal:
            merge(loser, make.partner("Third"), anna)

        assert "merged away" in refusal.value.missing[0]


class TestSplit:
    def test_gives_back_what_was_taken(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        loser.aliases.create(name="BMW")
        winner.aliases.create(name="bmw")
        merge(loser, winner, anna)

        merging.split_partner(loser=loser, by=anna, at=AT)

        loser.refresh_from_db()
        assert (loser.merged_into, loser.archived_at) == (None, None)
        assert Cooperation.objects.get().partner == loser
        assert loser.domains.get().is_primary
        assert {a.name for a in loser.aliases.all()} == {"Beemer", "BMW"}
        assert {a.name for a in winner.aliases.all()} == {"bmw"}
        assert loser.subsidiaries.count() == 1

    def test_leaves_with_the_winner_what_came_since(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)
        make.contact(winner, "New")

        merging.split_partner(loser=loser, by=anna, at=AT)

        assert winner.contacts.get().name == "New"

    def test_takes_along_what_came_since_about_its_cooperations(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        merge(loser, winner, anna)
        cooperation = Cooperation.objects.get()
        for of in (cooperation, None):
            plans.add_action_item(
                partner=winner,
                cooperation=of,
                values={"title": "Send", "side": "ours", "due_on": AT.date()},
                by=anna,
                at=AT,
            )

        merging.split_partner(loser=loser, by=anna, at=AT)

        assert cooperation.action_items.get().partner == loser
        assert winner.action_items.get().cooperation is None

    def test_restores_the_search(
        self, loser: Partner, winner: Partner, anna: User
    ) -> None:
        rebuild_search()
        merge(loser, winner, anna)
        merging.split_partner(loser=loser, by=anna, at=AT)

        assert list(search(Partner.objects.live(), "beemer")) == [loser]

    def test_of_one_never_merged_is_refused(self, winner: Partner, anna: User) -> None:
        with pytest.raises(merging.MergeRefusedError, match="not merged"):
            merging.split_partner(loser=winner, by=anna, at=AT)

    def test_is_journalled(self, loser: Partner, winner: Partner, anna: User) -> None:
        merge(loser, winner, anna)
        merging.split_partner(loser=loser, by=anna, at=AT)

        kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
        assert kinds == ["partner.merged", "partner.split"]
