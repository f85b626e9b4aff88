"""What many an office system is: rows that are overwritten, and an audit table beside them.

SQLAlchemy 2.1 ORM on SQLite (WAL, FULL): one session and one commit an order.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Engine, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from bench.stored import stored
from bench.workload import Act, Line

MS = 1000
BEFORE = {"ack": "called_at", "arrive": "ack_at", "finish": "arrive_at"}


class Base(DeclarativeBase):
    """The tables."""


class Whistle(Base):
    """A whistle as it stands."""

    __tablename__ = "whistles"
    name: Mapped[str] = mapped_column(primary_key=True)
    town: Mapped[str]
    kind: Mapped[str]
    place: Mapped[str]
    blown_at: Mapped[int]
    evaluated_at: Mapped[int | None]
    calls: Mapped[list["Call"]] = relationship(lazy="selectin")


class Call(Base):
    """A call as it stands."""

    __tablename__ = "calls"
    whistle: Mapped[str] = mapped_column(ForeignKey("whistles.name"), primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    called_at: Mapped[int]
    ack_at: Mapped[int | None]
    arrive_at: Mapped[int | None]
    finish_at: Mapped[int | None]
    result: Mapped[str | None]
    score: Mapped[int | None]


class Audit(Base):
    """What was done."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    whistle: Mapped[str] = mapped_column(index=True)
    verb: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


def durable(connection: Any, _record: Any) -> None:
    """As every contestant: a sync at each commit."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


class Peer:
    """One file and the engine on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "crud.db"
        self.engine: Engine = create_engine(f"sqlite:///{self.path}")
        event.listen(self.engine, "connect", durable)
        Base.metadata.create_all(self.engine)

    def order(self, act: Act) -> int:
        """Load, check, overwrite, add to the audit, commit."""
        body, at = act.body, act.body["at"]
        with Session(self.engine) as session, session.begin():
            if act.verb == "blow":
                calls = [Call(unit=unit, called_at=at) for unit in body["units"]]
                new = {key: body[key] for key in ("town", "kind", "place")}
                session.add(Whistle(name=body["whistle"], blown_at=at, calls=calls, **new))
            else:
                self._answered(session.get_one(Whistle, body["whistle"]), act)
            session.add(Audit(whistle=body["whistle"], verb=act.verb, body=body))
        return 1

    def _answered(self, whistle: Whistle, act: Act) -> None:
        if whistle.evaluated_at is not None:
            raise ValueError(act)
        if act.verb == "evaluate":
            whistle.evaluated_at = act.body["at"]
            for call in whistle.calls:
                call.score = act.body["scores"][call.unit]
            return
        call = next(each for each in whistle.calls if each.unit == act.unit)
        if getattr(call, BEFORE[act.verb]) is None or getattr(call, f"{act.verb}_at") is not None:
            raise ValueError(act)
        setattr(call, f"{act.verb}_at", act.body["at"])
        call.result = act.body.get("result")

    def ledger(self) -> list[Line]:
        """The answer, from the rows as they stand."""
        columns = (Call.whistle, Call.unit, Call.called_at, Call.ack_at, Call.arrive_at,
                   Call.finish_at)  # fmt: skip
        with Session(self.engine) as session:
            rows = session.execute(select(*columns)).all()
        return [
            Line(int(name, 16), unit, *(None if at is None else (at - blown) // MS for at in said))
            for name, unit, blown, *said in rows
        ]

    def bytes(self) -> int:
        """The size of the file, with all that stands in its log."""
        return stored(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()
