"""A database for analysis: DuckDB on Parquet with typed columns, on Parquet with JSON, on SQLite.

DuckDB keeps no record of its own here: the files are a copy that somebody has to make and to trust.
"""

from pathlib import Path
from typing import Any

import duckdb

from bench import recorded
from bench.figures import ACK_LIMIT_S, ARRIVE_LIMIT_S, EAST_S, YEAR, Figure
from bench.workload import Line

TYPED = "SELECT topic, whistle, unit, units, at_ms FROM read_parquet('{folder}/typed.parquet')"
OF_JSON = """
SELECT topic, state->>'$.whistle' AS whistle, state->>'$.unit' AS unit,
  (state->>'$.at')::BIGINT AS at_ms, (state->'$.units')::VARCHAR[] AS units FROM {table}
"""
SOURCES = {
    "typed": TYPED,
    "json": OF_JSON.format(table="read_parquet('{folder}/json.parquet')"),
    "attached": OF_JSON.format(table="rows.events"),
}
LEDGER = """
WITH events AS ({source}),
blown AS (SELECT whistle, at_ms, unnest(units) AS unit FROM events WHERE topic = 'blow'),
acted AS (
  SELECT whistle, unit, min(at_ms) FILTER (topic = 'ack') AS ack,
    min(at_ms) FILTER (topic = 'arrive') AS arrive, min(at_ms) FILTER (topic = 'finish') AS finish
  FROM events WHERE topic IN ('ack', 'arrive', 'finish') GROUP BY ALL)
SELECT blown.whistle, blown.unit, blown.at_ms AS at_ms, (ack - at_ms) // 1000 AS ack_s,
  (arrive - at_ms) // 1000 AS arrive_s, (finish - at_ms) // 1000 AS finish_s
FROM blown LEFT JOIN acted USING (whistle, unit)
"""
FIGURES = f"""
WITH calls AS ({{ledger}}),
dated AS (
  SELECT *, strftime(make_timestamp((at_ms + {EAST_S * 1000}) * 1000), '%Y%m')::INT AS month
  FROM calls)
SELECT unit, coalesce(month, {YEAR}), count(*), count(*) FILTER (ack_s <= {ACK_LIMIT_S}),
  count(*) FILTER (arrive_s <= {ARRIVE_LIMIT_S}), quantile_cont(arrive_s, 0.5),
  quantile_cont(arrive_s, 0.9)
FROM dated GROUP BY GROUPING SETS ((unit, month), (unit))
"""
COLUMNS = {
    "topic": "VARCHAR",
    "whistle": "BIGINT",
    "unit": "VARCHAR",
    "units": "VARCHAR[]",
    "at_ms": "BIGINT",
    "state": "VARCHAR",
}


def fill(folder: Path, events: int) -> None:
    """Make both Parquet files."""
    lines = folder / "lines.json"
    recorded.lines(lines, events)
    read = f"read_json('{lines}', format = 'newline_delimited', columns = {COLUMNS})"
    for name, columns in (("typed", "* EXCLUDE (state)"), ("json", "topic, state")):
        to = f"'{folder}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        duckdb.execute(f"COPY (SELECT {columns} FROM {read}) TO {to}")
    lines.unlink()


class Reader:
    """DuckDB in memory, on files."""

    def __init__(self, folder: Path, form: str) -> None:
        self.database: Any = duckdb.connect()
        if form == "attached":
            import duckdb_ext  # the extension as a package: DuckDB would fetch it itself

            duckdb_ext.init(self.database).execute("LOAD sqlite_scanner")
            self.database.execute(f"ATTACH '{folder}/rows.db' AS rows (TYPE sqlite, READ_ONLY)")
        self.source = LEDGER.format(source=SOURCES[form].format(folder=folder))

    def ledger(self) -> Any:
        """A table of the ledger."""
        self.database.execute(f"CREATE TABLE ledger AS {self.source}")
        return self.database

    def assess(self) -> Any:
        """The rows of the answer."""
        return self.database.execute(FIGURES.format(ledger=self.source)).fetchall()

    def lines(self, database: Any) -> list[Line]:
        """The ledger as all give it."""
        asked = "SELECT whistle, unit, ack_s, arrive_s, finish_s FROM ledger"
        return [
            Line(name if isinstance(name, int) else int(name, 16), *told)
            for name, *told in database.execute(asked).fetchall()
        ]

    def figures(self, answer: Any) -> list[Figure]:
        """The figures as all give them."""
        return [Figure(*row) for row in answer]
