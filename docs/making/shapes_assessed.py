"""What `assess` and `replay` answer."""

from collections.abc import Mapping

from docs.making.shapes import (
    COUNT,
    FLAG,
    HASH,
    NUMBER,
    SHARE,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    by_name,
    like,
    many,
    null_or,
    of,
)
from whistle.domain.bulletin import UnitMonth
from whistle.domain.bulletin_town import LEFT_OUT, TownMonth
from whistle.domain.by_incident import IncidentRow
from whistle.domain.measures import METRICS
from whistle.domain.quality import quality
from whistle.engine.assessing import Verified
from whistle.engine.towns import Position


def _figures() -> Schema:
    """One metric of a ledger."""
    seconds = dict.fromkeys(("min", "max", "sum"), WHOLE)
    percentiles = {
        f"p{percent}_{way}": schema
        for percent in (50, 90, 95)
        for way, schema in (("nearest", WHOLE), ("linear", NUMBER))
    }
    counts = dict.fromkeys(("n_valid", "n_missing", "n_negative"), COUNT)
    limited = {"limit_s": COUNT, "n_limited": COUNT, "n_running": COUNT, "on_time": COUNT,
               "rate_valid": null_or(SHARE), "rate_all": null_or(SHARE)}  # fmt: skip
    figures = {**seconds, "mean": NUMBER, **percentiles}
    open_figures = {name: null_or(schema) for name, schema in figures.items()}
    return of({**counts, **open_figures, **limited}, *figures, *limited)


def _measured() -> Schema:
    metrics = of({name: _figures() for name in METRICS})
    return of({"assignments": COUNT, "incidents": COUNT, "metrics": metrics})


def _proved(properties: Mapping[str, Schema], *optional: str, names: bool = True) -> Schema:
    """The data of an assessment, with the range of the log that was proved for it."""
    late = of({"n": COUNT, "sum_s": COUNT, "max_s": COUNT, "p50_nearest_s": COUNT})
    beside = {
        "unit_names": by_name(TEXT),
        "kept_out": by_name(COUNT),
        "recorders": by_name(late),
        "unreached": many(
            of(
                {
                    "call": TEXT,
                    "unit": TEXT,
                    "given_up": {"type": "boolean"},
                    "attempts": many(of({"at": TEXT, "channel": TEXT, "to": TEXT})),
                }
            )
        ),
        "identities": TEXT,
    }
    beside = beside if names else {}
    proved = {"verified": like(Verified, root=HASH)}
    several = {"positions": many(like(Position, root=HASH))} if names else {}
    either = (*proved, *several) if names else ()
    return of({**properties, **beside, **proved, **several}, *optional, *either)


def ledger() -> Schema:
    """`assess ledger`."""
    measured = {"overall": _measured(), "per_unit": by_name(_measured())}
    groups = {"by": TEXT, "groups": by_name(_measured()), "ungrouped": COUNT}
    return _proved({**measured, **groups, "unwhistled": COUNT, "extras": COUNT}, *groups)


def rank() -> Schema:
    """`assess rank`."""
    place = of(
        {
            "rank": COUNT,
            "competition_rank_on_rate": COUNT,
            "unit": TEXT,
            "on_time": COUNT,
            "assignments": COUNT,
            "rate_all": SHARE,
            "p50_nearest_s": null_or(WHOLE),
        }
    )
    metric = {"enum": list(METRICS)}
    ranked = {"metric": metric, "min_assignments": COUNT, "ranking": many(place)}
    others = {"n_running": COUNT, "by": TEXT, "groups": by_name(many(place))}
    return _proved({**ranked, **others}, *others)


def incidents() -> Schema:
    """`assess incidents`."""
    times = ("reported", "first_whistle", "first_ack", "first_arrival", "last_arrival",
             "last_finish")  # fmt: skip
    counts = ("units", "units_arrived", "units_unfinished")
    row: dict[str, Schema] = dict.fromkeys(IncidentRow._fields, TEXT)
    row |= {name: null_or(TIME) for name in times} | dict.fromkeys(counts, COUNT)
    row |= {"first_arrival_unit": null_or(TEXT), "first_response_s": null_or(WHOLE)}
    row |= {"group": null_or(TEXT)}
    return _proved({"incidents": many(of(row, "group")), "by": TEXT}, "by")


def odd() -> Schema:
    """`assess quality`."""
    names = quality([])
    counts = dict.fromkeys(names["counts"], COUNT)
    shapes: dict[str, Schema] = {
        name: many(TEXT) if isinstance(value, list) else COUNT for name, value in names.items()
    }
    shapes["overlapping_assignments"] = many({**many(TEXT), "minItems": 2, "maxItems": 2})
    return _proved({**shapes, "counts": of(counts)})


def replay() -> Schema:
    """`replay`."""
    names = ("whistled", "acknowledged", "on_scene", "finished", "incidents_with_unfinished_unit")
    busiest = {"peak_active_assignments": COUNT, "first_reached_at": null_or(TIME)}
    standing = {
        **dict.fromkeys(names, COUNT),
        "concurrency": of({**busiest, "rows_counted": COUNT}),
    }
    return _proved({"as_of": TIME, **standing}, names=False)


def bulletin() -> Schema:
    """`bulletin`."""
    due = of({"on_time": COUNT, "due": COUNT, "running": COUNT, "rate": null_or(SHARE)})
    marks = of({"n": COUNT, "mean": null_or(NUMBER)})
    unit = like(UnitMonth, signed=due, reported_in=due, finished=due, marks=marks, ratings=marks,
                apart=by_name(COUNT), median_arrival_s=null_or(COUNT))  # fmt: skip
    late = of({"n": COUNT, "sum_s": COUNT, "max_s": COUNT, "p50_nearest_s": COUNT})
    town = like(TownMonth, satisfaction=null_or(SHARE), recorders=by_name(late))
    clock = of({"call": TEXT, "unit": TEXT, "clock": TEXT, "due": TIME})
    when = {"from": TIME, "to": TIME, "zone_s": WHOLE, "over": FLAG, "stands_at": null_or(TIME)}
    return of(
        {
            "month": {"type": "string", "pattern": r"^\d{4}-\d\d$"},
            **when,
            "scored": {"const": False},
            "overall": unit,
            "per_unit": by_name(unit),
            "unit_names": by_name(TEXT),
            "town": town,
            "left_out": many({"enum": list(LEFT_OUT)}),
            "provisional": many(clock),
            "imported_calls": COUNT,
            "identities": TEXT,
            "verified": like(Verified, root=HASH),
        }
    )
