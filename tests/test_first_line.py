"""Bare `whistle`: the first line says where one is and what hurries, or how to begin."""

from pathlib import Path

import pytest

from tests.shell import Shell
from whistle.domain.moment import MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def first(desk: Shell, *words: str) -> str:
    return desk(*words).text.splitlines()[0]


def test_what_is_due_within_the_hour_and_next_then_what_is_overdue(desk: Shell) -> None:
    desk.founded()
    where = f"({desk.address})"
    assert first(desk, "--as", "rq") == f"望榆镇, 燃气公司: 0 waiting {where}"
    desk.json("blow", "-e", "gas-leak", "12 Caoqiao Rd")  # blown at 09:00:03: 5 minutes to sign
    line = first(desk, "--as", "rq")
    assert line == (
        f"望榆镇, 燃气公司: 1 waiting, 1 due within the hour, the next by 09:05:03 {where}"
    )
    desk.now += 6 * MINUTE
    assert first(desk, "--as", "rq") == f"望榆镇, 燃气公司: 1 waiting, 1 overdue {where}"
    assert first(desk, "--as", "rq", "--lang", "zh") == (
        f"望榆镇，燃气公司：待办 1 件，超期 1 件（{desk.address}）"
    )


def test_what_is_due_later_than_in_an_hour_is_only_the_next(desk: Shell) -> None:
    desk.founded()
    desk.json("report", "flying-wire", "Yuyuan Rd", "--accept")
    desk.json("blow", "1")
    desk.json("approve", "1")  # sounds at 09:00:04
    desk.json("arrive", "1", "--as", "UM")
    line = first(desk, "--as", "UM")
    # four working hours, slots 08:00-12:00 and 14:00-18:00: three before noon, one after it
    assert line == f"望榆镇, 综合执法中队: 1 waiting, the next by 15:00:04 ({desk.address})"


def test_where_there_is_no_store_it_says_how_to_begin(desk: Shell) -> None:
    said = desk()
    assert said.code == 3
    assert "whistle setup" in said.told
    assert "whistle 设置" in desk("--lang", "zh").told
