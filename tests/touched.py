"""A day on record in a store whose guards are off, and where an event's columns stand in it."""

from tests.office import Office, untie
from tests.town import at
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.log.verify import Verdict

SHARED = ("received_at", "happened_at", "happened_why", "command_id", "command_digest",
          "actor_unit", "actor_person", "actor_role", "behalf_unit")  # fmt: skip


def untied_day(office: Office) -> Office:
    """A day's work on record; nothing holds a database tool back any more."""
    office.blow()
    office.clock.now = at("09:02")
    office.ask(
        ("w1", Acknowledge(unit="rq")), by="rq", happened_at=at("09:01"), happened_why="占线"
    )
    office.ask(("w1", Arrive(unit="xf")), by="town>xf")
    with office.behind() as tool:
        untie(tool)
    return office


def verdict(day: Office, *statements: str) -> Verdict:
    """What the proof says after these statements."""
    with day.behind() as tool:
        for statement in statements:
            tool.execute(statement)
    return day.log.verify()


def seq_of(day: Office, topic: str) -> int:
    """The place of the first event under a topic."""
    return next(each.seq for each in day.told() if each.topic == topic)


def stamped(column: str) -> str:
    """Where an event's stamp has a column."""
    return "commands" if column in SHARED else "ledger"


def stamp_of(column: str, seq: int) -> str:
    """Which row that is, as SQL."""
    if column in SHARED:
        return f" WHERE id = (SELECT command FROM ledger WHERE seq = {seq})"
    return f" WHERE seq = {seq}"
