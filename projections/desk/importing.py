"""Importing what other systems recorded: event lines, or any table by a map of its columns."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.founding import read
from projections.desk.import_report import answered, table_answered
from projections.desk.nouns import Noun
from projections.desk.words import say
from whistle.domain.history import Told
from whistle.domain.refusal import _
from whistle.engine.importing import (
    Importing,
    Progress,
    check_source,
    import_events,
    import_told,
)
from whistle.engine.line_file import spooled
from whistle.table_file import is_encoding
from whistle.table_history import Reading, TableHistory
from whistle.table_map import TableMap, read_map, shipped
from whistle.wall_clock import zone_of

SOURCE = "imported"  # of lines whose system nobody named


@click.group("import", cls=Noun, chinese={"事件": "events", "表格": "table"})
def import_() -> None:
    """Take in what other systems recorded."""


skip_option = click.option(
    "--skip-bad",
    "--跳过坏行",
    is_flag=True,
    help="Leave bad lines out instead of refusing the file.",
)


@import_.command("events")
@click.argument("file")
@click.option(
    "--source",
    "--来源",
    default=SOURCE,
    show_default=True,
    metavar="NAME",
    help="The system the lines come from; ids are unique within it.",
)
@skip_option
@pass_desk
def events(desk: Desk, file: str, source: str, *, skip_bad: bool) -> Answer:
    """Import FILE (or -) of neutral event lines, plain or gzip; run it again to resume.

    Example: whistle import events dispatch.jsonl.gz --source city-119
    """
    desk.check_town()
    asked = _asked(desk, source, skip_bad=skip_bad)
    with readable(file) as path, _progress() as progress:
        report = import_events(desk.log, path, asked, frozenset(desk.units), progress)
    return answered(report)


@import_.command("table")
@click.argument("file")
@click.option(
    "--map",
    "--对照表",
    "map_name",
    required=True,
    metavar="MAP",
    help="Which column tells what: a .toml file, or a shipped map such as sf-fire.",
)
@click.option(
    "--source", "--来源", metavar="NAME", help="The system the rows come from; else the map's."
)
@click.option("--zone", "--时区", metavar="ZONE", help="Of the table's times; else the map's.")
@click.option(
    "--encoding", "--编码", metavar="NAME", help="Of the file; else the map's, or found out."
)
@skip_option
@pass_desk
def table(
    desk: Desk,
    file: str,
    map_name: str,
    source: str | None,
    zone: str | None,
    encoding: str | None,
    *,
    skip_bad: bool,
) -> Answer:
    """Import FILE (or -) of comma-separated rows by a map of its columns; run it again to resume.

    Example: whistle import table calls.csv.gz --map sf-fire
    """
    desk.check_town()
    table_map = _map(map_name, zone, encoding)
    asked = _asked(desk, source or table_map.source, skip_bad=skip_bad)
    with readable(file) as path, _progress() as progress:
        history = TableHistory(path, table_map, asked.source, asked.at)
        passes: list[Reading] = []

        def telling() -> Iterator[Told]:
            passes.append(Reading())
            return history.told(passes[-1])

        report = import_told(desk.log, telling, asked, frozenset(desk.units), progress)
    return table_answered(report, history.layout, table_map.zone, passes[0])


def _map(name: str, zone: str | None, encoding: str | None) -> TableMap:
    """The map of a file or of the program, with what this run says otherwise."""
    text = read(Path(name)) if name.endswith(".toml") else shipped(name)
    found = read_map(text)
    if zone is not None:
        try:
            zone_of(zone)
        except ValueError as error:
            sentence = _("There is no zone {zone}: write +08:00 or a name like Europe/London.")
            raise click.UsageError(say(sentence, zone=zone)) from error
    if encoding and not is_encoding(encoding):
        sentence = _("There is no encoding {encoding}: write utf-8, gb18030, or leave it out.")
        raise click.UsageError(say(sentence, encoding=encoding))
    return found._replace(zone=zone or found.zone, encoding=encoding or found.encoding)


def _asked(desk: Desk, source: str, *, skip_bad: bool) -> Importing:
    rehearsed = desk.options["dry_run"]
    return Importing(check_source(source), desk.actor, desk.received_at, skip_bad, rehearsed)


@contextmanager
def readable(file: str) -> Iterator[Path]:
    """A file's path; standard input (-) is first laid down where it can be read twice."""
    if file != "-":
        yield Path(file)
        return
    with spooled(sys.stdin.buffer) as copy:
        yield copy


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal, silence on a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=say(_("importing")), file=sys.stderr) as bar:

        def show(done: int, lines: int) -> None:
            bar.length = max(lines, 1)
            bar.update(done - bar.pos)

        yield show
