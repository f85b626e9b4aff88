"""Order statistics and rounding on whole numbers; a float appears only as the last step."""

from collections.abc import Sequence


def rounded(numerator: int, denominator: int, digits: int) -> float:
    """The exact quotient to so many decimals, ties to the even digit; the denominator is > 0."""
    whole, rest = divmod(numerator * 10**digits, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and whole % 2):
        whole += 1
    return float(whole / 10**digits)


def nearest(ordered: Sequence[int], percent: int) -> int:
    """The smallest value with at least `percent` % of the values at or below it (nearest rank).

    The values are ascending and not empty. DuckDB calls it `quantile_disc`.
    """
    return ordered[(len(ordered) * percent + 99) // 100 - 1]


def linear(ordered: Sequence[int], percent: int) -> float:
    """Interpolated between order statistics (type 7 of Hyndman and Fan), to six decimals.

    The values are ascending and not empty. The default of numpy, pandas and Excel's
    PERCENTILE.INC; DuckDB calls it `quantile_cont`.
    """
    below, rest = divmod((len(ordered) - 1) * percent, 100)
    if not rest:
        return float(ordered[below])
    step = ordered[below + 1] - ordered[below]
    return rounded(ordered[below] * 100 + step * rest, 100, 6)
