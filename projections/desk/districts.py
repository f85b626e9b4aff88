"""Several towns' stores at one desk: a file names them, and every unit is shown with its town."""

from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from projections.desk.desk import Desk
from projections.desk.reading import heard
from projections.desk.words import say
from projections.desk.workers import workers_of
from whistle.domain.refusal import NotFound, Refused, _
from whistle.domain.surroundings import UnitEntry
from whistle.engine.shares import Question
from whistle.engine.towns import GatheredTowns, Record, gather_towns


def gathered(desk: Desk, file: Path, asked: Question, workers: str | None) -> GatheredTowns:
    """The towns of the stores that a file names, proved together; their clocks speak first.

    Raises NotFound when the file or a store is not there, Refused when it names none, or when two
    stores are of one town.
    """
    if desk.options.get("store"):
        raise click.UsageError(say(_("Give --store or --stores, not both.")))
    towns = [_opened(desk, address) for address in addresses(file)]
    try:
        for town in towns:
            heard(town)
        records = [Record(town.town.code, town.log) for town in towns]
        size = sum(town.log.size() for town in towns)
        found = gather_towns(records, asked, workers_of(workers, size))
        names: dict[str, UnitEntry] = {}
        for town in towns:
            names |= _units(town)
            desk.diagnostics += [each for each in town.diagnostics if each not in desk.diagnostics]
        desk.units = names  # what is answered names these
        return found
    finally:
        for town in towns:
            town.close()


def _opened(desk: Desk, address: str) -> Desk:
    return Desk({**desk.options, "store": address}, desk.words, desk.own_clock)


def _units(town: Desk) -> Mapping[str, UnitEntry]:
    """The units of a town as they are written among those of other towns."""
    code, name = town.town.code, town.town.name
    return {
        f"{code}:{unit.code}": msgspec.structs.replace(unit, name=f"{name} {unit.name}")
        for unit in town.units.values()
    }


def addresses(file: Path) -> list[str]:
    """The addresses in a file, one a line; empty lines and what follows a # are passed over."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise NotFound(_("There is no file {path}."), path=str(file)) from error
    except UnicodeDecodeError as error:
        raise Refused(
            _("The file {path} is no list of stores: a line each, as --store takes them."),
            rule="assess.stores",
            path=str(file),
        ) from error
    found = [line.partition("#")[0].strip() for line in lines]
    if not any(found):
        raise Refused(
            _("The file {path} names no store: write a line each, as --store takes them."),
            rule="assess.stores",
            path=str(file),
        )
    return [address for address in found if address]
