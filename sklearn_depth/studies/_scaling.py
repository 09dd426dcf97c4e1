"""How the samples that a target takes grow with the dimension."""

from numbers import Real

import numpy as np

from sklearn_depth._math._censored_line import fit_censored_line
from sklearn_depth.studies._arguments import chosen_score
from sklearn_depth.studies._concat import check_distinct
from sklearn_depth.studies._needed import LEARNER, needed_samples
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._shown import TOO_LATE
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import Interval, validate_params
from sklearn_depth.utils._warnings import warn_caller

# Constraints of what says which exponents are meant.
EXPONENTS = {
    "result": [StudyResult],
    "target": [Real],
    "score": [str, None],
    "confidence_level": [Interval(Real, 0, 1, closed="neither")],
}


@validate_params(
    EXPONENTS | {"n_resamples": [POSITIVE_INTEGER], "random_state": RANDOM_STATE}
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
        \log n^*_r(d) = \log c + k \log d + \sigma \varepsilon_r, \quad
        \varepsilon_r \sim N(0, 1)

    by the largest likelihood for each estimator, where :math:`n^*_r(d)` is the number
    of samples from which on the score of repeat r is at the target or better. A repeat
    that never was there counts as "more than the largest size" (a Tobit model [1]_).

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
        How often repeats are drawn with replacement for the intervals of medians.
    random_state : int, RandomState, Generator or None, default=0
        Seed of these draws.

    Returns
    -------
    exponents : StudyResult
        A row for each estimator, and for each data set where the result has a column
        ``dataset``, which then comes first: ``estimator``; ``exponent`` k with
        the ends of its interval ``exponent_low`` and ``exponent_high``, ``constant`` c
        and ``spread`` :math:`\sigma`, by the likelihood; ``median_exponent``,
        ``median_exponent_low`` and ``median_exponent_high``, by least squares on the
        logarithms of medians over repeats; ``n_used``, the dimensions that have such a
        median, and ``n_censored``, the others. See the notes for infinity and NaN.
    needed : StudyResult
        A row for each estimator and dimension: ``estimator``, ``n_features``,
        ``n_samples``, the median of :math:`n^*_r(d)`, its least and greatest value over
        repeats ``n_samples_low`` and ``n_samples_high``, the number of repeats
        ``n_repeats``, those of them that reached the target ``n_reached``,
        ``smallest_size`` and ``largest_size`` of those at which fits ended, and
        ``censored``: "above" if half of the repeats or more did not reach it, and
        ``n_samples`` is infinite; "below" if most had it at the smallest size, and
        ``n_samples`` is 0; else empty.

    Raises
    ------
    ValueError
        If the result has one dimension, none, or no such score, if there are several
        scores and none is named, if the target is not finite or, of an error, not
        positive, or if cells have the same data set, estimator, sizes and repeat.

    Warns
    -----
    UserWarning
        If dimensions are censored: to the likelihood their repeats are bounds, and the
        medians leave them out. Larger or smaller ``train_sizes`` would measure them.

    See Also
    --------
    sample_complexity_curve : Measures the scores.
    ScalingExponentDisplay : Draws the samples needed, and the powers.
    SampleComplexityDisplay : Draws the scores, also against n / d^k.

    Notes
    -----
    Between two sizes the crossing is on the straight line in log n and the logarithm of
    an error, or a score as it is where higher is better. A repeat whose curve crosses
    more than once counts from the last time on. Where the fit failed at a size in
    between, the likelihood only has that the crossing is between those that ended;
    where it failed at the largest, that it is above the last that ended. Cells that a
    ``time_limit`` has left out count as if they were not in the table.

    Leaving out dimensions that were not reached makes exponents too small: what is left
    near the largest size is what was found early. ``median_exponent`` does so, and
    needs no law of the repeats; ``exponent`` takes them to be log-normal, with one
    spread at all dimensions, and to follow the power to where nothing was reached. If
    the two differ much, measure at more sizes.

    The interval of ``exponent`` has all values whose likelihood, largest over c and
    :math:`\sigma`, is within :math:`(n / 2) \log(1 + t^2 / (n - 2))` of the maximum,
    with n repeats that have a crossing and Student's quantile t for n - 2. Without
    censoring that is the interval of linear regression. An end that no repeat bounds is
    infinite: from one dimension that was reached and larger ones that were not follows
    a least exponent alone, and ``exponent`` is infinite with it. It is NaN if repeats
    tell nothing, as where none reached the score. The interval is NaN with fewer than
    three crossings.

    The interval of ``median_exponent`` has percentiles of exponents from repeats
    resampled within each dimension. Medians are exact as long as less than half of the
    repeats are censored; resampled ones that are not are left out as well. It is NaN
    where no dimension was repeated, and the exponent where less than two can be used.

    References
    ----------
    .. [1] James Tobin (1958). Estimation of Relationships for Limited Dependent
       Variables. Econometrica 26(1), 24-36.

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
    >>> exponents.columns["exponent"].round(4), needed.columns["n_samples"].round(2)
    (array([2.]), array([ 160.,  640., 2560.]))
    """
    exponents, needed = fit_exponents(
        result,
        target,
        score=score,
        confidence_level=confidence_level,
        n_resamples=n_resamples,
        random_state=random_state,
    )
    _warn_of_censoring(needed, target)
    return exponents, needed


def fit_exponents(
    result, target, *, score, confidence_level, n_resamples=1000, random_state=0
):
    """The tables, without a warning."""
    score = chosen_score(result, score)
    lower = result.config["scoring"][score] == "lower"
    if not np.isfinite(target):
        raise ValueError(f"target={target} must be a finite number.")
    if lower and target <= 0:
        raise ValueError(f"target={target} of the error {score!r} must be positive.")
    result = _begun(result)
    _check_dimensions(result)
    check_distinct(result)
    rng = check_generator(random_state)
    names = [name for name in LEARNER if name in result.columns]
    exponents, needed = [], []
    for key, found in needed_samples(result, score, target, lower).items():
        learner = dict(zip(names, key, strict=True))
        needed += [
            learner | _needed_row(d, of_repeats) for d, of_repeats in found.items()
        ]
        likely = _likely_row(found, confidence_level)
        middles = [of_repeats.middle for of_repeats in found.values()]
        log_d = np.log(list(found))
        medians = _median_row(log_d, middles, n_resamples, confidence_level, rng)
        exponents.append(learner | likely | medians)
    return _table(exponents, result.config), _table(needed, result.config)


def _begun(result):
    """The table without cells that time was up for, of which nothing is known."""
    begun = result.columns.get("error", np.array("")) != TOO_LATE
    if np.all(begun):
        return result
    columns = {name: values[begun] for name, values in result.columns.items()}
    return StudyResult(columns, result.config)


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


def _needed_row(d, needed):
    middle = _log_median(needed.middle)
    return {
        "n_features": d,
        "n_samples": np.exp(middle),
        "n_samples_low": np.exp(needed.middle.min()),
        "n_samples_high": np.exp(needed.middle.max()),
        "n_repeats": len(needed.middle),
        "n_reached": int(np.sum(needed.middle < np.inf)),
        "smallest_size": needed.sizes[0],
        "largest_size": needed.sizes[1],
        "censored": {np.inf: "above", -np.inf: "below"}.get(float(middle), ""),
    }


def _likely_row(found, level):
    """By the likelihood of all repeats, censored ones among them."""
    log_d = np.repeat(np.log(list(found)), [len(one.middle) for one in found.values()])
    low, high = (
        np.concatenate([getattr(one, end) for one in found.values()])
        for end in ("low", "high")
    )
    line = fit_censored_line(log_d, low, high, level)
    return {
        "exponent": line.slope,
        "exponent_low": line.low,
        "exponent_high": line.high,
        "constant": np.exp(line.intercept),
        "spread": line.spread,
    }


def _median_row(log_d, middles, n_resamples, level, rng):
    """By least squares on medians that are not censored."""
    medians = np.array([*map(_log_median, middles)])
    drawn = _resampled_exponents(log_d, middles, n_resamples, rng)
    exponent = _fit_power(log_d, medians)
    spread = np.isfinite(exponent) and max(map(len, middles)) > 1
    found = drawn[np.isfinite(drawn)] if spread else []
    tails = [50 * (1 - level), 50 * (1 + level)]
    low, high = np.percentile(found, tails) if len(found) else (np.nan, np.nan)
    n_used = int(np.isfinite(medians).sum())
    return {
        "median_exponent": exponent,
        "median_exponent_low": low,
        "median_exponent_high": high,
        "n_used": n_used,
        "n_censored": len(medians) - n_used,
    }


def _warn_of_censoring(needed, target):
    for kind, what in (("above", "not reached"), ("below", "had at the smallest size")):
        cells = [
            f"{row['estimator']} at n_features={row['n_features']}"
            + (f" of {row['dataset']}" if "dataset" in row else "")
            for row in needed.rows()
            if row["censored"] == kind
        ]
        if cells:
            warn_caller(
                f"The target {target:g} was {what} by half of the repeats or more of "
                f"{', '.join(cells)}. In the exponents these are bounds, and the "
                "medians leave them out; measure them with other train_sizes."
            )


def _table(rows, config):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return StudyResult(columns, config)


def _log_median(log_needed):
    """Over the last axis; infinite if half do not reach the target."""
    with np.errstate(invalid="ignore"):  # one half reached it at once, and one never
        middle = np.median(log_needed, axis=-1)
    return np.where(np.isnan(middle), np.inf, middle)


def _fit_power(log_d, log_n):
    """The exponent k of c d^k by least squares, of medians that are finite.

    NaN from less than two of them.
    """
    usable = np.isfinite(log_n)
    if usable.sum() < 2:
        return np.nan
    centred = log_d[usable] - log_d[usable].mean()
    return centred @ log_n[usable] / (centred @ centred)


def _resampled_exponents(log_d, middles, n_resamples, rng):
    """Exponents of medians over repeats drawn with replacement at each dimension."""
    draws = np.empty((n_resamples, len(log_d)))
    for k, of_repeats in enumerate(middles):
        chosen = rng.integers(len(of_repeats), size=(n_resamples, len(of_repeats)))
        draws[:, k] = _log_median(of_repeats[chosen])
    return np.array([_fit_power(log_d, medians) for medians in draws])
