"""Partners are found by any part of any name, in Latin letters or Chinese."""

import pytest
from pytest_django import DjangoAssertNumQueries

from partners.models import Partner, PartnerAlias, RegistrationId
from partners.operations.search import rebuild_search, refresh_search
from partners.queries.search import likely_duplicates, search
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def bmw() -> Partner:
    partner = make.partner(
        "BMW Group", legal_name="Bayerische Motoren Werke AG", domain="bmw.com"
    )
    Partner.objects.filter(pk=partner.pk).update(local_name="宝马")
    PartnerAlias.objects.create(partner=partner, name="Mini")
    RegistrationId.objects.create(partner=partner, scheme="duns", value="315023366")
    refresh_search(partner_ids=[partner.pk])
    return partner


@pytest.fixture
def china_mobile() -> Partner:
    partner = make.partner("China Mobile", domain="chinamobileltd.com")
    Partner.objects.filter(pk=partner.pk).update(local_name="中国移动")
    refresh_search(partner_ids=[partner.pk])
    return partner


@pytest.fixture
def china_telecom() -> Partner:
    partner = make.partner("China Telecom")
    refresh_search(partner_ids=[partner.pk])
    return partner


class TestSearch:
    @pytest.mark.parametrize(
        "text",
        [
            "bmw",
            "BMW Group",
            "motoren",
            "bayer",
            "宝马",
            "mini",
            "315023366",
            "bmw.com",
            "mw",
        ],
    )
    def test_finds_by_any_name_or_id(
        self, bmw: Partner, china_mobile: Partner, text: str
    ) -> None:
        assert list(search(Partner.objects.all(), text)) == [bmw]

    @pytest.mark.parametrize(
        "text", ["china mobil", "中国", "移动", "中国移动", "国移"]
    )
    def test_finds_by_parts_in_both_scripts(
        self, china_mobile: Partner, bmw: Partner, text: str
    ) -> None:
        assert list(search(Partner.objects.all(), text)) == [china_mobile]

    @pytest.mark.parametrize("text", ["chnia mobile", "china moblie", "china mobbil"])
    def test_forgives_typing_errors(
        self, china_mobile: Partner, bmw: Partner, text: str
    ) -> None:
        assert search(Partner.objects.all(), text).first() == china_mobile

    def test_puts_what_begins_with_the_text_first(
        self, china_telecom: Partner, china_mobile: Partner
    ) -> None:
        other = make.partner("Great China Mobile Traders")
        refresh_search(partner_ids=[other.pk])

        assert list(search(Partner.objects.all(), "china mobile")) == [
            china_mobile,
            other,
        ]

    def test_of_one_letter_finds_beginnings_of_words(
        self, bmw: Partner, china_mobile: Partner
    ) -> None:
        assert list(search(Partner.objects.all(), "w")) == [bmw]

    def test_of_one_ideograph_finds_it_anywhere(
        self, bmw: Partner, china_mobile: Partner
    ) -> None:
        assert list(search(Partner.objects.all(), "移")) == [china_mobile]

    @pytest.mark.parametrize("text", ["", "  ", "!?", "%", "_ %"])
    def test_of_nothing_leaves_all(self, bmw: Partner, text: str) -> None:
        assert list(search(Partner.objects.all(), text)) == [bmw]

    @pytest.mark.parametrize("text", ["zzzz", "' OR 1=1", "x" * 500])
    def test_of_what_is_nowhere_finds_nothing(
        self, china_mobile: Partner, text: str
    ) -> None:
        assert list(search(Partner.objects.all(), text)) == []

    def test_stays_within_what_it_is_given(
        self, bmw: Partner, china_mobile: Partner
    ) -> None:
        visible = Partner.objects.filter(pk=china_mobile.pk)

        assert list(search(visible, "bmw")) == []

    def test_costs_two_queries(
        self, bmw: Partner, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(2):
            list(search(Partner.objects.all(), "bmw"))


class TestRebuild:
    def test_writes_all_entries_anew(self, bmw: Partner) -> None:
        make.partner("Never indexed")

        assert rebuild_search() == 2
        assert search(Partner.objects.all(), "never").count() == 1


class TestLikelyDuplicates:
    @pytest.mark.parametrize("name", ["BMW Group GmbH", "bmw", "宝马集团"])
    def test_share_the_core_of_a_name(self, bmw: Partner, name: str) -> None:
        assert list(likely_duplicates(names_given=[name])) == [bmw]

    def test_are_never_the_partner_itself(self, bmw: Partner) -> None:
        found = likely_duplicates(names_given=["BMW"], exclude_id=bmw.pk)

        assert list(found) == []
