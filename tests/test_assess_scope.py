"""Every assessment can be asked what was known at a moment; London's vehicles by their map."""

import gzip
from pathlib import Path

import pytest

from tests.cities import answers
from tests.shell import Shell

SF = Path(__file__).parent / "data" / "sf_fire"
LONDON = SF.parent / "london_fire" / "mobilisations.csv"
POINTS = answers(SF, "expected_sf_week_a_streams")["late_points"]


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("late")).founded("Outside", "OC")
    shell.json("import", "events", str(SF / "sf_week_a_late.jsonl.gz"))
    return shell


@pytest.mark.parametrize("point", POINTS[::4], ids=lambda point: str(point["known_at"]))
def test_every_figure_can_be_asked_as_it_was_known_then(
    late: Shell, point: dict[str, str | int]
) -> None:
    known = ("--known-at", str(point["known_at"]))
    ledger = late.json("assess", "ledger", "--limits", "arrival=300s", *known).facts
    arrival = ledger["overall"]["metrics"]["arrival"]
    assert (arrival["n_valid"], arrival["p90_nearest"], arrival["on_time"]) == (
        point["arrival_n"],
        point["arrival_p90_nearest"],
        point["arrival_within_300s"],
    )
    ranked = late.json("assess", "rank", "--limits", "arrival=300s", *known).facts["ranking"]
    assert sum(each["on_time"] for each in ranked) == point["arrival_within_300s"]
    odd = late.json("assess", "quality", *known).facts["counts"]
    assert ledger["overall"]["assignments"] - odd["missing_arrival"] == point["arrival_n"]
    told = late.json("assess", "incidents", *known).facts["incidents"]
    assert sum(each["units_arrived"] for each in told) == point["arrival_n"]


def test_a_replay_can_be_asked_what_one_knew_at_that_time(late: Shell) -> None:
    point = POINTS[2]
    words = ("replay", "--until", point["known_at"], "--known-at", point["known_at"])
    knew = late.json(*words).facts
    knows = late.json(*words[:3]).facts
    assert knew["on_scene"] + knew["finished"] < knows["on_scene"] + knows["finished"]


def test_until_a_moment_only_what_had_happened_by_then_counts(late: Shell) -> None:
    until = ("--until", "2016-12-31T09:41:47+08:00")
    stand = answers(SF, "expected_sf_week_a_asof")["points"][1]
    assert stand["as_of"] == until[1]
    told = late.json("assess", "incidents", *until).facts["incidents"]
    begun = sum(stand[each] for each in ("whistled", "acknowledged", "on_scene", "finished"))
    assert sum(each["units"] for each in told) == begun
    assert begun - sum(each["units_unfinished"] for each in told) == stand["finished"]


def test_like_is_ranked_with_like(tmp_path: Path) -> None:
    shell = Shell(tmp_path).founded("Outside", "OC")
    with gzip.open(SF / "sf_week_a.csv.gz", "rt", encoding="utf-8") as whole:
        head = [next(whole) for _row in range(400)]
    (tmp_path / "calls.csv").write_text("".join(head), encoding="utf-8")
    shell.json("import", "table", str(tmp_path / "calls.csv"), "--map", "sf-fire")
    words = ("assess", "rank", "--limits", "arrival=300s")
    alike = shell.json(*words, "--by", "unit_type").facts
    alone = {each["unit"]: each["on_time"] for each in alike["ranking"]}
    parted = {each["unit"]: each["on_time"] for group in alike["groups"].values() for each in group}
    assert parted == alone  # a vehicle is of one type
    assert [each["rank"] for each in alike["groups"]["TRUCK"]][:3] == [1, 2, 3]


def test_london_tells_one_row_a_vehicle_and_the_brigade_its_own_attendance_times(
    tmp_path: Path,
) -> None:
    shell = Shell(tmp_path).founded("Outside", "OC")
    facts = shell.json("import", "table", str(LONDON), "--map", "london-fire").facts
    assert (facts["rows"], facts["recorded"], facts["times_skipped"]["count"]) == (3, 11, 0)
    shown = shell("assess", "ledger", "--by", "station", "--limits", "arrival=6m").text
    assert ["station", "n", "on", "time"] in [line.split()[:4] for line in shown.splitlines()]
    ledger = shell.json("assess", "ledger", "--by", "station").facts
    arrival = ledger["overall"]["metrics"]["arrival"]
    assert (arrival["min"], arrival["max"], arrival["sum"]) == (300, 410, 321 + 410 + 300)
    assert ledger["overall"]["incidents"] == 2
    assert sorted(ledger["groups"]) == ["Clapham", "Lambeth", "Paddington"]
