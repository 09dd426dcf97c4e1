"""Validation that the estimators share: the one door for data."""

from copy import copy

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    validate_data,
)

from sklearn_depth._math._moments import common_constants, constant_columns
from sklearn_depth._math._samples import Samples
from sklearn_depth.utils._dask import DaskRows, is_dask
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._sklearn import check_sample_weight, store_fit

FLOATS = (np.float64, np.float32)
# Squares of larger or smaller numbers leave float64.
_MAGNITUDES = 1e-100, 1e100
# Reciprocals and differences of these leave float32.
_SINGLE_MAGNITUDES = 1e-37, 1e37
# A kernel's, as a share of its largest entry: beyond the rounding of float32.
_ASYMMETRY = 1e-5


def check_magnitude(name, values, dtype=None):
    """Refuse numbers that would overflow or vanish when squared, in their type or so.

    ``dtype`` is the type they are going to be computed in, where it is another one.
    """
    dtype = np.dtype(values.dtype if dtype is None else dtype)
    low, high = _SINGLE_MAGNITUDES if dtype == np.float32 else _MAGNITUDES
    largest = float(max(values.max(initial=0.0), -values.min(initial=0.0)))
    if largest > 0 and not low < largest < high:
        raise ValueError(
            f"The largest entry of {name} is {largest:.3g} in {dtype}; it must "
            f"lie between {low:g} and {high:g}. Scale {name}."
        )


def validate_samples(estimator, X, y, sample_weight=None, *, reset=True, min_samples=2):
    """Validate what ``fit`` was given; the estimator itself is not changed.

    Returns the :class:`Samples` of positive weight, with X in its own float dtype and y
    rounded to that, and what the estimator is to remember of X, for
    :func:`~sklearn_depth.utils._sklearn.store_fit`. ``reset=False`` goes on from what
    it remembers.
    """
    X, y, seen = _validate(
        estimator, X, y, reset, min_samples, y_numeric=True, multi_output=True
    )
    with np.errstate(over="ignore"):  # float64 targets beyond float32: said below
        y = y.astype(X.dtype, copy=False)
    check_magnitude("y", y)
    X, y, sample_weight = drop_zero_weights(estimator, X, y, sample_weight, min_samples)
    return Samples.of(X, y, sample_weight), seen | _held(estimator, X, reset)


def validate_labels(
    estimator,
    X,
    y,
    sample_weight=None,
    *,
    classes=None,
    class_weight=None,
    reset=True,
    min_samples=2,
):
    """Validate what a classifier's ``fit`` was given; it is not changed itself.

    Returns samples with a target for each class against the rest, the second alone of
    two; and what the estimator is to remember, as :func:`validate_samples` does, with
    the sorted classes, which are ``classes`` where these are given.
    """
    X, y, seen = _validate(estimator, X, y, reset, min_samples)
    check_classification_targets(y)
    X, y, sample_weight = drop_zero_weights(estimator, X, y, sample_weight, min_samples)
    classes = two_or_more_classes(y if classes is None else classes)
    targets = one_against_rest(y, classes, X.dtype)
    weight = _weighted_by_class(class_weight, y, sample_weight)
    seen = seen | _held(estimator, X, reset) | {"classes_": classes}
    return Samples.of(X, targets, weight), seen


def validate_inputs(estimator, X, sample_weight=None):
    """Validate what a transformer's ``fit`` was given that looks at no label.

    Returns samples without targets, and what to remember, as :func:`validate_samples`
    does. Of Dask collections they are a sample.
    """
    if is_dask(X):
        X, _, sample_weight = DaskRows(X, None, sample_weight).sample()
    X, _, seen = _validate(estimator, X, "no_validation", True, 1)
    none = np.empty((len(X), 0))
    X, none, sample_weight = drop_zero_weights(estimator, X, none, sample_weight, 1)
    return Samples.of(X, none, sample_weight), seen | _held(estimator, X, True)


def _validate(estimator, X, y, reset, min_samples, **checks):
    """Validated X and y, and what the estimator would then know of X's features."""
    X, y, seen = validate_unchanged(
        estimator,
        X,
        y,
        order="C",  # the same numbers give the same bits, however they lie
        ensure_min_samples=min_samples,
        reset=reset,
        **checks,
    )
    check_magnitude("X", X)
    return X, y, seen


