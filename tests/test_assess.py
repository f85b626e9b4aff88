"""Assessing a store: only what is proved is scored, live work and history in the same ledger."""

import csv
import gzip
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import cli
from tests import places
from tests.office import untie
from tests.test_ledger_arithmetic import differences
from whistle import clock
from whistle.domain import moment
from whistle.domain.measures import summary
from whistle.domain.refusal import Broken
from whistle.domain.surroundings import Actor
from whistle.engine.assessing import assess
from whistle.engine.importing import Importing, import_events

SF = Path(__file__).parent / "data" / "sf_fire"
LIMITS = "ack=60s,arrival=300s,total_response=480s,disposal=3600s"


def answers(name: str) -> Any:
    path = SF / f"expected_sf_week_a_{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return json.loads(gzip.decompress(path.with_suffix(".json.gz").read_bytes()))


def whistle(capsysbinary: Any, store: Path, *words: str) -> tuple[int, bytes]:
    capsysbinary.readouterr()
    code = cli.run(["--store", places.address(store), "--lang", "en", *words])
    return code, capsysbinary.readouterr().out


def imported(store: Path, stream: str) -> Path:
    """A town's store with an imported log."""
    address = places.address(store)
    assert cli.run(["--store", address, "init", "--town", "Outside", "--code", "OC"]) == 0
    log = places.opened(store)
    asked = Importing("imported", Actor(unit="OC"), clock.now())
    import_events(log, SF / f"sf_week_a_{stream}.jsonl.gz", asked, frozenset())
    log.close()
    return store


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imported(tmp_path_factory.mktemp("week") / "s.db", "events")


def asked(capsysbinary: Any, store: Path, *words: str) -> Any:
    code, out = whistle(capsysbinary, store, *words, "--json")
    assert code == 0
    return json.loads(out)["data"]


def test_the_ledger_of_the_command_line_is_that_of_others(week: Path, capsysbinary: Any) -> None:
    data = asked(capsysbinary, week, "assess", "ledger", "--limits", LIMITS)
    want = answers("ledger")
    for part in ("overall", "per_unit"):
        assert differences(data[part], want[part]) == []
    log = places.opened(week)
    assert data["verified"] == {"from": 1, "to": log.size(), "root": log.root().hex()}


def test_the_ranking_of_the_command_line_is_that_of_others(week: Path, capsysbinary: Any) -> None:
    words = ("assess", "rank", "--limits", "arrival=5m", "--min-n", "20")
    data = asked(capsysbinary, week, *words)
    assert differences(data["ranking"], answers("ranking")["ranking"]) == []


def test_the_odd_rows_are_named_as_others_named_them(week: Path, capsysbinary: Any) -> None:
    data = asked(capsysbinary, week, "assess", "quality")
    want = answers("quality")
    assert differences({key: data[key] for key in want}, want) == []


def test_a_replay_says_how_things_stood_at_a_moment(week: Path, capsysbinary: Any) -> None:
    for point in answers("asof")["points"][::6]:
        data = asked(capsysbinary, week, "replay", "--until", point["as_of"])
        at = moment.rfc3339(moment.parse(point["as_of"]))
        assert {key: data[key] for key in point} == point | {"as_of": at}


def test_a_replay_says_when_most_units_were_out_at_once(week: Path, capsysbinary: Any) -> None:
    want = answers("asof")["concurrency"]
    got = asked(capsysbinary, week, "replay", "--until", "2017-02-01T00:00:00+08:00")["concurrency"]
    assert moment.parse(got["first_reached_at"]) == moment.parse(want["first_reached_at"])
    for key in ("peak_active_assignments", "rows_counted"):
        assert got[key] == want[key]


def test_the_incidents_go_to_a_spreadsheet_with_the_figures_of_others(
    week: Path, capsysbinary: Any
) -> None:
    code, out = whistle(capsysbinary, week, "assess", "incidents", "--csv")
    assert (code, out[:3]) == (0, b"\xef\xbb\xbf")
    got = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"), newline="")))
    with gzip.open(SF / "expected_sf_week_a_incidents.csv.gz", "rt", newline="") as lines:
        want = list(csv.DictReader(lines))
    assert len(got) == len(want)
    for row, line in zip(got, want, strict=True):
        del line["call_type"]  # a column of the source that its event lines do not carry
        assert {column: row[column] for column in line} == line


