"""Live tickets of other platforms: reported once, whole or not at all, without their people."""

from pathlib import Path

import pytest

from tests.lists import ITEMS, UNITS, csv
from tests.shell import Shell
from whistle import playbooks
from whistle.ticket_map import read_ticket_map

TICKETS = Path(__file__).parent / "data" / "tickets"
HOTLINE = str(TICKETS / "hotline.csv")
IMPORT = ("incident", "import")


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """A town's desk, on the morning of the tickets."""
    return Shell(tmp_path).founded()


def changed(desk: Shell, old: str, new: str) -> str:
    """The hotline's file with one text changed."""
    path = desk.folder / "changed.csv"
    text = (TICKETS / "hotline.csv").read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return str(path)


def test_each_ticket_becomes_an_incident_of_its_channel(desk: Shell) -> None:
    said = desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345")
    facts = said.facts
    assert (facts["rows"], facts["recorded"], facts["bad"]) == (3, 3, [])
    assert facts["names"] == ["I-WY26-00001", "I-WY26-00002", "I-WY26-00003"]
    rows = desk.json("incident", "list").facts
    assert [(row["channel"], row["source_ticket"], row["item"], row["place"]) for row in rows] == [
        ("12345", "HL-2026-0001", "0406", "榆苑路3号"),
        ("12345", "HL-2026-0002", "0406", "榆苑路 三号门口"),
        ("12345", "HL-2026-0003", "0501a", "草桥路12号"),
    ]
    assert said.rules == ["duplicate.maybe"], "the first two may be one, and are named once"
    assert said.envelope["diagnostics"][0]["hint"].endswith("merge I-WY26-00002 I-WY26-00001")
    assert [event["topic"] for event in _told(desk, 1)] == ["incident.reported/1"]


def _told(desk: Shell, number: int) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = desk.json("log", str(number)).facts
    return entries


@pytest.mark.parametrize(
    ("file", "name", "count"),
    [
        ("hotline.csv", "hotline-12345", 3),
        ("hotline-gb18030.csv", "hotline-12345", 3),
        ("grid.csv", "grid", 2),
        ("digital-city.csv", "digital-city", 1),
        ("petition.csv", "petition", 1),
    ],
)
def test_the_shipped_maps_read_the_four_platforms(
    desk: Shell, file: str, name: str, count: int
) -> None:
    said = desk.json(*IMPORT, str(TICKETS / file), "--map", name, "--accept")
    assert (said.facts["recorded"], said.facts["bad"]) == (count, [])
    assert {row["stage"] for row in desk.json("incident", "list").facts} == {"accepted"}


@pytest.mark.parametrize("name", playbooks.ticket_maps())
def test_a_shipped_map_names_only_items_of_the_shipped_catalogue(desk: Shell, name: str) -> None:
    by = read_ticket_map(playbooks.text(f"maps/{name}"))
    names = {each for row in desk.json("item", "list").facts for each in (
        row["code"], row["name"], row["english"], *row.get("aliases", ()))}  # fmt: skip
    assert set(by.items.values()) <= names


def test_nothing_of_a_reporter_reaches_the_store(desk: Shell) -> None:
    said = desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345")
    assert said.facts["dropped_columns"] == ["诉求人姓名", "联系电话", "诉求内容"]
    desk.json(*IMPORT, str(TICKETS / "petition.csv"), "--map", "petition")
    kept = b"".join(path.read_bytes() for path in desk.folder.iterdir() if path.is_file())
    for personal in ("赵某某", "13900000001", "摊贩占道", "周某", "110101199001010000"):
        assert personal.encode() not in kept, personal


def test_the_same_tickets_again_add_nothing(desk: Shell) -> None:
    desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345")
    before = desk.rows("events")
    gb = str(TICKETS / "hotline-gb18030.csv")
    facts = desk.json(*IMPORT, gb, "--map", "hotline-12345").facts
    assert (facts["recorded"], facts["known"], facts["conflicts"]) == (0, 3, [])
    assert desk.rows("events") == before


