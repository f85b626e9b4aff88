"""What every assessment says beside its figures: who is kept out, who typed, what was proved."""

from collections.abc import Iterable, Iterator

from projections.desk import proved
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.kept_out import KeptOut
from projections.desk.recorders import Recorders
from whistle.domain.measures import Shape
from whistle.engine.assessing import Assessed, Gathered
from whistle.engine.towns import GatheredTowns, Towns


class Beside:
    """What is said beside the figures, heard part by part."""

    def __init__(self) -> None:
        self._kept_out = KeptOut()
        self._recorders = Recorders()

    def take(self, part: Assessed | Towns) -> None:
        """Hear a part."""
        self._kept_out.take(part)
        self._recorders.take(part)

    def heard(self, parts: Iterable[Assessed | Towns]) -> Iterator[Assessed | Towns]:
        """The same parts, heard as they pass."""
        for part in parts:
            self.take(part)
            yield part

    def answer(
        self,
        desk: Desk,
        found: Gathered | GatheredTowns,
        data: Shape,
        lines: list[str],
        units: Iterable[str],
    ) -> Answer:
        """The answer, with the units' names beside the codes and what was proved."""
        facts = {
            **data,
            "unit_names": {unit: desk.unit_name(unit) for unit in units},
            "kept_out": self._kept_out.counts(),
            **self._recorders.facts(),
            **proved.facts(found),
        }
        aside = [*self._kept_out.lines(), *self._recorders.lines(desk)]
        return desk.finish(Answer(data=facts, lines=[*lines, *aside, *proved.lines(found)]))
