"""Curves of a study: what repeats scored at each size, the middle and the spread."""

from typing import NamedTuple

import numpy as np

from sklearn_depth.studies._arguments import chosen_score
from sklearn_depth.utils._warnings import warn_caller

# Lower and upper ends of bands, from the scores at one size.
BANDS = {
    "range": lambda scores: (scores.min(), scores.max()),
    "std": lambda scores: scores.mean() + scores.std() * np.array([-1, 1]),
    "quartiles": lambda scores: np.percentile(scores, [25, 75]),
}


def check_choices(result, score, power, slopes, negate):
    """The score to draw; refuse what the table has no columns or errors for."""
    score = chosen_score(result, score)
    if power != 0 and "n_features" not in result.columns:
        raise ValueError(
            f"power={power:g} needs the column 'n_features', which the result does not "
            "have. Pass n_features to sample_complexity_curve, or take power=0."
        )
    if slopes is not None and not is_error(result, score, negate):
        raise ValueError(
            f"reference_slopes are for errors on a logarithmic axis, and of {score!r} "
            f"more is better{' once negated' if negate else ''}. Leave them out"
            f"{'' if negate else ', or set negate_score=True for a neg_ score'}."
        )
    return score


def is_error(result, score, negate):
    """Whether less is better of what is drawn."""
    return (result.config["scoring"][score] == "lower") != negate


def on_logarithms(curves, errors, slopes, score):
    """Whether the scores are errors with logarithms, as slopes need them."""
    smallest = min(scores.min() for curve in curves for scores in curve.scores)
    if len(slopes) and smallest <= 0:
        raise ValueError(
            f"reference_slopes need a logarithmic axis, and the smallest {score} is "
            f"{smallest:g}. Leave them out."
        )
    return errors and smallest > 0


class Curve(NamedTuple):
    """Finite scores of an estimator at one dimension; None where there is no such."""

    estimator: str
    n_features: int | None
    n_samples: np.ndarray
    scores: list

    @property
    def title(self):
        """The estimator, and the dimension if there is one."""
        d = self.n_features
        return self.estimator if d is None else f"{self.estimator} at d = {d}"


def curves_of(result, score, sign=1):
    """A curve for each estimator and dimension, in the order of the table."""
    curves = []
    for name in dict.fromkeys(result.columns["estimator"].tolist()):
        part = result.select(estimator=name)
        if "n_features" in result.columns:
            for d in np.unique(part.columns["n_features"]).tolist():
                of_dimension = part.select(n_features=d)
                curves.append(_curve(of_dimension, name, d, score, sign))
        else:
            curves.append(_curve(part, name, None, score, sign))
    return curves


def _curve(result, name, d, score, sign):
    n_samples, scores = result.columns["n_samples"], sign * result.columns[score]
    ended = np.isfinite(scores)
    n_samples, scores = n_samples[ended], scores[ended]
    sizes = np.unique(n_samples)
    return Curve(name, d, sizes, [scores[n_samples == size] for size in sizes])


def drawable(curves, score):
    """The curves that have points; say which have none."""
    empty = [curve.title for curve in curves if not len(curve.n_samples)]
    if len(empty) == len(curves):
        raise ValueError(
            f"No {score} is finite, of {len(curves)} curves. The "
            "column 'error' of the result says why."
        )
    if empty:
        warn_caller(
            f"No {score} is finite of {', '.join(empty)}, which have no line. The "
            "column 'error' of the result says why."
        )
    return [curve for curve in curves if len(curve.n_samples)]


def medians(curve):
    """Of the repeats at each size."""
    return np.array([np.median(scores) for scores in curve.scores])


def spread(curve, band, logarithmic):
    """Lower and upper ends of a band at each size, of shape (2, n_sizes)."""
    ends = BANDS[band]
    if band == "std" and logarithmic:
        return np.exp(np.transpose([ends(np.log(scores)) for scores in curve.scores]))
    return np.transpose([ends(scores) for scores in curve.scores])
