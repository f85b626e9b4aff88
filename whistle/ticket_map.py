"""Maps of live tickets: TOML that says which column of a platform's export tells what.

The keys are those of the maps of `import table`: a column by its name or a list of its names, the
zone and forms of its times, encoding and delimiter where they cannot be found out. Beside them
stand the channel, the platform's own names of items, and the columns that tell of the reporter.
"""

from typing import Final, NamedTuple, get_args

from whistle.domain.incident.events import Channel
from whistle.domain.refusal import NotFound, _
from whistle.table_file import Column, folded
from whistle.table_map import delimiter_told, encoding_told, forms_told, map_of, zone_told
from whistle.toml_faults import Table

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
OF_THE_REPORTER: Final = (
    "姓名", "电话", "手机", "联系方式", "身份证", "证件", "住址", "家庭地址", "联系地址", "户籍",
    "微信", "邮箱", "诉求人", "来电人", "反映人", "举报人", "信访人", "投诉人", "联系人", "性别",
    "年龄", "phone", "mobile", "e-mail", "email", "caller", "id card", "contact",
)  # fmt: skip
"""Words in a column's name by which it is known to tell of the reporter."""


class TicketMap(NamedTuple):
    """Which column of a platform's tickets tells what."""

    channel: Channel
    zone: str  # of the wall clock: an IANA name or +08:00
    forms: tuple[str, ...]  # of the times, tried in this order
    encoding: str  # empty: found out
    delimiter: str  # empty: found out
    ticket: Column
    item: Column
    place: Column
    grid: Column  # empty: the table has none
    taken: Column  # when the platform took it in; empty: it does not tell
    deadline: Column  # the platform's own; kept as a note, no clock runs by it
    drop: tuple[str, ...]  # columns of the reporter, beside those known by their names
    items: dict[str, str]  # the platform's name of a matter, folded -> a name in our catalogue

    def wanted(self) -> list[Column]:
        """Every column that is read."""
        optional = [each for each in (self.grid, self.taken, self.deadline) if each]
        return [self.ticket, self.item, self.place, *optional]

    def of_reporter(self, header: tuple[str, ...]) -> list[str]:
        """The columns of a table that tell of the reporter: never read, never kept."""
        named = {folded(each) for each in self.drop}
        return [each for each in header if each in named or tells_of_reporter(each)]


def tells_of_reporter(column: str) -> bool:
    """Whether a column is known by its name to tell of the reporter."""
    return any(word in column.casefold() for word in OF_THE_REPORTER)


def read_ticket_map(text: str) -> TicketMap:
    """The map of tickets that a TOML text describes. Raises what `map_of` raises."""
    return map_of(text, _map)


def shipped(name: str) -> str:
    """The text of a map that comes with the program; NotFound names those that there are."""
    from whistle import playbooks

    names = [each.removesuffix(".toml") for each in playbooks.ticket_maps()]
    if name not in names:
        raise NotFound(
            _("There is no map {name}: write a file that ends in .toml, or one of {names}."),
            name=name,
            names=", ".join(names),
        )
    return playbooks.text(f"maps/{name}.toml")


def _map(table: Table) -> TicketMap:
    found = TicketMap(
        channel=table.choice("channel", CHANNELS),
        zone=zone_told(table),
        forms=forms_told(table, needed="taken" in table or "deadline" in table),
        encoding=encoding_told(table),
        delimiter=delimiter_told(table),
        ticket=table.one_or_more("ticket"),
        item=table.one_or_more("item"),
        place=table.one_or_more("place"),
        grid=table.one_or_more("grid", needed=False),
        taken=table.one_or_more("taken", needed=False),
        deadline=table.one_or_more("deadline", needed=False),
        drop=table.texts("drop"),
        items=_items(table.table("items")),
    )
    for key in ("ticket", "item", "place", "grid", "taken", "deadline"):
        for name in getattr(found, key):
            if name in found.drop or tells_of_reporter(name):
                text = _("{column} tells of the reporter, and nothing of a reporter is kept")
                table.say(key, text, column=name)
    return found


def _items(table: Table) -> dict[str, str]:
    return {folded(name): table.text(name) for name in table.keys}
