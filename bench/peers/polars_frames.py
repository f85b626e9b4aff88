"""Data frames: Polars on the Parquet file with typed columns, lazily: it reads what it needs."""

from pathlib import Path
from typing import Any

import polars as pl

from bench.figures import ACK_LIMIT_S, ARRIVE_LIMIT_S, EAST_S, YEAR, Figure
from bench.workload import Line

MS = 1000
KEY = ["whistle", "unit"]


class Reader:
    """One file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "typed.parquet"

    def _calls(self) -> Any:
        events = pl.scan_parquet(self.path)
        blown = (
            events.filter(pl.col("topic") == "blow")
            .select("whistle", "at_ms", unit="units")
            .explode("unit")
        )
        times = {
            f"{step}_at": pl.col("at_ms").filter(pl.col("topic") == step).min()
            for step in ("ack", "arrive", "finish")
        }
        acted = events.filter(pl.col("unit").is_not_null()).group_by(KEY).agg(**times)
        seconds = {
            f"{step}_s": (pl.col(f"{step}_at") - pl.col("at_ms")) // MS
            for step in ("ack", "arrive", "finish")
        }
        return blown.join(acted, on=KEY, how="left").select(*KEY, "at_ms", **seconds)

    def ledger(self) -> Any:
        """A frame of the ledger."""
        return self._calls().collect()

    def assess(self) -> Any:
        """Two frames of the answer: by month, and of the year."""
        local = pl.from_epoch(pl.col("at_ms") + EAST_S * MS, time_unit="ms")
        month = (local.dt.year() * 100 + local.dt.month()).cast(pl.Int64)
        calls = self._calls().with_columns(month=month)
        year = calls.with_columns(month=pl.lit(YEAR, dtype=pl.Int64))
        return pl.collect_all(
            [asked.group_by("unit", "month").agg(*SHOWN) for asked in (calls, year)]
        )

    def lines(self, frame: Any) -> list[Line]:
        """The ledger as all give it."""
        return [Line(*row) for row in frame.drop("at_ms").iter_rows()]

    def figures(self, answer: Any) -> list[Figure]:
        """The figures as all give them."""
        return [Figure(*row) for frame in answer for row in frame.iter_rows()]


SHOWN = (
    pl.len().alias("calls"),
    (pl.col("ack_s") <= ACK_LIMIT_S).sum().alias("signed"),
    (pl.col("arrive_s") <= ARRIVE_LIMIT_S).sum().alias("there"),
    pl.col("arrive_s").quantile(0.5, interpolation="linear").alias("median"),
    pl.col("arrive_s").quantile(0.9, interpolation="linear").alias("p90"),
)