def validate_unchanged(estimator, X, y, **checks):
    """scikit-learn's ``validate_data`` on a copy, with what it would have set."""
    if is_dask(X):
        raise TypeError(
            f"X is a Dask collection, and {type(estimator).__name__} needs its samples "
            "in memory here. Pass X.compute(), or fit on a part; predictions of a "
            "collection stay lazy."
        )
    stand_in = copy(estimator)
    checked = validate_unmasked(stand_in, X, y, **checks)
    X, y = checked if isinstance(checked, tuple) else (checked, None)
    names = ("n_features_in_", "feature_names_in_")
    return X, y, {k: v for k, v in vars(stand_in).items() if k in names}


def validate_unmasked(estimator, X, y="no_validation", **checks):
    """scikit-learn's ``validate_data``, which would read what lies under a mask."""
    for name, values in (("X", X), ("y", y)):
        if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
            raise ValueError(
                f"{name} has masked entries, {np.ma.count_masked(values)} in all. "
                "Impute them, or leave their samples out."
            )
    return validate_data(estimator, X, y, dtype=FLOATS, **checks)


def _held(estimator, X, reset):
    """Features that have been constant in all samples so far, with their values."""
    if reset:
        return held_columns(constant_columns(X))
    before = getattr(estimator, "_held_columns_", None)
    if before is None:
        return held_columns(None)
    return held_columns(common_constants(before, constant_columns(X)))


def columns_of(seen):
    """What a map inside of a model remembers of the features: all but their names."""
    return {name: seen[name] for name in ("n_features_in_", "_held_columns_")}


def held_columns(values):
    """What ``fit`` remembers of constant features, None if there are none.

    Such a feature has taught nothing: in new samples it is held at what it was.
    """
    none = values is None or np.isnan(values).all()
    return {"_held_columns_": None if none else values}


def _weighted_by_class(class_weight, y, sample_weight):
    """Sample weights times those of the classes."""
    if class_weight is None:
        return sample_weight
    present = np.unique(y)  # a warm start may bring fewer than classes_
    factors = class_factors(class_weight, present, y, sample_weight)
    by_row = factors[np.searchsorted(present, y)]
    return by_row if sample_weight is None else by_row * sample_weight


def class_factors(class_weight, classes, y, sample_weight):
    """What ``class_weight`` multiplies the weights of each class by."""
    factors = compute_class_weight(
        class_weight, classes=classes, y=y, sample_weight=sample_weight
    )
    if not (np.isfinite(factors) & (factors > 0)).all():
        raise ValueError(
            f"class_weight={class_weight!r} must give every class a finite factor "
            "above zero. To leave a class out, leave out its samples."
        )
    return factors


def two_or_more_classes(y):
    """The sorted labels; refuse a single one."""
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError(
            f"y holds 1 class only, {classes.tolist()[0]!r}: there is nothing to tell "
            "apart. Give samples of positive weight from at least 2 classes."
        )
    return classes


def one_against_rest(y, classes, dtype):
    """1 where a sample is of a column's class; the second class alone of two."""
    unknown = np.setdiff1d(y, classes)
    if unknown.size:
        raise ValueError(
            f"y has labels {unknown.tolist()} that are not in classes_, "
            f"{classes.tolist()}. Set warm_start=False or call fit for new classes, "
            "and leave them out of y_val."
        )
    columns = classes[1:] if len(classes) == 2 else classes
    return (y[:, None] == columns).astype(dtype)


def drop_zero_weights(estimator, X, y, sample_weight, min_samples=2):
    """Validate the weights and keep the samples whose weight is more than nothing.

    Beside the largest, that is: both may be of any size.
    """
    if sample_weight is None:
        return X, y, None
    sample_weight = check_sample_weight(sample_weight, X)
    kept = sample_weight / sample_weight.max() > 0
    if kept.sum() < min_samples:
        raise ValueError(
            f"{type(estimator).__name__} needs at least 2 samples of positive weight; "
            "sample_weight leaves 1. Give more samples a weight above zero."
        )
    if not kept.all():
        X, y, sample_weight = X[kept], y[kept], sample_weight[kept]
    return X, y, sample_weight


def validate_new_data(estimator, X):
    """Validate the X of ``predict`` or ``transform``; what is held stays as it was."""
    if not _is_valid(estimator, X):
        X = validate_unmasked(estimator, X, order="C", reset=False)
    held = getattr(estimator, "_held_columns_", None)
    if held is None:
        return X
    return np.where(np.isnan(held), X, held.astype(X.dtype))


