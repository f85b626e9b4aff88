"""`whistle watch` 盯办: the night screen. On a terminal a live board, elsewhere a line an event."""

import gc
import os
import select
import shutil
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
import msgspec

from projections.desk import times, tones
from projections.desk.answer import Answer
from projections.desk.board import Board
from projections.desk.desk import Desk, pass_desk
from projections.desk.looking import of_name
from projections.desk.names import of_event
from projections.desk.words import CLOCKS, TOPICS, folded, plain, word
from whistle.domain.moment import SECOND, rfc3339
from whistle.log.rows import Recorded

if TYPE_CHECKING:
    from types import FrameType

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # xterm: alternate screen, cursor
LOOK_S = 1.0  # so often the size of the screen and the reader of a pipe are looked at
BELL = "\a"
RINGS = frozenset(
    {
        "whistle.blown/1", "whistle.call_delivered/1", "whistle.delivery_awaited/1",
        "whistle.requested/1", "whistle.due_soon/1", "whistle.overdue/1", "whistle.supervised/1",
        "whistle.unit_unreachable/1", "whistle.delivery_passed_on/1",
    }
)  # fmt: skip
"""A new call, or one that became due."""
MATTERS = RINGS | {
    "incident.reported/1", "whistle.acknowledged/1", "whistle.declined/1", "whistle.arrived/1",
    "whistle.assembled/1", "whistle.finished/1", "whistle.left_early/1", "whistle.ended/1",
    "whistle.told_contested/1", "policy.reaction_refused/1", "clock.anomaly/1",
}  # fmt: skip
"""What somebody on duty wants to hear of."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option("--interval", "--间隔", default="5s", metavar="SPAN", help="Draw anew so often: 5s.")
@click.option("--once", "--一次", is_flag=True, help="Show the board once and end.")
@pass_desk
def watch(desk: Desk, names: tuple[str, ...], interval: str, *, once: bool) -> Answer:
    """Watch what hurries, live: new calls, running clocks, what is overdue; it rings for new ones.

    With NAMEs, only those incidents or whistles. Into a pipe it writes a line an event, and nothing
    else. Ctrl-C ends it.

    Example: whistle watch --as jj
    """
    gc.enable()  # the program turns it off for runs that last a moment
    every_s = max(times.span(interval) / SECOND, 0.2)
    unit = desk.actor.speaks_for
    with desk.reading() as reader:
        found = [of_name(reader, folded(name).upper()) for name in names]
    cases = frozenset(each.correlation or each.stream for each in found)
    board = Board(desk, "" if desk.units[unit].commander else unit, cases)
    if once or desk.options.get("json"):
        board.look()
        width, height = 10_000, 10_000
        return Answer(data=board.facts(), lines=board.lines(width, height), ids=board.names())
    quiet = not sys.stdout.isatty()
    smart = not quiet and os.environ.get("TERM") not in (None, "", "dumb")
    live = Watch(desk, board, every_s, as_json=bool(desk.options.get("jsonl")))
    if quiet or desk.options.get("jsonl"):
        return Answer(live=live.told())
    return Answer(live=live.screens(smart=smart), after=LEAVE if smart else "")


class Watch:
    """A watch that is kept: what was seen so far, and how often to look."""

    def __init__(self, desk: Desk, board: Board, every_s: float, *, as_json: bool) -> None:
        self.desk = desk
        self.board = board
        self.every_s = every_s
        self.as_json = as_json
        self.seq = desk.log.size()

    def screens(self, *, smart: bool) -> Iterator[str]:
        """The board, drawn anew when something happened, time went on or the window changed."""
        signal.signal(signal.SIGTERM, _ended)
        if smart:
            yield ENTER
        paint = tones.wanted(self.desk.options.get("color"), sys.stdout)
        rings, again = False, True
        while True:
            self.board.look(anew=again)
            size = _window()
            drawn = self.board.lines(size.columns, size.lines if smart else 10_000)
            lines = [tones.painted(line, line) if paint else line for line in drawn]
            if smart:
                body = "\x1b[K\n".join(lines)
                yield f"\x1b[H{body}\x1b[K\x1b[J" + (BELL if rings else "")
            elif again:
                yield "\n".join(lines) + "\n" + (BELL if rings else "")
            news = self._news(while_size=size)
            rings = any(each.topic in RINGS for each in news)
            again = bool(news) or self._moved

    def told(self) -> Iterator[str]:
        """A line for each event that matters, as it comes, until nobody reads any more."""
        while _read_still():
            for each in self._news():
                if each.topic in MATTERS:
                    yield self._line(each)

    _moved = False

    def _news(self, while_size: os.terminal_size | None = None) -> list[Recorded]:
        """What concerns this watch and was recorded until the next look is due."""
        left = self.every_s
        while left > 0 and not self.desk.log.wait_beyond(self.seq, min(left, LOOK_S)):
            left -= LOOK_S
            if while_size is not None and _window() != while_size:
                break
        self.desk.received_at = self.desk.now()
        before = len(self.desk.diagnostics)
        if not self.desk.log.read_only:
            self.desk.hear()
        del self.desk.diagnostics[before:]  # they stand on the board, or come as lines
        page = self.desk.log.page(self.seq)
        self._moved = bool(page)
        self.seq = page[-1].seq if page else self.seq
        return [each for each in page if self.board.concerns(each)]

    def _line(self, each: Recorded) -> str:
        desk, event = self.desk, each.event
        unit = getattr(event, "unit", "")
        with desk.reading() as reader:
            name = of_event(reader, each)
        if self.as_json:
            fact: dict[str, Any] = {"seq": each.seq, "at": rfc3339(event.at), "topic": each.topic}
            fact |= {"name": name, "unit": unit, "unit_name": desk.unit_name(unit) if unit else ""}
            return msgspec.json.encode(fact).decode() + "\n"
        clock = word(CLOCKS, getattr(event, "clock", ""))
        unit_name = desk.unit_name(unit) if unit else ""
        parts = (times.shown(event.at, desk.zone), word(TOPICS, each.topic), name, unit_name, clock)
        return plain("  ".join(part for part in parts if part)) + "\n"


def _window() -> os.terminal_size:
    """The window as it is now; LINES and COLUMNS say how it was when the shell was opened."""
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        size = os.terminal_size((0, 0))
    return size if all(size) else shutil.get_terminal_size()


def _read_still() -> bool:
    """Whether somebody reads our standard output: a pipe says so when its other end was closed."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):  # not a file: somebody holds it in memory
        return True
    return not any(event & (select.POLLERR | select.POLLNVAL) for _fd, event in poll.poll(0))


def _ended(_signal: int, _frame: "FrameType | None") -> None:
    raise KeyboardInterrupt
