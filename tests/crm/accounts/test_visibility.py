"""The visibility policy as a table, asked of the real tables of partners."""

from typing import Any

import pytest
from django.db.models import Count, Exists, OuterRef, Q

from crm.accounts import policy
from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from partners.models import Contact, Partner
from tests import make

pytestmark = pytest.mark.django_db

NO_ROLE = "no_role"
ALL = {*Role.values, NO_ROLE}
WITH_ROLE = set(Role.values)
NDA_ROLES = {"executive", "finance", "legal", "auditor"}
RESTRICTED_ROLES = {"alliance_director", "executive", "auditor"}

# who sees a partner of this confidentiality, standing so to it: the rules, written out
TABLE = [
    ("public", "in its team", ALL),
    ("public", "above its team", ALL),
    ("public", "below its team", WITH_ROLE),
    ("public", "in a sister team", WITH_ROLE),
    ("public", "without a team", WITH_ROLE),
    ("public", "its owner", ALL),
    ("public", "named on it", ALL),
    ("nda", "in its team", ALL),
    ("nda", "above its team", ALL),
    ("nda", "below its team", NDA_ROLES),
    ("nda", "in a sister team", NDA_ROLES),
    ("nda", "without a team", NDA_ROLES),
    ("nda", "its owner", ALL),
    ("nda", "named on it", ALL),
    ("restricted", "in its team", RESTRICTED_ROLES),
    ("restricted", "above its team", RESTRICTED_ROLES),
    ("restricted", "below its team", RESTRICTED_ROLES),
    ("restricted", "in a sister team", RESTRICTED_ROLES),
    ("restricted", "without a team", RESTRICTED_ROLES),
    ("restricted", "its owner", ALL),
    ("restricted", "named on it", ALL),
]


class Tree:
    """Three teams in a line and a sister; the partner belongs to the middle."""

    def __init__(self) -> None:
        self.top = make.team()
        self.middle = make.team(parent=self.top)
        self.bottom = make.team(parent=self.middle)
        self.sister = make.team(parent=self.top)

    def team_of(self, relation: str) -> Team | None:
        places = {
            "in its team": self.middle,
            "above its team": self.top,
            "below its team": self.bottom,
            "without a team": None,
        }
        return places.get(relation, self.sister)


def people(tree: Tree, relation: str) -> dict[str, User]:
    team = tree.team_of(relation)
    return {role: make.user(role, team=team) for role in sorted(ALL)}


@pytest.mark.parametrize(("confidentiality", "relation", "expected"), TABLE)
def test_who_sees_what(confidentiality: str, relation: str, expected: set[str]) -> None:
    tree = Tree()
    stranger = make.user(team=tree.sister)
    persons = people(tree, relation)
    seeing = set()

    for role, person in persons.items():
        owner = person if relation == "its owner" else stranger
        partner = make.partner(
            owner=owner, team=tree.middle, confidentiality=confidentiality
        )
        partner.named_people.set([stranger])
        if relation == "named on it":
            partner.named_people.add(person)
        if Partner.objects.visible_to(person).filter(pk=partner.pk).exists():
            seeing.add(role)

    assert seeing == expected


def test_the_table_is_complete() -> None:
    confidentialities = {"public", "nda", "restricted"}
    assert {row[0] for row in TABLE} == confidentialities == set(policy.SEEN_BY_ROLE)
    assert len({row[:2] for row in TABLE}) == len(TABLE) == 21


@pytest.mark.parametrize("role", sorted(ALL))
def test_whoever_left_sees_nothing(role: str) -> None:
    team = make.team()
    gone = make.user(role, team=team, is_active=False)
    for confidentiality in policy.SEEN_BY_ROLE:
        make.partner(owner=gone, team=team, confidentiality=confidentiality)

    assert not Partner.objects.visible_to(gone).exists()
    assert not Contact.objects.visible_to(gone).exists()


