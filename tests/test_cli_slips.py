"""Slips of a global option: a profile nobody wrote, a language that is not there, an odd time."""

import pytest

from tests.shell import Shell, sentence


def test_a_profile_that_nobody_wrote_is_no_desk(desk: Shell) -> None:
    """Typed wrong it would else be the town office's desk, and its acts the town's."""
    before = desk.record()
    for said in (
        desk("accept", "3", "--profile", "traffc"),
        desk("accept", "3", WHISTLE_PROFILE="traffc"),
    ):
        assert said.code == 3
        assert "traffc" in sentence(said)
    assert desk.record() == before
    assert desk("status", "--profile", "default").code == 0, "the default needs no file"


@pytest.mark.parametrize("tongue", ["fr", "chinese", ""])
def test_a_language_that_is_not_there_is_told(desk: Shell, tongue: str) -> None:
    said = desk("status", "--lang", tongue)
    assert said.code == 2
    assert "zh" in sentence(said)
    assert desk("status", WHISTLE_LANG="fr_FR.UTF-8").code == 0, "a machine may speak any language"


def test_a_time_that_cannot_count_is_told_by_the_desks_clock(desk: Shell) -> None:
    said = desk("arrive", "1", "--behalf", "rq", "--at", "-300d")
    assert said.code == 5
    told = sentence(said)
    assert "T" not in told.partition("cannot count")[0].partition("among")[0]
    assert "Z" not in told
