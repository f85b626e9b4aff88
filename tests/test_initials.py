"""Pinyin initials: units are found by the letters a clerk types."""

import pytest

from whistle.domain.initials import initials


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("交警", "jj"),
        ("派出所", "pcs"),
        ("消防救援站", "xfjyz"),
        ("城管", "cg"),
        ("环卫", "hw"),
        ("园林", "yl"),
        ("水务站", "swz"),
        ("住建", "zj"),
        ("市场监管所", "scjgs"),
        ("自然资源所", "zrzys"),
        ("生态环境", "sthj"),
        ("农业农村", "nync"),
        ("卫健", "wj"),
        ("司法所", "sfs"),
        ("人社", "rs"),
        ("供电公司", "gdgs"),
        ("燃气", "rq"),
        ("物业", "wy"),
        ("应急办", "yjb"),
        ("法庭", "ft"),
        ("民政和社会救助", "mzhshjz"),
    ],
)
def test_a_unit_is_typed_by_the_first_letters_of_its_pinyin(name: str, typed: str) -> None:
    assert initials(name) == typed


def test_letters_and_digits_stand_for_themselves_in_lower_case_and_half_width() -> None:
    assert initials("１２３４５热线") == "12345rx"
    assert initials("Ｅ01 B组") == "e01bz"


def test_the_ends_of_the_alphabet_have_their_letters() -> None:
    # the first and last common characters of a few letters, as a dictionary sorts them
    assert initials("啊澳八簿擦错座匝孕压") == "aabbcczzyy"


def test_rare_characters_and_signs_are_skipped_not_guessed() -> None:
    assert initials("深圳") == "s"  # 圳 is in GB 2312's level 2, sorted by radical
    assert initials("（城东）派出所·é𠀀") == "cdpcs"
    assert initials("") == ""