def test_a_ticket_that_changed_is_a_conflict_and_the_new_ones_are_taken(desk: Shell) -> None:
    desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345")
    file = changed(desk, "榆苑路3号", "榆苑路5号")
    with Path(file).open("a", encoding="utf-8") as more:
        more.write("HL-2026-0004,2026-10-14 08:40:00,,,占道摆摊,人民路1号,,,\n")
    facts = desk.json(*IMPORT, file, "--map", "hotline-12345", code=1).facts
    assert facts["conflicts"] == [{"row": 2, "ticket": "HL-2026-0001", "name": "I-WY26-00001"}]
    assert facts["names"] == ["I-WY26-00004"]
    assert desk.json("show", "1").facts["state"]["place"] == "榆苑路3号", "never overwritten"


def test_a_ticket_typed_by_hand_is_the_same_ticket(desk: Shell) -> None:
    by_hand = ("report", "占道经营", "榆苑路3号", "--channel", "12345", "--ticket", "HL-2026-0001")
    desk.json(*by_hand)
    said = desk.json(*by_hand, code=5)
    assert said.rules == ["report.ticket_known"]
    assert "I-WY26-00001" in said.envelope["diagnostics"][0]["message"]
    other = ("report", "占道经营", "榆苑路3号", "--channel", "grid", "--ticket", "HL-2026-0001")
    assert desk.json(*other).facts["id"] == "I-WY26-00002", "an id is unique in its channel"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("占道摆摊,榆苑路3号", "外星人,榆苑路3号", "tickets.item"),
        ("占道摆摊,榆苑路3号", "占道摆摊,", "tickets.cell"),
        ("HL-2026-0001", "", "tickets.cell"),
        ("2026-10-14 08:12:00", "14.10.2026", "tickets.time"),
        ("2026-10-14 08:12:00", "2027-10-14 08:12:00", "tickets.future"),
        ("榆苑路3号", "榆苑路3号 13912345678", "tickets.personal"),
        ("榆苑路3号", "榆苑路3号 11010119900101123X", "tickets.personal"),
        (",G-07,摊贩", ",G-07,多一格,摊贩", "tickets.row"),
    ],
)
def test_one_bad_row_refuses_the_file_and_is_named_by_its_number(
    desk: Shell, old: str, new: str, rule: str
) -> None:
    before = desk.record()
    file = changed(desk, old, new)
    said = desk.json(*IMPORT, file, "--map", "hotline-12345", code=5)
    assert said.rules == ["import.bad_rows"]
    assert [(bad["row"], bad["rule"]) for bad in said.facts["bad"]] == [(2, rule)]
    assert desk.record() == before
    facts = desk.json(*IMPORT, file, "--map", "hotline-12345", "--skip-bad").facts
    assert facts["recorded"] == 2


def test_an_item_that_nobody_knows_is_listed_with_its_rows(desk: Shell) -> None:
    said = desk(*IMPORT, changed(desk, "占道摆摊", "外星人"), "--map", "hotline-12345")
    assert said.code == 5
    assert "no item is called 外星人 (rows 2, 3)" in said.text


def test_a_rehearsal_counts_and_writes_nothing(desk: Shell) -> None:
    before = desk.record()
    facts = desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345", "--dry-run").facts
    assert (facts["new"], facts["recorded"]) == (3, 0)
    assert desk.record() == before


