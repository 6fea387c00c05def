"""Names and domains meet in one normal form."""

import pytest

from partners import names


class TestNormalise:
    @pytest.mark.parametrize(
        ("text", "normal"),
        [
            ("BMW AG", "bmw ag"),
            ("  Société   Générale ", "societe generale"),
            ("Müller & Söhne", "muller sohne"),
            ("中国移动（香港）", "中国移动 香港"),
            ("ＢＭＷ", "bmw"),
            ("Straße", "strasse"),
            ("ガス", "ガス"),
            ("snake_case", "snake case"),
            ("", ""),
        ],
    )
    def test_makes_one_form_of_many(self, text: str, normal: str) -> None:
        assert names.normalise(text) == normal


class TestCore:
    @pytest.mark.parametrize(
        ("name", "core"),
        [
            ("BMW AG", "bmw"),
            ("BMW Aktiengesellschaft", "bmw"),
            ("Bayerische Motoren Werke AG", "bayerische motoren werke"),
            ("China Mobile International Ltd.", "china mobile"),
            ("中国移动通信集团有限公司", "中国移动通信"),
            ("朝日丘モビリティ株式会社", "朝日丘モビリティ"),
            ("Group Holding", "group holding"),
            ("有限公司", "有限公司"),
        ],
    )
    def test_leaves_the_legal_form_out(self, name: str, core: str) -> None:
        assert names.core(name) == core


class TestGrams:
    @pytest.mark.parametrize(
        ("text", "grams"),
        [
            ("中国移动", ["中国", "国移", "移动"]),
            ("bmw ag", ["ag", "bm", "mw"]),
            ("x", ["x"]),
            ("", []),
        ],
    )
    def test_are_the_pairs_within_words(self, text: str, grams: list[str]) -> None:
        assert names.grams(text) == grams


class TestDomain:
    @pytest.mark.parametrize(
        "text",
        [
            "bmw.de",
            "BMW.de",
            "https://www.bmw.de/en/home?x=1#top",
            "http://bmw.de:8080",
            "press@bmw.de",
            " www.bmw.de. ",
        ],
    )
    def test_is_bare_whatever_surrounds_it(self, text: str) -> None:
        assert names.domain(text) == "bmw.de"

    def test_of_another_script_becomes_ascii(self) -> None:
        assert names.domain("宝马.cn") == "xn--pbtq57l.cn"

    @pytest.mark.parametrize(
        "text",
        ["", "bmw", "http://", "10.0.0.1", "gmail.com", "wang@qq.com", "a..b", "-x.de"],
    )
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(names.DomainNameError):
            names.domain(text)
