"""Paper: the order, the sign-in sheet, the return slip, the ruling and the case file, as HTML."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.shell import Shell
from whistle.domain.moment import MINUTE

HOSTILE = '<script>alert(1)</script> & "x" \u202egpj.exe'


class Read(HTMLParser):
    """What a browser would make of a page: its tags and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.words: list[str] = []
        self.titles: list[str] = []
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _value in attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data.strip())
            if self.open[-1] == "h1":
                self.titles.append(data)

    @property
    def text(self) -> str:
        return "\n".join(filter(None, self.words))


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    """Given a gas leak, whistled at two units: one came late, one declined on the spot."""
    desk = Shell(tmp_path).founded()
    desk("blow", "-e", "gas-leak", HOSTILE, "-m", "smell in the stairwell")
    desk.now += 40 * MINUTE
    desk.line("whistle arrive 1 --as rq")
    desk.line("whistle arrive 1 --as xf")
    desk.line('whistle decline 1 --as xf --reason not-our-duty --propose rq -m "only a smell"')
    return desk


def test_the_order_names_units_limits_and_who_was_late(desk: Shell) -> None:
    said = desk("show", "W-WY26-00001", "--print")
    assert said.code == 0, said
    page = Read(said.out)
    assert page.titles == ["Whistle order", "Sign-in on the scene", "Return slip"]
    assert page.open == []
    for expected in ("W-WY26-00001", "I-WY26-00001", "smell in the stairwell", "leads", "30"):
        assert expected in page.text, page.text
    assert b'<td class="late">' in said.out  # forty minutes where thirty are allowed


def test_what_was_typed_is_text_and_nothing_is_fetched(desk: Shell) -> None:
    page = Read(desk("show", "I-WY26-00001", "--print").out)
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in page.text  # spelled out, so that it turns nothing around
    assert {"script", "img", "link", "iframe", "a", "object"}.isdisjoint(page.tags)
    assert page.attributes == {"lang", "charset", "http-equiv", "content", "class"}


def test_the_case_file_holds_the_history_and_every_sheet(desk: Shell) -> None:
    page = Read(desk("show", "I-WY26-00001", "--print").out)
    assert page.titles == ["Case file", "Whistle order", "Sign-in on the scene", "Return slip"]
    entries = desk.json("log", "I-WY26-00001").facts
    assert all(f"#{entry['seq']}" in page.text for entry in entries)
    assert f"up to event {entries[-1]['seq']}," in page.text


def test_the_return_slip_says_why_and_who_instead(desk: Shell) -> None:
    text = Read(desk("show", "W-WY26-00001", "--print").out).text
    slip = text[text.index("Return slip") :]
    assert "only a smell" in slip
    assert "proposed instead" in slip


def test_a_contest_has_its_sheet_and_the_ruling_fills_it(desk: Shell) -> None:
    desk.line("whistle org person add TZ 王镇长 --role leader")
    desk.now += 30 * MINUTE
    desk.line("whistle finish 1 --behalf rq --at -20m --told phone --speaker 值班员")
    desk.line("whistle contest 1 --as rq --at -5m -m 'the valve was shut later'")
    waiting = Read(desk("show", "W-WY26-00001", "--print").out)
    assert waiting.titles[-1] == "Ruling"
    assert "the valve was shut later" in waiting.text
    assert "camera at the gate" not in waiting.text
    desk.line("whistle rule 1/rq --as-typed -m 'camera at the gate' --as TZ/王镇长")
    ruled = Read(desk("show", "W-WY26-00001", "--print").out)
    assert "camera at the gate" in ruled.text
    assert "the receipt, as it was typed" in ruled.text
    assert "王镇长" in ruled.text


def test_it_goes_to_a_file_and_never_over_one(desk: Shell, tmp_path: Path) -> None:
    file = tmp_path / "order.html"
    said = desk.json("show", "W-WY26-00001", "--print", "--to", str(file))
    assert said.facts == {"name": "W-WY26-00001", "file": str(file), "sheets": 3}
    body = file.read_bytes()
    assert Read(body).titles[0] == "Whistle order"
    again = desk("show", "W-WY26-00001", "--print", "--to", str(file))
    assert again.code == 5
    assert file.read_bytes() == body


def test_in_chinese_it_is_the_paper_that_offices_know(desk: Shell) -> None:
    said = desk("查看", "W-WY26-00001", "--打印", "--lang", "zh")
    page = Read(said.out)
    assert page.titles == ["吹哨单", "到场签到表", "退单"]
    assert b'<html lang="zh-CN">' in said.out


def test_on_the_scene_people_write_their_name_and_when_they_left(desk: Shell) -> None:
    page = Read(desk("查看", "W-WY26-00001", "--打印", "--lang", "zh").out)
    signed = page.text[page.text.index("到场签到表") : page.text.index("退单")]
    for heading in ("单位", "到场", "姓名", "职务", "签名", "离场时间"):
        assert f"\n{heading}\n" in signed, signed
    assert signed.count("2026-10-14") == 3  # two units came, a line each; and the foot


def test_a_long_note_leaves_the_other_columns_their_width(desk: Shell) -> None:
    desk.json("act", "1", "repair", "--as", "rq", "-m", "很长的备注。" * 60)
    said = desk("show", "I-WY26-00001", "--print")
    history = said.text[said.text.index("What happened") :]
    assert '<table class="ruled">' in history
    head = history[: history.index("</thead>")]
    assert head.count("<th class=") == 4  # all but the note itself
    assert "<span>2026-10-14</span> <span>09:" in history


def test_what_is_not_there_has_no_paper(desk: Shell) -> None:
    assert desk("show", "W-WY26-00009", "--print").code == 3
    draft = desk.json("report", "street-vending", "榆苑路").facts["id"]
    assert Read(desk("show", draft, "--print").out).titles == ["Case file"]
