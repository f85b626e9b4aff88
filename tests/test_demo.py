"""The demo: a made-up town plays one busy day by the rules, shows itself, and leaves no trace."""

import re
import shlex
import tempfile
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from projections.desk.terminal import wide
from tests.shell import Said, Shell
from whistle import playbooks
from whistle.domain.moment import parse
from whistle.playbook_file import read_playbook
from whistle.town_file import read_units

pytestmark = pytest.mark.sqlite("the demo plays in a file of its own, whatever the store")

BANNER = {"en": "DEMO STORE", "zh": "演示"}


class Kept(NamedTuple):
    """A demo store that was kept, at a desk that uses it, and what the demo said."""

    shell: Shell
    said: Said

    @property
    def views(self) -> Any:
        return self.said.facts["views"]

    @property
    def topics(self) -> list[str]:
        return [topic for (topic,) in self.shell.rows("record", "topic", "ORDER BY seq")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    shell = Shell(tmp_path_factory.mktemp("demo"))
    return Kept(shell, shell.json("demo", "--keep", str(shell.store)))


@pytest.fixture
def mine(kept: Kept, tmp_path: Path) -> Shell:
    """A desk with a copy of the kept store, to act on."""
    return Shell(tmp_path).copy_of(kept.shell)


def call(kept: Kept, view: str, unit: str, whistle: int) -> Any:
    """A unit's row of a whistle, in a view that has such rows."""
    name = f"W-WY26-{whistle:05d}"
    (row,) = (
        row
        for row in kept.views[view]["rows"]
        if row["unit"] == unit and row["whistle_name"] == name
    )
    return row


def test_the_record_of_the_day_proves_itself(kept: Kept) -> None:
    verdict = kept.shell.json("audit", "verify").facts
    assert verdict["ok"]
    assert (verdict["size"], verdict["root"]) == (
        kept.said.facts["events"],
        kept.said.facts["root"],
    )


def test_the_day_keeps_to_the_rules(kept: Kept) -> None:
    assert kept.shell.rows("attempts") == []  # nothing that was asked was refused
    assert {"policy.reaction_refused/1", "clock.anomaly/1"}.isdisjoint(kept.topics)


def test_the_four_views_and_the_ledger_count_the_same_whistles_and_calls(kept: Kept) -> None:
    counted = {
        (view["counts"]["whistles"], view["counts"]["calls"]) for view in kept.views.values()
    }
    assert list(kept.views) == ["inspect", "command", "coordinate", "assess", "ledger"]
    assert counted == {(8, 29)}  # whistles that stand in demo_day.py, and the units they call


def test_incidents_leave_by_every_one_of_the_four_ways(kept: Kept) -> None:
    counts = kept.views["inspect"]["counts"]
    assert {"self", "transfer", "whistle", "refused"} <= set(counts["by_way"])
    assert counts["turned_away"] == 1  # refused before it was taken on: none of the four


def test_the_gas_leak_brings_five_units_in_time_and_one_of_them_by_phone(kept: Kept) -> None:
    gas = [row for row in kept.views["coordinate"]["rows"] if row["whistle_name"][-2:] == "01"]
    assert sorted(row["unit"] for row in gas) == ["U02", "U07", "U08", "U09", "U17"]
    assert all(row["arrived_at"] <= "2026-10-13T17:42:00.000000Z" for row in gas)  # 30 minutes
    told = kept.shell.rows("record", "actor_unit, behalf_unit", "WHERE behalf_unit IS NOT NULL")
    assert set(told) == {("TZ", "U02")}


def test_the_illegal_building_is_down_six_hours_after_it_was_found(kept: Kept) -> None:
    down = call(kept, "coordinate", "U01", 4)
    (found,) = (row for row in kept.views["inspect"]["rows"] if "柳行村南门" in row["place"])
    assert (found["reported_at"], down["finished_at"]) == (
        "2026-10-14T01:05:00.000000Z",
        "2026-10-14T07:05:00.000000Z",
    )


def test_a_unit_declines_and_the_one_it_named_is_called_instead(kept: Kept) -> None:
    assert call(kept, "coordinate", "U07", 5)["proposed"] == "U18"
    assert call(kept, "coordinate", "U18", 6)["duty"] == "lead"
    (pipe,) = (row for row in kept.views["inspect"]["rows"] if row["whistles"] == 2)
    assert pipe["stage"] == "closed"


def test_the_late_unit_is_warned_overdue_supervised_and_comes_after_all(kept: Kept) -> None:
    late = call(kept, "coordinate", "U15", 8)
    assert late["arrived_at"] == "2026-10-14T11:22:00.000000Z"
    topics = [topic for topic in kept.topics if "due" in topic or "supervised" in topic]
    assert topics[-3:] == ["whistle.due_soon/1", "whistle.overdue/1", "whistle.supervised/1"]
    noted = kept.shell.rows("record", "recorded_at", "WHERE topic = 'whistle.overdue/1'")
    assert [at < parse(late["arrived_at"]) for (at,) in noted] == [True]  # not for its coming
    units = {row["unit"]: row["overdue"] for row in kept.views["assess"]["rows"]}
    assert {unit: clocks for unit, clocks in units.items() if clocks} == {"U15": {"arrive": 1}}


def test_failed_work_is_done_again_and_a_unit_that_left_early_stands_so(kept: Kept) -> None:
    assert "incident.verification_failed/1" in kept.topics
    units = {row["unit"]: row for row in kept.views["assess"]["rows"]}
    assert {unit for unit, row in units.items() if row["reworks"]} == {"U01", "U03", "U11"}
    assert {unit for unit, row in units.items() if row["left_early"]} == {"U03"}


def test_the_leader_does_not_approve_everything(kept: Kept) -> None:
    counts = kept.views["command"]["counts"]
    assert (counts["turned_down"], counts["waiting_for_approval"]) == (1, 1)


def test_both_sides_mark_every_call_of_a_whistle_that_is_over(kept: Kept) -> None:
    over = [row for row in kept.views["coordinate"]["rows"] if row["stage"] != "released"]
    assert {row["whistle_name"] for row in over} == {"W-WY26-00005", "W-WY26-00007"}
    marked = kept.topics.count("whistle.unit_evaluated/1"), kept.topics.count("whistle.rated/1")
    assert marked == (25, 25)  # 29 calls, of which the 4 of the key-task whistle are open


def test_a_mistyped_mark_is_corrected_and_both_stay(kept: Kept) -> None:
    assert kept.topics.count("record.corrected/1") == 1
    (fire,) = (row for row in kept.views["assess"]["rows"] if row["unit"] == "U08")
    assert (fire["marks"], fire["marks_sum"]) == (1, 95)
    typed = kept.shell.rows("record", "state", "WHERE topic = 'whistle.unit_evaluated/1'")
    assert any(b'"score":9,' in bytes(state) or b'"score":9}' in bytes(state) for (state,) in typed)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_people_see_is_readable_and_text_stays_text(language: str, tmp_path: Path) -> None:
    said = Shell(tmp_path)("demo", "--lang", language)
    assert said.code == 0
    lines = said.text.splitlines()
    assert [line for line in lines if wide(line) > 100] == []
    assert {unicodedata.category(sign) for line in lines for sign in line}.isdisjoint(
        {"Cc", "Cf", "Cs", "Co"}
    )
    for hostile in ("<script>alert(1)</script>", "DROP TABLE", "\\u202e", '=HYPERLINK("x")'):
        assert sum(hostile in line for line in lines) == 1
    assert sum(line.startswith("I-WY26-") for line in lines) == 17  # no place broke its line
    assert BANNER[language] in said.told


def test_without_keep_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Shell(tmp_path)("demo").code == 0
    assert list(tmp_path.iterdir()) == []


def test_keep_without_a_file_leaves_the_store_in_the_data_directory(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    said = shell.json("demo", "--keep")
    left = tmp_path / "share" / "whistle" / "demo.db"
    assert said.facts["store"] == f"sqlite:///{left}"
    assert not shell.store.exists()
    assert shell.json("status", "--store", said.facts["store"]).facts["open_whistles"] == 2


def test_keep_never_takes_the_place_of_a_file(kept: Kept) -> None:
    before = kept.shell.record()
    again = kept.shell.json("demo", "--keep", str(kept.shell.store), code=5)
    assert again.rules == ["demo.exists"]
    assert kept.shell.record() == before


def test_everything_that_is_proposed_to_try_works(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    text = shell("demo", "--keep", str(shell.store)).text
    _played, _export, proposed = text.partition(f"export WHISTLE_STORE=sqlite:///{shell.store}\n")
    lines = [re.split(r"\s{2,}", line.strip())[0] for line in proposed.splitlines()]
    assert len(lines) == 7
    for line in lines:
        shell.line(shlex.join(shlex.split(line)))


OPENING = [
    "inbox", "status", "show I-WY26-00001", "log W-WY26-00001", "incident list", "item list",
    "clock list", "view inspect", "view command", "view coordinate", "view assess", "view ledger",
    "assess ledger", "assess rank", "org unit list", "org person list", "playbook show",
    "events list", "audit verify", "projection status", "projection rebuild inspect",
    "accept 17 --dry-run", "report flyposting 砖塔路 --dry-run",
]  # fmt: skip


@pytest.mark.parametrize("line", OPENING)
def test_a_demo_store_says_so_on_every_verb(line: str, mine: Shell) -> None:
    said = mine(*line.split(), "--lang", "en")
    assert (said.code, BANNER["en"] in said.told) == (0, True)
    assert mine.json(*line.split()).rules.count("store.demo") == 1


@pytest.mark.parametrize("line", ["show 99", "close 1", "ack 8", "arrive 8 --as nobody"])
def test_a_demo_store_says_so_beside_a_refusal(line: str, mine: Shell) -> None:
    said = mine(*line.split(), "--json")
    assert said.code > 1
    assert said.rules.count("store.demo") == 1


def test_a_town_of_ones_own_carries_no_banner(tmp_path: Path) -> None:
    shell = Shell(tmp_path).founded()
    assert shell.json("status").envelope["diagnostics"] == []


def test_the_made_up_units_fill_every_place_of_the_default_rule_pack() -> None:
    units, _persons = read_units(playbooks.text("demo_units.toml"))
    types = [unit.type for unit in units]
    called = {
        place
        for item in read_playbook(playbooks.text("default.toml")).items.values()
        for place in (item.lead, *item.assists)
    }
    assert {place: types.count(place) for place in called} == dict.fromkeys(called, 1)
    assert len(units) == 28  # 27 units, and the office that calls them


def test_nobody_who_reports_is_named() -> None:
    for name in ("demo_incidents.toml", "demo_units.toml"):
        text = playbooks.text(name)
        assert re.search(r"\d{3,4}-\d{4}|reporter_|phone *=", text) is None
        assert re.search(r"[\u4e00-\u9fff](某某|先生|女士)", text) is None
