"""What is wrong with a TOML file that a person wrote: every fault at once, with line and key."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from whistle.domain.refusal import Refused, _

T = TypeVar("T", bound=str)

EMPTY: Final = _("empty; write a text in quotes")

_KEY: Final = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_DOTTED: Final = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER: Final = rf"\s*(\[\[?)\s*({_DOTTED})\s*\]"
_SET: Final = rf"\s*({_DOTTED})\s*="
_LAST_STEP: Final = r"(\.[^.\[\]]*|\[\d+\])$"
_AT_LINE: Final = r"at line (\d+)"


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a file: where, and a sentence with its words."""

    line: int  # from 1; 0 when the place is the whole file
    key: str
    text: str
    words: dict[str, str]
    row: int = 0  # of a table, from 1; the key is then the heading of its column
    file: str = ""  # where several files are read at once

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else [f"row {self.row}"] if self.row else []
        place = ", ".join(part for part in (self.file, *where, self.key) if part)
        return f"{place}: {self.text.format(**self.words)}"


class FaultyFile(Refused):
    """A file that cannot be used, with all its faults at once."""

    def __init__(self, sentence: str, rule: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            sentence,
            rule=rule,
            hint=_("Correct the lines named and try again; nothing was changed."),
            faults="\n".join(map(str, faults)),
        )
        self.faults = faults


def fault(line: int, key: str, text: str, **words: object) -> Fault:
    """A fault, with its words as text."""
    return Fault(line, key, text, {name: str(word) for name, word in words.items()})


def parse(
    text: str, faulty: Callable[[tuple[Fault, ...]], FaultyFile], file: str = ""
) -> dict[str, Any]:
    """The tables of a TOML text; a text that is no TOML is refused by `faulty`, with its line."""
    import tomllib  # here, because only init and import read TOML

    try:
        return tomllib.loads(text.removeprefix("\ufeff"))  # editors on Windows write a mark first
    except tomllib.TOMLDecodeError as error:
        place = re.search(_AT_LINE, str(error))
        line = int(place[1]) if place else 0
        told = fault(line, "TOML", "{error}", error=error)
        raise faulty((msgspec.structs.replace(told, file=file),)) from error


def folded(text: str) -> str:
    """A name as it is compared with what a person types: width and spaces at its ends folded."""
    return unicodedata.normalize("NFKC", text).strip()


class Cell(NamedTuple):
    """Where a key stands that came from a table: its file, its row from 1, its column's heading."""

    file: str
    row: int
    heading: str = ""


class Faults:
    """The faults met so far in one text, and the line, or the cell, of each of its keys."""

    def __init__(self, text: str = "", file: str = "") -> None:
        self.found: list[Fault] = []
        self._lines: dict[str, tuple[str, int]] = {}
        self._cells: dict[str, Cell] = {}
        self.reads(text, file)

    def reads(self, text: str, file: str) -> None:
        """Note where the keys of one more text stand; of two texts the later one counts."""
        lines: dict[str, tuple[str, int]] = {}
        for key, line in _places(text):
            lines.setdefault(key, (file, line))
        self._lines.update(lines)

    def stands(self, key: str, cell: Cell) -> None:
        """Note that a key was read from a cell of a table."""
        self._cells.setdefault(key, cell)

    def say(self, key: str, text: str, **words: object) -> None:
        """Keep a fault; its place is that of the key, or of the nearest table around it."""
        place = key
        while not (place in self._lines or place in self._cells) and re.search(_LAST_STEP, place):
            place = re.sub(_LAST_STEP, "", place)
        if (cell := self._cells.get(place)) is not None:
            self.at(cell, _("empty; it has to be filled") if text is EMPTY else text, **words)
            return
        file, line = self._lines.get(place, ("", 0))
        self._keep(msgspec.structs.replace(fault(line, key, text, **words), file=file))

    def at(self, cell: Cell, text: str, **words: object) -> None:
        """Keep a fault of one cell of a table."""
        told = fault(0, cell.heading, text, **words)
        self._keep(msgspec.structs.replace(told, row=cell.row, file=cell.file))

    def _keep(self, told: Fault) -> None:
        if told not in self.found:  # a table may be looked into twice
            self.found.append(told)

    def in_order(self) -> tuple[Fault, ...]:
        """Every fault, from the top of each file to its end."""
        return tuple(sorted(self.found, key=lambda each: (each.file, each.line or each.row)))


