"""The same place, written as different people write it."""

import pytest

from whistle.domain.site import alike, site


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("草桥路12号", "草桥路 12 号"),
        ("草桥路12号", "草桥路１２号"),
        ("草桥路12号", "草桥路十二号"),
        ("草桥路12号", "草桥路12号门口"),
        ("草桥路12号", "草桥路12号附近"),
        ("草桥路12号", "草桥路，12"),
        ("榆苑小区3号楼2单元301室", "榆苑小区 三号楼 二单元 三零一室"),
        ("长街一百零三号", "长街103号"),
        ("12 Caoqiao Rd", "12 caoqiao road"),
        ("12 Caoqiao Rd", "Caoqiao Rd. 12"),
        ("12 Caoqiao Rd", "near No. 12 Caoqiao Road"),
    ],
)
def test_one_place_in_two_spellings_is_one_site(one: str, other: str) -> None:
    assert site(one) == site(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("草桥路12号", "草桥路14号"),
        ("草桥路12号", "草桥路1号2室"),
        ("3号楼2单元", "2号楼3单元"),
        ("人民路", "人民东路"),
        ("三里河", "五里河"),
        ("五一路", "51路"),
        ("12th Street", "12 Street"),
        ("草桥路12号", "草桥路12-3号"),
    ],
)
def test_two_places_stay_two_sites(one: str, other: str) -> None:
    assert site(one) != site(other)


@pytest.mark.parametrize("place", ["", "？？？", "12", "十二号", "  "])
def test_a_place_without_a_name_is_compared_with_none(place: str) -> None:
    assert site(place) == ""
    assert alike(site(place), site("草桥路")) == 0
    assert alike(site(place), site(place)) == 0


@pytest.mark.parametrize(
    ("one", "other", "percent"),
    [
        ("草桥路12号", "草桥路12号", 100),
        ("草桥路", "草桥路12号", 100),  # the one is only told less exactly
        ("草桥路12号", "草桥路12号3室", 100),
        ("草桥路14号", "草桥路12号", 0),  # neighbours are not one place
        ("望榆镇草桥路12号", "草桥路12号", 90),  # the town in front
        ("人民路", "人民东路", 40),  # 人民 in common, of 2 + 3 pairs: 2 x 1 / 5
        ("榆苑路", "榆园路", 0),  # no pair in common
        ("榆苑路农贸市场", "榆苑农贸市场", 72),  # 榆苑 农贸 贸市 市场 of 6 + 5 pairs: 2 x 4 / 11
        ("河", "湖", 0),
    ],
)
def test_how_alike_two_places_are_can_be_counted_by_hand(
    one: str, other: str, percent: int
) -> None:
    assert alike(site(one), site(other)) == percent
    assert alike(site(other), site(one)) == percent