def _is_valid(estimator, X):
    """Whether ``validate_data`` would return X itself, told in a tenth of its time.

    Only of plain arrays without names of features: of others it has more to say.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype not in FLOATS:
        return False
    if not (len(X) and X.flags.c_contiguous):
        return False
    names = hasattr(estimator, "feature_names_in_")
    if names or X.shape[1] != getattr(estimator, "n_features_in_", None):
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(X.sum()))  # of finite entries alone


def check_output(values, X):
    """Refuse samples whose features or predictions overflow; return the values."""
    finite = np.isfinite(values)
    if np.count_nonzero(finite) < finite.size:  # quicker than all() on few samples
        bad = ~finite.reshape(len(values), -1).all(axis=1)
        raise ValueError(
            f"{bad.sum()} sample(s) of X overflow in {values.dtype}: the largest entry "
            f"of X there is {np.abs(X[bad]).max():.3g}. Scale X as for fit, leave "
            "these samples out, or fit with a scaling, if the estimator has one."
        )
    return values


def as_type(values, dtype, name):
    """Fitted numbers in a float type; refuse those that it cannot hold."""
    with np.errstate(over="ignore"):  # said below
        rounded = values.astype(dtype)
    if not np.isfinite(rounded).all():
        raise ValueError(
            f"The {name} overflow in {np.dtype(dtype)}: the largest is "
            f"{np.abs(values).max():.3g}. X or its kernel is too small for y, or "
            "nearly singular: scale X or y, raise alpha or use float64."
        )
    return rounded


def validate_held_out(estimator, samples, seen, X_val, y_val, sample_weight_val):
    """Validate samples set aside for early stopping; None where there are none.

    They are looked at as ``predict`` would, once the estimator is fitted to ``samples``
    and remembers what it has ``seen``. Their targets must be like those, or labels
    that are among ``classes_``.
    """
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val needs X_val and y_val.")
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val go together; {missing} is missing.")
    X_val = validate_new_data(store_fit(copy(estimator), seen), X_val)
    classes, dtype = seen.get("classes_"), samples.X.dtype
    kept = dtype if classes is None else None  # labels stay as they are
    y_val = check_array(y_val, ensure_2d=False, dtype=kept, input_name="y_val")
    check_consistent_length(X_val, y_val)
    shape = samples.target_shape if classes is None else ()
    if y_val.shape[1:] != shape:
        raise ValueError(
            f"y_val has shape {y_val.shape}, but y has shape "
            f"{(len(samples), *shape)}: they must have the same number of targets."
        )
    if classes is None:
        check_magnitude("y_val", y_val)
    else:
        y_val = one_against_rest(y_val, classes, dtype)
    if sample_weight_val is not None:
        sample_weight_val = check_sample_weight(sample_weight_val, X_val)
    return Samples.of(X_val, y_val, sample_weight_val)


def check_penalties(alpha, n_targets):
    """Validate given penalties, one in all or one a target; in float64."""
    penalties = np.asarray(alpha)
    if (
        penalties.dtype.kind not in "iuf"
        or penalties.ndim > 1
        or not penalties.size
        or not ((penalties >= 0) & (penalties < np.inf)).all()
    ):
        raise ValueError(
            'alpha must be "auto", "evidence", "gcv", "loo", a number, or one number '
            f"for each target, finite and not negative; got {alpha!r}."
        )
    if penalties.size not in (1, n_targets):
        raise ValueError(
            f"alpha has {penalties.size} entries, but y has {n_targets} targets. Give "
            "one number, or one for each target."
        )
    return penalties.astype(float)


def check_penalty_grid(alphas):
    """Validate penalties to choose from; None stays None."""
    if alphas is None:
        return None
    grid = check_array(
        alphas, ensure_2d=False, dtype=np.float64, copy=True, input_name="alphas"
    )
    if grid.ndim != 1 or not (grid > 0).all():
        raise ValueError(f"alphas must be a list of positive numbers; got {alphas!r}.")
    return grid


def check_symmetric_kernel(kernel):
    """Refuse a precomputed kernel matrix that differs from its transpose."""
    blocks = row_blocks(*kernel.shape)
    difference = max(abs(kernel[rows] - kernel[:, rows].T).max() for rows in blocks)
    largest = max(abs(kernel[rows]).max() for rows in blocks)
    if difference > _ASYMMETRY * largest:
        raise ValueError(
            "The precomputed kernel matrix is not symmetric: entries differ from their "
            f"mirror images by up to {difference:.3g}, and the largest is "
            f"{largest:.3g}. Pass K(X, X) of the training samples."
        )
