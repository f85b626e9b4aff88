"""The reply to an order, kept as facts so that a repeat can be answered with the very same."""

from collections.abc import Callable, Sequence

import msgspec

from whistle import codec
from whistle.domain.moment import Instant
from whistle.log import reply_form
from whistle.log.reply_form import CLOCKS, PROVISIONAL, STARTED, KeptClock, KeptReply, KeptStep


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event that the order recorded."""

    seq: int
    topic: str


class ClockMoved(msgspec.Struct, frozen=True):
    """A clock that the order started or stopped."""

    call: str
    clock: str
    action: str
    due: Instant
    provisional: bool = False  # counted without the year's calendar


class NextStep(msgspec.Struct, frozen=True):
    """Who owes what next."""

    unit: str
    verb: str
    name: str
    due: Instant | None = None
    event: int | None = None  # to be named with --event


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What an order did."""

    id: str
    stream: str
    version: int
    stage: str
    events: tuple[RecordedEvent, ...]
    clocks: tuple[ClockMoved, ...] = ()
    next: tuple[NextStep, ...] = ()
    unfilled: tuple[str, ...] = ()  # places of the catalogue that no unit of the town fills
    replayed: bool = False

    def encode(self) -> bytes:
        """The bytes that are kept."""
        return reply_form.encode(
            KeptReply(
                runs=reply_form.runs(event.seq for event in self.events),
                id=self.id,
                stream=self.stream,
                version=self.version,
                stage=self.stage,
                clocks=tuple(_kept_clock(each, self.id) for each in self.clocks),
                next=tuple(_kept_step(each, self.id) for each in self.next),
                unfilled=self.unfilled,
            )
        )


_replies = msgspec.json.Decoder(Reply)

Topics = Callable[[Sequence[int]], list[str]]
"""The topics of events by their seqs, in the same order."""


def decode(body: bytes, topics: Topics) -> Reply:
    """A kept reply, marked as a repeat; Broken when it is damaged."""
    if reply_form.is_json(body):  # as earlier programs kept it
        return msgspec.structs.replace(codec.read(_replies, body), replayed=True)
    kept = reply_form.decode(body)
    seqs = list(reply_form.seqs(kept.runs))
    return Reply(
        id=kept.id,
        stream=kept.stream,
        version=kept.version,
        stage=kept.stage,
        events=tuple(map(RecordedEvent, seqs, topics(seqs))),
        clocks=tuple(_clock(each, kept.id) for each in kept.clocks),
        next=tuple(_step(each, kept.id) for each in kept.next),
        unfilled=kept.unfilled,
        replayed=True,
    )


def _kept_clock(moved: ClockMoved, of: str) -> KeptClock:
    how = STARTED * (moved.action == "start") | PROVISIONAL * moved.provisional
    call = reply_form.short(moved.call, of)
    return KeptClock(call, CLOCKS.index(moved.clock), how, moved.due)


def _clock(kept: KeptClock, of: str) -> ClockMoved:
    return ClockMoved(
        reply_form.whole(kept.call, of),
        CLOCKS[kept.clock],
        "start" if kept.how & STARTED else "stop",
        kept.due,
        bool(kept.how & PROVISIONAL),
    )


def _kept_step(step: NextStep, of: str) -> KeptStep:
    name = reply_form.short(step.name, of)
    return KeptStep(step.unit, step.verb, name, step.due, step.event)


def _step(kept: KeptStep, of: str) -> NextStep:
    name = reply_form.whole(kept.name, of)
    return NextStep(kept.unit, kept.verb, name, kept.due, kept.event)
