"""Process mining: pm4py's event log of the Parquet file with typed columns, and pandas on it.

pm4py has no share on time and no ninth decile by unit and month, so its users go on with pandas.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pm4py

from bench.figures import ACK_LIMIT_S, ARRIVE_LIMIT_S, EAST_S, YEAR, Figure
from bench.workload import Line

KEY = ["case:concept:name", "unit"]
STEPS = ("ack", "arrive", "finish")
WHEN = "time:timestamp"


class Reader:
    """One file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "typed.parquet"

    def ledger(self) -> Any:
        """A frame of the ledger."""
        frame: Any = pd.read_parquet(self.path)
        frame["at"] = pd.to_datetime(frame["at_ms"], unit="ms", utc=True)
        names = {"case_id": "whistle", "activity_key": "topic", "timestamp_key": "at"}
        log: Any = pm4py.format_dataframe(frame, **names)
        activity = log["concept:name"]
        blown = log[activity == "blow"][[KEY[0], WHEN, "units"]]
        calls = blown.explode("units").rename(columns={"units": "unit"})
        for step in STEPS:
            acted = log[activity == step][[*KEY, WHEN]].rename(columns={WHEN: step})
            calls = calls.merge(acted, on=KEY, how="left")
            calls[f"{step}_s"] = (calls[step] - calls[WHEN]).dt.total_seconds()
        return calls

    def assess(self) -> Any:
        """Two frames of the answer: by month, and of the year."""
        calls = self.ledger()
        local = (calls[WHEN] + pd.Timedelta(seconds=EAST_S)).dt
        calls["month"] = local.year * 100 + local.month
        calls["signed"] = calls["ack_s"] <= ACK_LIMIT_S
        calls["there"] = calls["arrive_s"] <= ARRIVE_LIMIT_S
        return [shown(calls), shown(calls.assign(month=YEAR))]

    def lines(self, frame: Any) -> list[Line]:
        """The ledger as all give it."""
        columns = [*KEY, *(f"{step}_s" for step in STEPS)]
        return [
            Line(int(name), unit, *(None if pd.isna(each) else int(each) for each in told))
            for name, unit, *told in frame[columns].itertuples(index=False)
        ]

    def figures(self, answer: Any) -> list[Figure]:
        """The figures as all give them."""
        return [
            Figure(unit, int(month), *map(int, counts), *map(float, ways))
            for frame in answer
            for (unit, month), *told in frame.itertuples()
            for counts, ways in ((told[:3], told[3:]),)
        ]


def shown(calls: Any) -> Any:
    """The figures of a frame's groups."""
    return calls.groupby(["unit", "month"]).agg(
        calls=("month", "size"),
        signed=("signed", "sum"),
        there=("there", "sum"),
        median=("arrive_s", lambda ways: ways.quantile(0.5)),
        p90=("arrive_s", lambda ways: ways.quantile(0.9)),
    )
