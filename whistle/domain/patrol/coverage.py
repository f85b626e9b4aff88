"""How well an area is walked: plans kept, stops seen and people there, by grid and by unit.

A patrol of a plan counts in the period in which its slot begins; one without a plan by its start.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from whistle.domain.moment import Instant
from whistle.domain.patrol.events import Stop, Walker
from whistle.domain.patrol.state import Finding, Patrol


class Line(NamedTuple):
    """What was planned and what was walked, of one grid, one unit or the whole town."""

    key: str
    planned: int  # patrols with a plan
    started: int  # patrols that set out, with a plan or without
    done: int
    missed: int  # nobody had set out when the slot ended
    called_off: int  # by the town, beforehand: planned, and in no other figure
    stops: int  # on the routes
    checked: int  # of these, visited
    late: int
    skipped: int
    findings: int
    walkers: int  # who was to walk, once for each patrol
    attended: int  # of these, who was there

    @property
    def coverage(self) -> Fraction | None:
        """The share of the stops that was visited, 0 to 1; none without a stop."""
        return Fraction(self.checked, self.stops) if self.stops else None

    @property
    def attendance(self) -> Fraction | None:
        """The share of the walkers that was there, 0 to 1; none where nobody was to walk."""
        return Fraction(self.attended, self.walkers) if self.walkers else None


def within(patrol: Patrol, since: Instant | None, until: Instant | None) -> bool:
    """Whether a patrol belongs to [since, until); an end that is left out is open."""
    at = patrol.begins if patrol.begins is not None else patrol.started or 0
    return (since is None or at >= since) and (until is None or at < until)


def whole(patrols: Iterable[Patrol]) -> Line:
    """All of it in one line."""
    return _line("", list(patrols))


def by_grid(patrols: Iterable[Patrol]) -> list[Line]:
    """A line per grid; a patrol counts in each grid of its stops, a stop and a finding in one.

    What lies in no grid has the key "".
    """
    walked = list(patrols)
    grids = sorted({grid for patrol in walked for grid in _grids(patrol)})
    lines = []
    for grid in grids:
        of_grid = [patrol for patrol in walked if grid in _grids(patrol)]

        def inside(each: Stop | Finding, grid: str = grid) -> bool:
            return each.grid == grid

        lines.append(_line(grid, of_grid, inside))
    return lines


def by_unit(patrols: Iterable[Patrol]) -> list[Line]:
    """A line per unit; a patrol counts for each unit that was to walk or was there.

    For a unit a patrol is started and done only if it was there itself.
    """
    walked = list(patrols)
    units = sorted({unit for patrol in walked for unit in patrol.units})
    return [
        _line(unit, [each for each in walked if unit in each.units], of_unit=unit) for unit in units
    ]


def _grids(patrol: Patrol) -> set[str]:
    places: tuple[Stop | Finding, ...] = (*patrol.route, *patrol.passed, *patrol.findings)
    return {place.grid for place in places}


def _all(_each: Stop | Finding) -> bool:
    return True


def _line(
    key: str,
    patrols: list[Patrol],
    counts: Callable[[Stop | Finding], bool] = _all,
    of_unit: str = "",
) -> Line:
    def there(patrol: Patrol) -> bool:
        return not of_unit or any(walker.unit == of_unit for walker in patrol.present)

    def mine(walkers: tuple[Walker, ...]) -> int:
        return sum(not of_unit or walker.unit == of_unit for walker in walkers)

    kept = [patrol for patrol in patrols if patrol.called_off is None]
    stops = [(patrol, stop) for patrol in kept for stop in patrol.route if counts(stop)]
    return Line(
        key=key,
        planned=sum(each.on_plan and mine(each.planned) > 0 for each in patrols),
        started=sum(each.started is not None and there(each) for each in patrols),
        done=sum(each.finished is not None and there(each) for each in patrols),
        missed=sum(each.missed is not None and mine(each.planned) > 0 for each in patrols),
        called_off=sum(each.called_off is not None and mine(each.planned) > 0 for each in patrols),
        stops=len(stops),
        checked=sum(stop.name in patrol.visits for patrol, stop in stops),
        late=sum(
            stop.name in patrol.visits and patrol.visits[stop.name].late for patrol, stop in stops
        ),
        skipped=sum(stop.name in patrol.skipped for patrol, stop in stops),
        findings=sum(counts(finding) for patrol in patrols for finding in patrol.findings),
        walkers=sum(mine(patrol.planned) for patrol in kept),
        attended=sum(mine(patrol.planned) - mine(patrol.absent) for patrol in kept),
    )
