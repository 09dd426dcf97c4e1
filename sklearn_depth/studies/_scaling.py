"""How the samples that a target takes grow with the dimension."""

from numbers import Integral, Real

import numpy as np

from sklearn_depth.studies._arguments import chosen_score
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import Interval, validate_params
from sklearn_depth.utils._warnings import warn_caller


@validate_params(
    {
        "result": [StudyResult],
        "target": [Real],
        "score": [str, None],
        "confidence_level": [Interval(Real, 0, 1, closed="neither")],
        "n_resamples": [Interval(Integral, 1, None, closed="left")],
        "random_state": RANDOM_STATE,
    },
    prefer_skip_nested_validation=True,
)
def scaling_exponent(
    result,
    target,
    *,
    score=None,
    confidence_level=0.9,
    n_resamples=1000,
    random_state=0,
):
    r"""Fit a power of the dimension to the samples that reach a score.

    .. math:: n^*(d) \approx c \, d^k, \qquad
        \log n^*(d) = \log c + k \log d + \text{residual}

    by least squares for each estimator, where :math:`n^*(d)` is the median over repeats
    of the number of samples from which on the score is at the target or better.

    Parameters
    ----------
    result : StudyResult
        What :func:`sample_complexity_curve` returned, at two dimensions at least.
    target : float
        The score to reach.
    score : str or None, default=None
        The column of scores; None where there is only one.
    confidence_level : float, default=0.9
        Probability of the intervals.
    n_resamples : int, default=1000
        How often repeats are drawn with replacement for the intervals.
    random_state : int, RandomState, Generator or None, default=0
        Seed of these draws.

    Returns
    -------
    exponents : StudyResult
        A row for each estimator: ``estimator``, ``exponent`` k, the ends of its
        interval ``exponent_low`` and ``exponent_high``, ``constant`` c, ``n_used``
        dimensions, and ``n_censored``, those that were left out. NaN where fewer than
        two dimensions can be used; the interval also where no dimension was repeated.
    needed : StudyResult
        A row for each estimator and dimension: ``estimator``, ``n_features``,
        ``n_samples`` :math:`n^*(d)`, its least and greatest value over repeats
        ``n_samples_low`` and ``n_samples_high``, the number of repeats ``n_repeats``,
        those of them that reached the target ``n_reached``, and ``censored``: "above"
        if half of the repeats or more did not reach it, and ``n_samples`` is infinite;
        "below" if most had it at the smallest size, and ``n_samples`` is 0; else empty.

    Raises
    ------
    ValueError
        If the result has one dimension, none, or no such score, if there are several
        scores and none is named, or if the target of an error is not positive.

    Warns
    -----
    UserWarning
        If dimensions are censored: they are left out, and the exponent is that of the
        others. Larger or smaller ``train_sizes`` would measure them.

    See Also
    --------
    sample_complexity_curve : Measures the scores.
    SampleComplexityDisplay : Draws them, also against n / d^k.

    Notes
    -----
    Between two sizes the crossing is on the straight line in log n and the logarithm of
    an error, or a score as it is where higher is better. A repeat whose curve crosses
    more than once counts from the last time on; a size at which its fit failed is left
    out. Medians over repeats are exact as long as less than half are censored.

    Intervals are percentiles of exponents from repeats resampled within each
    dimension: what other draws of the same sizes would give, not what a law that is no
    power has beyond them. Resampled medians that are censored are left out as well.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth.studies import StudyResult, scaling_exponent
    >>> sizes = np.meshgrid([4, 8, 16], [10, 100, 1000, 10_000])
    >>> d, n = (size.ravel() for size in sizes)
    >>> columns = {"estimator": ["mean"] * 12, "n_samples": n, "n_features": d}
    >>> columns |= {"repeat": [0] * 12, "mse": d**2 / n}
    >>> result = StudyResult(columns, {"scoring": {"mse": "lower"}})
    >>> exponents, needed = scaling_exponent(result, 0.1)
    >>> exponents.columns["exponent"].round(6), needed.columns["n_samples"].round(2)
    (array([2.]), array([ 160.,  640., 2560.]))
    """
    score = chosen_score(result, score)
    lower = result.config["scoring"][score] == "lower"
    if lower and target <= 0:
        raise ValueError(f"target={target} of the error {score!r} must be positive.")
    _check_dimensions(result)
    rng = check_generator(random_state)
    needed, exponents = [], []
    for name in dict.fromkeys(result.columns["estimator"].tolist()):
        of_estimator = result.select(estimator=name)
        dimensions = np.unique(of_estimator.columns["n_features"])
        log_needed = [
            _of_repeats(of_estimator.select(n_features=d), score, target, lower)
            for d in dimensions
        ]
        for d, of_repeats in zip(dimensions, log_needed, strict=True):
            needed.append(_needed_row(name, d, of_repeats))
        log_d, medians = np.log(dimensions), np.array([*map(_log_median, log_needed)])
        drawn = _resampled_exponents(log_d, log_needed, n_resamples, rng)
        row = _exponent_row(name, log_d, medians)
        spread = np.isfinite(row["exponent"]) and max(map(len, log_needed)) > 1
        interval = _interval(drawn if spread else drawn[:0], confidence_level)
        exponents.append(row | interval)
    _warn_of_censoring(needed, target, score)
    return _table(exponents, result.config), _table(needed, result.config)


