"""What an assessment is asked about: until when, by what was known when, by which attribute."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from projections.desk import times
from projections.desk.desk import Desk, folded
from projections.desk.reading import heard
from projections.desk.words import say
from projections.desk.workers import workers_of, workers_option
from whistle.domain.measures import METRICS, Limits
from whistle.domain.moment import SECOND, Instant
from whistle.domain.refusal import _
from whistle.engine.assessing import Gathered, gather
from whistle.engine.shares import Question
from whistle.engine.towns import GatheredTowns

limits_option = click.option(
    "--limits",
    "--时限",
    metavar="METRIC=TIME,...",
    help="Limits, e.g. ack=60s,arrival=5m; else each its own.",
)

by_option = click.option(
    "--by", "--分组", "attribute", metavar="ATTRIBUTE", help="Also by an attribute of the lines."
)


class Scope(NamedTuple):
    """The part of the record that is asked about."""

    until: Instant | None  # what had happened by then
    known_at: Instant | None  # what was known by then
    workers: str | None = None  # who shares the work
    stores: Path | None = None  # a file that names several towns' stores

    def of(self, desk: Desk, attribute: str | None = None) -> Gathered | GatheredTowns:
        """The log, proved whole and read as far as it is asked about; the clocks speak first.

        Of several towns' logs, if they were asked for.
        """
        asked = Question(self.until, self.known_at, attribute)
        if self.stores is not None:
            from projections.desk import districts  # paid for by who asks for several

            return districts.gathered(desk, self.stores, asked, self.workers)
        heard(desk)
        return gather(desk.log, asked, workers_of(self.workers, desk.log.size()))


def scoped(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a verb the options of what is asked about and who works, as its `scope`."""

    @click.option("--until", "--截至", metavar="TIME", help="Only what had happened by then.")
    @click.option("--known-at", "--已知至", metavar="TIME", help="Only what was known by then.")
    @click.option(
        "--stores",
        "--各库",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Several towns together: a file with the address of each store on a line.",
    )
    @workers_option
    @wraps(verb)
    def asked(
        *given: Any,
        until: str | None,
        known_at: str | None,
        stores: Path | None,
        workers: str | None,
        **options: Any,
    ) -> Any:
        scope = Scope(instant(until), instant(known_at), workers, stores)
        return verb(*given, scope=scope, **options)

    return asked


def instant(text: str | None) -> Instant | None:
    """The instant of an option, if it was given."""
    return None if text is None else times.exact(text)


def limits_of(text: str | None) -> Limits | None:
    """Seconds by metric from ack=60s,arrival=5m."""
    if text is None:
        return None
    limits: dict[str, int] = {}
    for part in folded(text).split(","):
        metric, equals, length = part.partition("=")
        if not equals:
            raise click.UsageError(
                say(_("{part} is not a limit: write {metrics}=60s."), part=part,
                    metrics="|".join(METRICS))
            )  # fmt: skip
        limits[metric_of(metric)] = times.span(length) // SECOND
    return limits


def metric_of(text: str) -> str:
    """The metric that a person means; a usage error names those that there are."""
    metric = folded(text)
    if metric not in METRICS:
        raise click.UsageError(
            say(_("There is no metric {metric}; write one of {metrics}."), metric=metric,
                metrics=", ".join(METRICS))
        )  # fmt: skip
    return metric