class Table:
    """One table of a file: hands out its values by type, and keeps what is wrong with them.

    For a value with a fault it hands out an empty one, so that reading can go on to the next.
    """

    def __init__(self, faults: Faults, path: str, entries: object) -> None:
        self._faults = faults
        self._path = path
        self._asked: set[str] = set()
        self._entries: dict[str, Any] = entries if isinstance(entries, dict) else {}
        if not isinstance(entries, dict):
            faults.say(path, _("not a table; write keys and values under it"))

    def say(self, key: str, text: str, **words: object) -> None:
        """Keep a fault of one key of this table, or of the table itself when the key is empty."""
        self._faults.say(self._place(key), text, **words)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def _place(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)

    def _value(self, key: str) -> object:
        self._asked.add(key)
        return self._entries.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; missing or empty is a fault unless there is a default."""
        value = self._value(key)
        if value is None and default is not None:
            return default
        if value is None:
            self.say(key, _("missing; write a text in quotes"))
        elif not isinstance(value, str):
            self.say(key, _("not a text; write it in quotes"))
        elif value.strip() or default is not None:
            return value.strip()
        else:
            self.say(key, EMPTY)
        return default or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of names, folded; none when the key is left out."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.say(key, _('not a list of texts; write ["…", "…"]'))
            return ()
        names = tuple(folded(each) for each in value)
        if not all(names):
            self.say(key, _("an empty text in the list"))
        return tuple(name for name in names if name)

    def one_or_more(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """A text or a list of texts, folded; none is a fault unless it is not needed."""
        value = self._value(key)
        if value is None and not needed:
            return ()
        return self.texts(key) if isinstance(value, list) else (folded(self.text(key)),)

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number from least to most."""
        value = self._value(key)
        if value is None and default is not None:
            return default
        if type(value) is not int or not least <= value <= most:  # true is an int, but no number
            text = _("not a whole number from {least} to {most}")
            self.say(key, text, least=least, most=most)
            return least
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when the key is left out."""
        value = self._value(key)
        if value is not None and not isinstance(value, bool):
            self.say(key, _("neither true nor false"))
        return value is True

    def day(self, key: str) -> date | None:
        """A day of the calendar; none when the key is left out."""
        value = self._value(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.say(key, _("not a day; write it without quotes: 2027-01-01"))
        return None

    def choice(self, key: str, allowed: tuple[T, ...]) -> T:
        """One of a few words; the first of them stands in for a faulty one."""
        value = self._value(key)
        for word in allowed:
            if word == value:
                return word
        text = _("missing; one of {allowed}") if value is None else _("not one of {allowed}")
        self.say(key, text, allowed=", ".join(allowed))
        return allowed[0]

    def words(self, key: str) -> dict[str, str]:
        """A table of texts under short names; at least one."""
        table = self.table(key)
        if self._entries.get(key) in (None, {}):
            self.say(key, _("missing or empty; write a short name and a text for each"))
        return {name: table.text(name) for name in table.keys}

    def table(self, key: str) -> "Table":
        """The table under a key; an empty one when it is left out."""
        value = self._value(key)
        return Table(self._faults, self._place(key), {} if value is None else value)

    def tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """The tables under a key, by their names, in the order of the file."""
        inside = self.table(key)
        for name in inside.keys:
            yield name, inside.table(name)

    def rows(self, key: str) -> Iterator["Table"]:
        """The tables of a list, counted from 1; none when the key is left out."""
        value = self._value(key)
        if value is not None and not isinstance(value, list):
            self.say(key, _("not a list; write [{{ … }}, {{ … }}]"))
        elif value is not None:
            for nth, entries in enumerate(value, start=1):
                yield Table(self._faults, f"{self._place(key)}[{nth}]", entries)

    @property
    def keys(self) -> tuple[str, ...]:
        """The names in this table, in the order of the file."""
        return tuple(self._entries)

    def nothing_else(self) -> None:
        """Every key that nobody asked for is a fault."""
        known = ", ".join(sorted(self._asked))
        for key in self._entries.keys() - self._asked:
            self.say(key, _("unknown; here one can write {known}"), known=known)


def _places(text: str) -> Iterator[tuple[str, int]]:
    """The line of each table and key: the TOML reader does not tell.

    A key inside an inline table has no line of its own; its fault shows that of the table.
    """
    table = ""
    counted: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(_HEADER, line):
            table = _path(header[2])
            if header[1] == "[[":
                counted[table] = counted.get(table, 0) + 1
                table = f"{table}[{counted[table]}]"
            yield table, number
        elif key := re.match(_SET, line):
            yield (f"{table}.{_path(key[1])}" if table else _path(key[1])), number


def _path(dotted: str) -> str:
    return ".".join(part.strip("\"'") for part in re.findall(_KEY, dotted))