def test_the_platforms_own_limit_is_a_note_and_starts_no_clock(desk: Shell) -> None:
    desk.json(*IMPORT, HOTLINE, "--map", "hotline-12345")
    (event,) = (row for row in desk.json("events", "list").facts if row["seq"] == 27)
    assert event["state"]["note"] == "平台时限 2026-10-16 18:00"
    assert event["state"]["ticket_at"] == 1791936720000000  # 2026-10-14T00:12:00Z
    assert desk.json("clock", "list").facts == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('channel = "pigeon"\nticket = "a"\nitem = "b"\nplace = "c"', "channel"),
        ('channel = "grid"\nitem = "b"\nplace = "c"', "ticket"),
        ('channel = "grid"\nticket = "a"\nitem = "b"\nplace = "家庭住址"', "place"),
        ('channel = "grid"\nticket = "a"\nitem = "b"\nplace = "c"\nzone = "Mars"', "zone"),
        ('channel = "grid"\nticket = "a"\nitem = "b"\nplace = "c"\ntaken = "d"', "formats"),
        ('channel = "grid"\nticket = "a"\nitem = "b"\nplace = "c"\ncolour = "d"', "colour"),
    ],
)
def test_a_map_that_cannot_be_used_says_where(desk: Shell, text: str, key: str) -> None:
    path = desk.folder / "own.toml"
    path.write_text(text, "utf-8")
    said = desk.json(*IMPORT, HOTLINE, "--map", str(path), code=5)
    assert set(said.rules) == {"map.file"}
    assert key in str(said.envelope["diagnostics"])


@pytest.fixture
def own_items(tmp_path: Path) -> Shell:
    """A town with an item list of its own: it has 占道经营 and 燃气泄漏, and no noise or pipes."""
    shell = Shell(tmp_path)
    units, items = csv(tmp_path / "units.csv", UNITS), csv(tmp_path / "items.csv", ITEMS)
    assert shell.json(
        "setup", "--town", "望榆镇", "--code", "WY", "--units", str(units), "--items", str(items)
    )
    return shell


def test_a_town_with_its_own_items_uses_a_shipped_map_for_the_rows_it_can_take(
    own_items: Shell,
) -> None:
    file = changed(own_items, "水管爆裂", "燃气泄漏")
    said = own_items.json(*IMPORT, file, "--map", "hotline-12345")
    assert said.facts["recorded"] == 3
    rows = own_items.json("incident", "list").facts
    assert [row["item"] for row in rows] == ["0101", "0101", "0502"]
    note = said.envelope["diagnostics"][0]
    assert note["rule"] == "tickets.map_items"
    assert "供水管破裂" in note["message"]
    assert "占道经营" not in note["message"]


def test_a_row_that_needs_an_item_the_town_does_not_have_is_listed_by_its_number(
    own_items: Shell,
) -> None:
    before = own_items.record()
    said = own_items.json(*IMPORT, HOTLINE, "--map", "hotline-12345", code=5)
    assert [(bad["row"], bad["rule"]) for bad in said.facts["bad"]] == [(4, "tickets.item")]
    assert "供水管破裂" in said.facts["bad"][0]["reason"]
    assert said.facts["unknown_items"] == {"水管爆裂": [4]}
    assert own_items.record() == before
    skipped = own_items.json(*IMPORT, HOTLINE, "--map", "hotline-12345", "--skip-bad")
    assert skipped.facts["recorded"] == 2


def test_places_with_the_same_item_again_are_listed_and_blame_nobody(desk: Shell) -> None:
    for _time in range(2):
        name = desk.json("report", "占道经营", "榆苑路3号", "--accept").facts["id"]
        desk.json("incident", "handle", name)
        desk.json("verify", name, "pass")
        desk.json("close", name)
    desk.json("report", "占道经营", "榆苑路三号")
    desk.json("report", "占道经营", "草桥路1号")
    desk.json("report", "占道经营", "榆苑路3号门口")
    desk.json("incident", "merge", "5", "3")
    (site,) = desk.json("incident", "repeat-sites").facts
    assert (site["times"], site["still_open"], site["last_outcome"]) == (3, 1, "fixed")
    assert site["names"] == ["I-WY26-00001", "I-WY26-00002", "I-WY26-00003"]
    assert desk.json("view", "inspect").facts["repeat_sites"] == [site]
    shown = desk.json("show", "3").facts["same_site"]
    assert [each["name"] for each in shown] == ["I-WY26-00002", "I-WY26-00001"]
    later = ("incident", "repeat-sites", "--since", "2026-10-15T00:00:00+08:00")
    assert desk.json(*later).facts == []
    assert len(_told(desk, 1)) == 5, "the old case's record is as it was"