def test_the_late_stream_at_every_moment_of_knowledge(tmp_path: Path, capsysbinary: Any) -> None:
    store = imported(tmp_path / "s.db", "late")
    log = places.opened(store)
    for point in answers("streams")["late_points"][::3]:
        ledger = assess(log, known_at=moment.parse(point["known_at"])).ledger
        arrival = summary(ledger.assignments(), {"arrival": 300})["overall"]["metrics"]["arrival"]
        early = sum(row.arrived is not None for row in ledger.unwhistled())
        assert (len(ledger), arrival["n_valid"], arrival["p90_nearest"], arrival["on_time"]) == (
            point["events_known"],
            point["arrival_n"],
            point["arrival_p90_nearest"],
            point["arrival_within_300s"],
        )
        assert early == point["arrived_known_before_its_whistle"]


def test_conflicts_are_listed_with_exit_one_and_change_no_figure(
    tmp_path: Path, capsysbinary: Any
) -> None:
    store = imported(tmp_path / "s.db", "events")
    code, out = whistle(
        capsysbinary, store, "import", "events", str(SF / "sf_week_a_conflicts.jsonl"), "--json"
    )
    said = json.loads(out)
    assert (code, said["status"], len(said["data"]["conflicts"])) == (1, "found", 40)
    data = asked(capsysbinary, store, "assess", "ledger", "--limits", LIMITS)
    assert differences(data["overall"], answers("ledger")["overall"]) == []


def test_a_refused_file_exits_five_and_names_its_lines(tmp_path: Path, capsysbinary: Any) -> None:
    store = tmp_path / "s.db"
    whistle(capsysbinary, store, "init", "--town", "Outside", "--code", "OC")
    (tmp_path / "bad.jsonl").write_text("{}\n\nnot json\n", encoding="utf-8")
    code, out = whistle(
        capsysbinary, store, "import", "events", str(tmp_path / "bad.jsonl"), "--json"
    )
    said = json.loads(out)
    assert (code, said["status"]) == (5, "refused")
    assert [(bad["line"], bad["rule"]) for bad in said["data"]["bad"]] == [
        (1, "schema"),
        (3, "syntax"),
    ]


def test_a_record_that_was_tampered_with_is_not_scored(tmp_path: Path, capsysbinary: Any) -> None:
    store = imported(tmp_path / "s.db", "events")
    with closing(places.tool(store)) as tool:
        untie(tool)
        ((state,),) = tool.execute("SELECT state FROM events WHERE position = 900").fetchall()
        changed = bytes(state).replace(b'"at":148', b'"at":149', 1)
        assert changed != state
        tool.execute("UPDATE events SET state = ? WHERE position = 900", (changed,))
    with pytest.raises(Broken) as broken:
        assess(places.opened(store))
    assert broken.value.words["seq"] == 900
    code, out = whistle(capsysbinary, store, "assess", "ledger", "--json")
    assert (code, json.loads(out)["status"]) == (7, "integrity")
    assert not json.loads(out)["data"]


def test_without_limits_imported_rows_are_held_to_none(week: Path, capsysbinary: Any) -> None:
    data = asked(capsysbinary, week, "assess", "ledger")
    assert not any("on_time" in figures for figures in data["overall"]["metrics"].values())


def test_the_attributes_of_the_lines_group_the_ledger(tmp_path: Path, capsysbinary: Any) -> None:
    store = tmp_path / "s.db"
    whistle(capsysbinary, store, "init", "--town", "Outside", "--code", "OC")
    line = {"at": "2026-03-10T10:00:00Z", "kind": "whistled", "incident": "X", "event_id": "1"}
    lines = [
        line | {"event_id": unit, "unit": unit, "attributes": {"station": station}}
        for unit, station in (("E1", "east"), ("E2", "east"), ("W1", "west"))
    ]
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    whistle(capsysbinary, store, "import", "events", str(path))
    data = asked(capsysbinary, store, "assess", "ledger", "--by", "station")
    counted = {name: group["assignments"] for name, group in data["groups"].items()}
    assert counted == {"east": 2, "west": 1}


def test_an_untouched_empty_store_is_proved_and_has_no_rows(tmp_path: Path) -> None:
    places.made(tmp_path / "s.db")
    found = assess(places.opened(tmp_path / "s.db"))
    assert (found.verified.first, found.verified.last) == (0, 0)
    assert found.ledger.assignments() == []
