"""Figures for Prometheus: what orders came to, and how a store and its views stand.

Orders are counted as they come; what a store holds is looked up when it is asked for. Labels are
verbs, outcomes, rules and views: a few words of the program's own, none that a person typed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from whistle.domain.moment import Instant
from whistle.domain.refusal import WhistleError
from whistle.engine.watched import OrderTold
from whistle.log.port import Log

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
DUE_MAX = 10_000  # streams counted as due; beyond it a clerk's figure is as good


class ViewStanding(Protocol):
    """How a view stands to its log."""

    @property
    def name(self) -> str:
        """Which view."""
        ...

    @property
    def behind(self) -> int:
        """How many events it does not show yet."""
        ...

    @property
    def parked(self) -> tuple[object, ...]:
        """What it could not take."""
        ...


class Standing(NamedTuple):
    """How a store stands at one moment."""

    events: int
    due: int  # streams whose clocks have something to say, and nobody has heard them
    views: tuple[ViewStanding, ...]


class Metrics:
    """The figures of one process over one store."""

    def __init__(
        self,
        log: Log,
        now: Callable[[], Instant],
        views: Callable[[], Iterable[ViewStanding]] = tuple,
    ) -> None:
        self._log = log
        self._now = now
        self._views = views
        self.registry = CollectorRegistry()
        self._orders = Counter(
            "whistle_orders", "Orders by verb and outcome.", ("verb", "outcome"),
            registry=self.registry,
        )  # fmt: skip
        self._refusals = Counter(
            "whistle_refusals", "Orders that were turned away, by rule.", ("rule",),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "whistle_order_seconds", "How long orders took, by part.", ("part",),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.registry.register(_Lookup(self.standing))

    def order(self, told: OrderTold) -> None:
        """Count an order."""
        self._orders.labels(told.verb, told.outcome).inc()
        if told.rule:
            self._refusals.labels(told.rule).inc()
        for part in ("queue", "decide", "commit"):
            self._seconds.labels(part).observe(getattr(told, f"{part}_us") / 1_000_000)

    def standing(self) -> Standing:
        """How the store stands; Unreachable or Broken when it cannot be read."""
        with self._log.reading() as reader:
            due = len(reader.due_before(self._now(), DUE_MAX))
        return Standing(self._log.size(), due, tuple(self._views()))

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        text: bytes = generate_latest(self.registry)
        return text


class _Lookup:
    """What is looked up when the figures are asked for."""

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing

    def describe(self) -> Iterable[Metric]:
        """Nothing before it is asked for: the store is not looked at to register."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The store and its views; of one that cannot be reached only that."""
        try:
            standing = self._standing()
        except WhistleError:
            yield GaugeMetricFamily("whistle_store_up", "Whether the store answers.", 0)
            return
        yield GaugeMetricFamily("whistle_store_up", "Whether the store answers.", 1)
        yield GaugeMetricFamily("whistle_log_events", "Events on record.", standing.events)
        yield GaugeMetricFamily(
            "whistle_clocks_due", "Streams whose clocks wait to be heard.", standing.due
        )
        lag = GaugeMetricFamily("whistle_view_lag_events", "Not shown yet.", labels=("view",))
        parked = GaugeMetricFamily("whistle_view_parked_events", "Not taken.", labels=("view",))
        for each in standing.views:
            lag.add_metric([each.name], each.behind)
            parked.add_metric([each.name], len(each.parked))
        yield from (lag, parked)
