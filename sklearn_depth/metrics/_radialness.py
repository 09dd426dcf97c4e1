"""How radial a target is."""

from numbers import Integral

import numpy as np
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, check_cv
from sklearn.utils.validation import check_X_y

from sklearn_depth._math._samples import Samples
from sklearn_depth._radial import RadialTwoLayerRegressor
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import check_sample_weight, validate_params
from sklearn_depth.utils._validation import FLOATS

_SEEDS = 2**31


@validate_params(
    {
        "X": ["array-like"],
        "y": ["array-like"],
        "center": RadialTwoLayerRegressor._parameter_constraints["center"],
        "cv": ["cv_object"],
        "sample_weight": ["array-like", None],
        "random_state": RANDOM_STATE,
    }
)
def radialness_score(
    X, y, *, center="median", cv=5, sample_weight=None, random_state=None
):
    r"""Compute how much of a target a function of the distance from a centre explains.

    .. math:: 1 - \frac{\sum_i (y_i - \hat f_{-i}(\|x_i - c\|))^2}
              {\sum_i (y_i - \bar y)^2}

    with :math:`\hat f_{-i}` fitted without the fold that holds sample i: an R² on
    samples that the fit has not seen. Near the share of the variance that is no noise,
    it says that the target is radial; near 0 or below, that no function of this
    distance helps.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Inputs, whose features should have a common unit.
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        Targets.
    center : {"median", "mean", "origin", "learn"} or array-like, default="median"
        The centre, see :class:`~sklearn_depth.RadialTwoLayerRegressor`; found anew
        without each fold. Where "learn" scores much higher than "median", the target
        is radial about another point than the data, or depends on few directions: at a
        great distance a sphere is a plane.
    cv : int, cross-validation generator or iterable, default=5
        The folds; a number is that of shuffled folds, and None is 5.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the samples in fits and score.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the shuffling.

    Returns
    -------
    score : float
        The R², at most 1; the mean over targets, if there are several; 0 if all are
        constant.

    Raises
    ------
    ValueError
        If the folds of one's own leave out a sample or have one twice.

    See Also
    --------
    sklearn_depth.RadialTwoLayerRegressor : The regressor behind it.
    sklearn.metrics.r2_score : The same for given predictions.

    Examples
    --------
    >>> from sklearn_depth.datasets import make_radial, make_single_index
    >>> from sklearn_depth.metrics import radialness_score
    >>> X, y = make_radial(500, 20, profile="sine", noise=0.2, random_state=0)
    >>> round(radialness_score(X, y, random_state=0), 2)
    0.9...
    >>> X, y = make_single_index(500, 20, random_state=0)
    >>> radialness_score(X, y, random_state=0) < 0.1
    True
    """
    X, y = check_X_y(X, y, dtype=FLOATS, multi_output=True, y_numeric=True)
    if sample_weight is not None:
        sample_weight = check_sample_weight(sample_weight, X)
    if cv is None or isinstance(cv, Integral):
        seed = int(check_generator(random_state).integers(_SEEDS))
        cv = KFold(cv or 5, shuffle=True, random_state=seed)
    folds = list(check_cv(cv).split(X, y))
    times = np.bincount(np.concatenate([test for _, test in folds]), minlength=len(X))
    if (times != 1).any():
        raise ValueError(
            f"cv must predict every sample once; {(times == 0).sum()} of {len(X)} "
            f"are left out and {(times > 1).sum()} come up more than once. Use KFold."
        )
    predicted = np.empty(y.shape)
    for train, test in folds:
        weight = None if sample_weight is None else sample_weight[train]
        model = RadialTwoLayerRegressor(center=center).fit(X[train], y[train], weight)
        predicted[test] = model.predict(X[test])
    if np.isinf(Samples.of(X, y, sample_weight).scale).all():
        return 0.0
    return r2_score(y, predicted, sample_weight=sample_weight)