def _check_dimensions(result):
    if "n_features" not in result.columns:
        raise ValueError(
            "The result has no column 'n_features'. Pass n_features to "
            "sample_complexity_curve, at least two."
        )
    dimensions = np.unique(result.columns["n_features"])
    if len(dimensions) < 2:
        raise ValueError(
            f"An exponent takes two dimensions, and n_features is {dimensions.tolist()}"
            " in the result. Run the study with more."
        )


def _of_repeats(result, score, target, lower):
    """Log of the samples that each repeat needs, from the sizes at which it ended."""
    return np.array(
        [
            _of_curve(result.select(repeat=repeat).columns, score, target, lower)
            for repeat in np.unique(result.columns["repeat"])
        ]
    )


def _of_curve(columns, score, target, lower):
    order = np.argsort(columns["n_samples"])
    order = order[np.isfinite(columns[score][order])]
    log_n, scores = np.log(columns["n_samples"][order]), columns[score][order]
    if not lower:
        return _log_samples_needed(log_n, -scores, -target)
    errors = np.log(np.maximum(scores, np.finfo(float).tiny))
    return _log_samples_needed(log_n, errors, np.log(target))


def _needed_row(name, d, log_needed):
    middle = _log_median(log_needed)
    return {
        "estimator": name,
        "n_features": int(d),
        "n_samples": np.exp(middle),
        "n_samples_low": np.exp(log_needed.min()),
        "n_samples_high": np.exp(log_needed.max()),
        "n_repeats": len(log_needed),
        "n_reached": int(np.sum(log_needed < np.inf)),
        "censored": {np.inf: "above", -np.inf: "below"}.get(float(middle), ""),
    }


def _interval(drawn, level):
    """Percentiles of the exponents that could be fitted, NaN where there are none."""
    found = drawn[np.isfinite(drawn)]
    tails = [50 * (1 - level), 50 * (1 + level)]
    low, high = np.percentile(found, tails) if len(found) else (np.nan, np.nan)
    return {"exponent_low": low, "exponent_high": high}


def _exponent_row(name, log_d, medians):
    exponent, log_constant = _fit_power(log_d, medians)
    n_used = int(np.isfinite(medians).sum())
    return {
        "estimator": name,
        "exponent": exponent,
        "exponent_low": np.nan,
        "exponent_high": np.nan,
        "constant": np.exp(log_constant),
        "n_used": n_used,
        "n_censored": len(medians) - n_used,
    }


def _warn_of_censoring(needed, target, score):
    for kind, what in (("above", "not reached"), ("below", "had at the smallest size")):
        cells = [
            f"{row['estimator']} at n_features={row['n_features']}"
            for row in needed
            if row["censored"] == kind
        ]
        if cells:
            warn_caller(
                f"{score}={target:g} was {what} by half of the repeats or more of "
                f"{', '.join(cells)}. These are left out of the exponents; measure "
                "them with other train_sizes."
            )


def _table(rows, config):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return StudyResult(columns, config)


def _log_samples_needed(log_n, errors, target):
    """Where errors, of shape (n_sizes,), fall below a target for good, on a line.

    Infinite where the last is above it or there are none, and minus infinity where none
    is above: then it was reached before the first size.
    """
    if len(errors) == 0 or errors[-1] > target:
        return np.inf
    above = np.flatnonzero(errors > target)
    if len(above) == 0:
        return -np.inf
    last = above[-1]
    ends = slice(last + 1, last - 1 if last else None, -1)  # the errors must rise
    return np.interp(target, errors[ends], log_n[ends])


def _log_median(log_needed):
    """Over the last axis; infinite if half do not reach the target."""
    with np.errstate(invalid="ignore"):  # one half reached it at once, and one never
        middle = np.median(log_needed, axis=-1)
    return np.where(np.isnan(middle), np.inf, middle)


def _fit_power(log_d, log_n):
    """Exponent k and log c of c d^k by least squares, of medians that are finite.

    NaN from less than two of them.
    """
    usable = np.isfinite(log_n)
    if usable.sum() < 2:
        return np.nan, np.nan
    log_d, log_n = log_d[usable], log_n[usable]
    centred = log_d - log_d.mean()
    exponent = centred @ log_n / (centred @ centred)
    return exponent, log_n.mean() - exponent * log_d.mean()


def _resampled_exponents(log_d, log_needed, n_resamples, rng):
    """Exponents of medians over repeats drawn with replacement at each dimension."""
    draws = np.empty((n_resamples, len(log_d)))
    for k, of_repeats in enumerate(log_needed):
        chosen = rng.integers(len(of_repeats), size=(n_resamples, len(of_repeats)))
        draws[:, k] = _log_median(of_repeats[chosen])
    return np.array([_fit_power(log_d, medians)[0] for medians in draws])
