"""Sums that do not add up: other products, scalings, columns or targets."""

import numpy as np


def check_basis(parameters, features, whose):
    """Refuse to add rows of other products than the parameters say."""
    theirs = features.get_params()
    for name, value in parameters.items():
        if theirs[name] != value:
            raise ValueError(
                f"{name} is {value!r}, but {theirs[name]!r} in {whose}: sums of "
                "different products do not add up. Call fit to begin anew."
            )


def check_targets(samples, model):
    """Refuse rows with another number of targets than those before."""
    if samples.target_shape != np.shape(model.intercept_):
        shape = (len(samples), *samples.target_shape)
        raise ValueError(
            f"y has shape {shape}, but coef_ has shape {model.coef_.shape}: every "
            "batch must have as many targets. Call fit to begin anew."
        )


def check_mergeable(ours, theirs):
    """Refuse two regressors whose sums do not add up, but for their products."""
    for model in ours, theirs:
        if not hasattr(model, "_sums_"):
            raise ValueError(
                "merge adds the sums that partial_fit keeps, and one of the "
                "regressors has none. Fit both with partial_fit."
            )
    names, others = (getattr(m, "feature_names_in_", None) for m in (ours, theirs))
    if not np.array_equal(names, others):
        raise ValueError(
            f"The feature names are {names} here and {others} in the other "
            "regressor: merge needs the same columns in the same order."
        )
    shapes = [(m.n_features_in_, *np.shape(m.intercept_)) for m in (ours, theirs)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"coef_ has shape {ours.coef_.shape} here and {theirs.coef_.shape} in "
            "the other regressor: both must have as many columns and targets."
        )


def check_scaling(ours, theirs):
    """Refuse maps that scale columns differently."""
    if (ours.mean_ != theirs.mean_).any() or (ours.scale_ != theirs.scale_).any():
        raise ValueError(
            "The regressors scale their columns differently: their products are "
            "not the same. Scale the columns beforehand and set scaling=None."
        )
