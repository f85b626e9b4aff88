"""What an assessment left out of every figure, and what would bring it back."""

from collections import Counter, defaultdict

from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns


class KeptOut:
    """How many assignments were kept out, counted part by part."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)  # by town; its own desk's: ""
        self._doubted: dict[str, int | None] = {}  # the first anomaly that nobody has settled
        self._contested: dict[str, str] = {}  # one call, to be ruled on

    def take(self, found: Assessed | Towns) -> None:
        """Count those of a part."""
        for town, each in found.towns.items() if isinstance(found, Towns) else [("", found)]:
            waiting = (span.number for span in each.anomalies if span.right is None)
            self._doubted[town] = next(waiting, None)
            self._counts[town].update(each.kept_out.values())
            for (_source, stream, unit), why in each.kept_out.items():
                if why == "contested":
                    call = f"{each.names.get(stream, stream)}/{unit}"
                    self._contested[town] = min(call, self._contested.get(town, call))

    def counts(self) -> dict[str, int]:
        """How many, by the reason."""
        return dict(sorted(sum(self._counts.values(), Counter()).items()))

    def lines(self) -> list[str]:
        """A line for each reason, with the next step; of several towns, each with its code."""
        return [
            f"{town}: {line}" if town else line
            for town in self._counts
            for line in self._lines(town)
        ]

    def _lines(self, town: str) -> list[str]:
        told, counts, doubted = [], self._counts[town], self._doubted[town]
        if count := counts["clock"]:
            text = _("assignments kept out, for a clock found wrong stamped them: {count}")
            if doubted is not None:
                text = _(
                    "assignments kept out, for the server's clock jumped, and nobody has settled "
                    "it yet: {count}; whistle clock settle {number} --right"
                )
            told.append(say(text, count=count, number=doubted))
        if count := counts["contested"]:
            text = _(
                "assignments kept out, for a time told is contested, and nobody has ruled: "
                "{count}; whistle rule {call} --at TIME -m WHY"
            )
            told.append(say(text, count=count, call=self._contested[town]))
        return told