def test_a_superuser_without_a_role_sees_no_more_than_others() -> None:
    root = make.user()
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    make.partner()
    make.partner(confidentiality="nda")
    make.partner(confidentiality="restricted")

    assert root.has_perm("partners.view_partner") is False
    assert User.objects.get(pk=root.pk).has_perm("partners.view_partner")
    assert not Partner.objects.visible_to(root).exists()


def test_moving_a_team_moves_what_its_people_see() -> None:
    tree = Tree()
    boss = make.user(Role.ALLIANCE_MANAGER, team=tree.sister)
    partner = make.partner(team=tree.bottom, confidentiality="nda")
    before = partner in Partner.objects.visible_to(boss)

    Team.objects.filter(pk=tree.middle.pk).update(parent=tree.sister)

    assert before is False
    policy.forget_reach(boss)
    assert partner in Partner.objects.visible_to(boss)


class TestCondition:
    """It must be safe wherever a query can hold it."""

    def manager(self) -> User:
        return make.user(Role.ALLIANCE_MANAGER, team=make.team())

    def test_never_doubles_rows(self) -> None:
        anna = self.manager()
        partner = make.partner(owner=anna)
        partner.named_people.set([anna, make.user(), make.user()])

        assert Partner.objects.visible_to(anna).count() == 1
        assert list(Partner.objects.visible_to(anna)) == [partner]

    def test_reaches_through_other_tables(self) -> None:
        anna = self.manager()
        named = make.partner(confidentiality="restricted")
        named.named_people.set([anna, make.user()])
        seen = make.contact(named)
        make.contact(make.partner(confidentiality="restricted"))

        assert list(Contact.objects.visible_to(anna)) == [seen]

    def test_splits_all_rows_in_two(self) -> None:
        anna = self.manager()
        named = make.partner(confidentiality="restricted")
        named.named_people.set([anna, make.user()])
        for confidentiality in policy.SEEN_BY_ROLE:
            make.partner(confidentiality=confidentiality)
        rule = policy.partner_visibility(policy.reach_of(anna))

        assert Partner.objects.filter(rule).count() == 2
        assert Partner.objects.exclude(rule).count() == 2
        assert Partner.objects.filter(~rule).count() == 2

    def test_may_stand_beside_others_with_or(self) -> None:
        partner, hidden = make.partner(), make.partner(confidentiality="nda")
        for role in (Role.AUDITOR, Role.ALLIANCE_MANAGER):
            rule = policy.partner_visibility(policy.reach_of(make.user(role)))
            found = Partner.objects.filter(rule | Q(display_name="none"))
            assert partner in found
            assert (hidden in found) is (role == Role.AUDITOR)

    def test_may_filter_an_aggregate_and_a_subquery(self) -> None:
        anna = self.manager()
        make.contact(make.partner())
        make.contact(make.partner(confidentiality="nda"))
        reach = policy.reach_of(anna)
        rule = policy.partner_visibility(reach)
        inner = Contact.objects.filter(
            policy.partner_visibility(reach, "partner__"), partner=OuterRef("pk")
        )

        counted = Partner.objects.aggregate(seen=Count("pk", filter=rule))
        assert counted["seen"] == 1
        assert Partner.objects.filter(Exists(inner)).count() == 1

    def test_costs_no_query_of_its_own(self, django_assert_num_queries: Any) -> None:
        anna = self.manager()
        make.partner()

        with django_assert_num_queries(2):
            assert len(Partner.objects.visible_to(anna)) == 1
        with django_assert_num_queries(1):
            assert len(Partner.objects.visible_to(anna)) == 1

    def test_leaves_rows_without_a_partner_out(self) -> None:
        auditor = policy.reach_of(make.user(Role.AUDITOR))

        rule = policy.partner_visibility(auditor, "parent__")
        child = make.partner(parent=make.partner())

        assert list(Partner.objects.filter(rule)) == [child]
