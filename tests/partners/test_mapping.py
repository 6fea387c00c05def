"""Headings of other systems map by themselves."""

import pytest

from partners import mapping
from partners.industries import Industry
from partners.mapping import Origin, Target

SALESFORCE_ACCOUNTS = (
    "Account ID",
    "Account Name",
    "Website",
    "Industry",
    "Billing Country",
    "Type",
    "Parent Account ID",
    "Account Owner",
    "D-U-N-S Number",
    "Last Activity",
)
HUBSPOT_COMPANIES = (
    "Record ID",
    "Company name",
    "Company Domain Name",
    "Industry",
    "Country/Region",
    "Company owner",
    "Create Date",
)
HUBSPOT_CONTACTS = (
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Job Title",
    "Associated Company",
    "Associated Company IDs",
)


class TestPropose:
    def test_maps_a_salesforce_account_export(self) -> None:
        found = mapping.propose(SALESFORCE_ACCOUNTS)

        assert (found.origin, found.target) == (Origin.SALESFORCE, Target.PARTNERS)
        assert [found.fields.get(n) for n in range(len(SALESFORCE_ACCOUNTS))] == [
            "external_id",
            "display_name",
            "domain",
            "industry",
            "country",
            "partner_type",
            "parent_external_id",
            "owner",
            "duns",
            None,
        ]

    def test_maps_a_hubspot_company_export(self) -> None:
        found = mapping.propose(HUBSPOT_COMPANIES)

        assert (found.origin, found.target) == (Origin.HUBSPOT, Target.PARTNERS)
        assert set(found.fields.values()) == {
            "external_id",
            "display_name",
            "domain",
            "industry",
            "country",
            "owner",
        }

    def test_maps_a_hubspot_contact_export(self) -> None:
        found = mapping.propose(HUBSPOT_CONTACTS)

        assert (found.origin, found.target) == (Origin.HUBSPOT, Target.CONTACTS)
        assert found.fields[7] == "partner_external_id"

    def test_maps_chinese_headings(self) -> None:
        found = mapping.propose(["公司名称", "行业", "统一社会信用代码", "备注"])

        assert found.origin == Origin.OTHER
        assert dict(found.fields) == {0: "display_name", 1: "industry", 2: "uscc"}

    def test_gives_each_field_to_one_column_only(self) -> None:
        found = mapping.propose(["Name", "Company name"])

        assert dict(found.fields) == {0: "display_name"}

    def test_takes_the_target_it_is_told(self) -> None:
        found = mapping.propose(["Name", "Email"], target=Target.PARTNERS)

        assert dict(found.fields) == {0: "display_name"}

    @pytest.mark.parametrize("target", Target)
    def test_no_heading_stands_for_two_fields(self, target: Target) -> None:
        words = [word for all_ in mapping.FIELDS[target].values() for word in all_]

        assert len(words) == len(set(words))


class TestIndustry:
    @pytest.mark.parametrize(
        ("text", "industry"),
        [
            ("automotive", Industry.AUTOMOTIVE),
            ("Financial Services", Industry.FINANCIAL_SERVICES),
            ("Energy - Oil and Gas", Industry.OIL_AND_GAS),
            ("COMPUTER_SOFTWARE", Industry.SOFTWARE),
            ("HOSPITAL_HEALTH_CARE", Industry.HEALTHCARE),
            ("Banking", Industry.FINANCIAL_SERVICES),
            ("汽车", Industry.AUTOMOTIVE),
            ("Alchemy", None),
        ],
    )
    def test_understands_the_words_of_others(
        self, text: str, industry: Industry | None
    ) -> None:
        assert mapping.industry(text) == industry
