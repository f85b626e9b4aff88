"""What an assessment left out of every figure, and what would bring it back."""

from collections import Counter

from projections.desk.words import say
from whistle.domain.refusal import _
from whistle.engine.assessing import Assessed
from whistle.engine.towns import Towns


def counts(found: Assessed | Towns) -> dict[str, int]:
    """How many assignments were kept out, by the reason."""
    return dict(sorted(Counter(found.kept_out.values()).items()))


def lines(found: Assessed | Towns) -> list[str]:
    """A line for each reason, with the next step; of several towns, each with its code."""
    if isinstance(found, Towns):
        return [f"{town}: {line}" for town, each in found.towns.items() for line in lines(each)]
    told = []
    if count := counts(found).get("clock"):
        doubted = [span.number for span in found.anomalies if span.right is None]
        text = _("assignments kept out, for a clock found wrong stamped them: {count}")
        if doubted:
            text = _(
                "assignments kept out, for the server's clock jumped, and nobody has settled it "
                "yet: {count}; whistle clock settle {number} --right"
            )
        told.append(say(text, count=count, number=doubted[0] if doubted else ""))
    if count := counts(found).get("contested"):
        text = _(
            "assignments kept out, for a time told is contested, and nobody has ruled: {count}; "
            "whistle rule {call} --at TIME -m WHY"
        )
        calls = sorted(
            f"{found.names.get(stream, stream)}/{unit}"
            for (_source, stream, unit), why in found.kept_out.items()
            if why == "contested"
        )
        told.append(say(text, count=count, call=calls[0]))
    return told
