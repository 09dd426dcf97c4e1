"""Samples that come in batches, in parts or in blocks, and whose sums add up."""

from copy import copy
from functools import partial

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from sklearn_depth._math._moments import (
    common_constants,
    constant_columns,
    deviation_of,
)
from sklearn_depth._math._row_means import RowMeans
from sklearn_depth.utils._callbacks import without_callbacks
from sklearn_depth.utils._dask import NO_WEIGHT
from sklearn_depth.utils._memory import row_blocks
from sklearn_depth.utils._sklearn import fit_context, store_fit
from sklearn_depth.utils._validation import (
    columns_of,
    held_columns,
    validate_samples,
)
from sklearn_depth.utils._warnings import warn_caller

# So many samples show if they are sorted: their mean squared step, over the variance,
# is then below what random ones ever have.
_MANY, _SORTED = 100, 0.005


def sum_blocks(model, rows, seen, empty, update, validate=validate_samples):
    """``update(empty(), samples)`` over a :class:`DaskRows`, in one pass.

    ``seen`` is what is known of the features. Beside the sums comes what a fit is to
    remember: ``seen``, with the features that are constant in all blocks. ``validate``
    makes :class:`Samples` of a block.
    """
    model = store_fit(without_callbacks(model), columns_of(seen))  # knows no names
    function = partial(_sums_of_block, model, empty, update, validate)
    sums, constants, order = rows.reduce(function, _merged)
    if constants is None:
        raise ValueError(NO_WEIGHT)
    if not rows.order_was_seen:
        rows.order_was_seen = True
        _warn_if_sorted(order)
    return sums, seen | held_columns(constants)


def _sums_of_block(model, empty, update, validate, X, y, sample_weight=None):
    nothing = empty(), None, np.zeros(2)  # which is no error in a part
    if len(X) == 0:
        return nothing
    counts = sample_weight is None or sample_weight.any()
    weight = sample_weight if counts else None  # all the same, samples must be valid
    samples, _ = validate(model, X, y, weight, reset=False, min_samples=1)
    if not counts:
        return nothing
    order = _order_of(samples.targets)
    return update(empty(), samples), constant_columns(samples.X), order


def means_with_rows(prepare, n_columns, function, means, samples):
    """Means with those of ``function(samples)`` over further samples.

    ``prepare(samples)`` makes these ready; they are read in blocks of so many columns.
    """
    samples = prepare(samples)
    for rows in row_blocks(len(samples), n_columns):
        part = samples[rows]
        means = means.merge(RowMeans(part.total_weight, function(part)))
    return means


def _merged(one, other):
    with np.errstate(over="ignore", invalid="ignore"):  # said by the solver
        sums, order = one[0].merge(other[0]), one[2] + other[2]
    return sums, common_constants(one[1], other[1]), order


def _order_of(targets):
    """Number of samples, and the sum of squared steps from one target to the next.

    Of the first target, over its variance in the block; both add up over blocks.
    """
    first = targets[:, 0]
    deviation = deviation_of(first.mean(), first.var(), len(first))
    if deviation == 0:
        return np.zeros(2)
    steps = np.diff(first) / deviation
    return np.array([len(first), steps @ steps])


def _warn_if_sorted(order):
    """Say it where one target hardly differs from the next: 2 is for random order."""
    n_rows, steps = order
    if n_rows < _MANY or steps > _SORTED * n_rows:
        return
    warn_caller(
        "The samples within blocks look sorted by y: a target differs from the next by "
        f"{np.sqrt(steps / n_rows):.2g} of their standard deviation. Sums are the same "
        "in any order, but no block stands for all the data: shuffle the samples "
        "before partial_fit, or before a part is to stand for all."
    )


def sum_in_memory(samples, seen, empty, update):
    """The same over samples in memory, of which all is known."""
    sums = empty()
    for rows in row_blocks(len(samples), samples.n_features):
        sums = update(sums, samples[rows])
    return sums, seen


def columns_of_blocks(model, rows):
    """What a fit is to remember of the features, before any sample is seen."""
    if rows.target_shape is None:
        raise ValueError("A fit requires y to be passed, but the target y is None.")
    if len(rows) < 2:
        raise ValueError(
            f"Found array with {len(rows)} sample(s) (shape={rows.shape}) while a "
            "minimum of 2 is required."
        )
    model = copy(model)
    validate_data(model, rows.columns, reset=True, skip_check_array=True)
    names = "n_features_in_", "feature_names_in_"
    seen = {name: value for name, value in vars(model).items() if name in names}
    return seen | held_columns(None)


def check_targets(samples, model):
    """Refuse samples with another number of targets than those before."""
    if samples.target_shape != np.shape(model.intercept_):
        shape = (len(samples), *samples.target_shape)
        raise ValueError(
            f"y has shape {shape}, but coef_ has shape {model.coef_.shape}: every "
            "batch must have as many targets. Call fit to start again."
        )


def check_mergeable(ours, theirs):
    """Refuse two regressors whose sums are not of the same features and targets."""
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
            "regressor: merge needs the same features in the same order."
        )
    shapes = [(m.n_features_in_, *np.shape(m.intercept_)) for m in (ours, theirs)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"coef_ has shape {ours.coef_.shape} here and {theirs.coef_.shape} in "
            "the other regressor: both must have as many features and targets."
        )


def merged_columns(ours, theirs):
    """What two regressors that merge know of their features."""
    held = [model._held_columns_ for model in (ours, theirs)]
    both = all(values is not None for values in held)
    kept = ("n_features_in_", "feature_names_in_")
    seen = {name: vars(ours)[name] for name in kept if hasattr(ours, name)}
    return seen | held_columns(common_constants(*held) if both else None)


def _takes_batches(model):
    """Whether sums over samples are enough; AttributeError where they are not."""
    model._check_batches()
    return True


class BatchMixin:
    """A regressor from sums over samples, ``_sums_``, to which batches may be added.

    A subclass has ``_add(samples, seen, first)``, which fits to these samples and all
    before, unless they are the first.
    """

    def _check_batches(self):
        """Refuse parameters that take all samples at once."""

    @available_if(_takes_batches)
    @fit_context
    def partial_fit(self, X, y, sample_weight=None):
        """Add a batch of samples and fit to all seen so far.

        Each call solves anew, at a cost that the number of features sets: where they
        can, batches should have more samples than there are features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data. The first batch sets what scales features or places knots:
            make it a fair sample.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weights; a weight of k counts as k equal samples.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        MemoryError
            If the sums do not fit into memory.
        ValueError
            If X, y or features overflow, or change in number of features or targets.
        """
        first = not hasattr(self, "_sums_")
        samples, seen = validate_samples(
            self, X, y, sample_weight, reset=first, min_samples=1
        )
        if not first:
            check_targets(samples, self)
        return self._add(samples, seen, first)


class MergeMixin(BatchMixin):
    """The same where two fits may become one, by ``_merge(other, seen)``."""

    @available_if(_takes_batches)
    def merge(self, other):
        """Add the samples that another regressor has seen.

        Parts of the data, fitted apart in threads, processes or on other machines,
        merge into the fit of all samples. They must scale their features alike.

        Parameters
        ----------
        other : object
            Of this class, fitted with the same parameters; it does not change.

        Returns
        -------
        self : object
            The estimator, fitted to the samples of both.

        Raises
        ------
        ValueError
            If one of the two keeps no sums, or they differ in their products, feature
            names, scaling or number of targets.
        """
        check_mergeable(self, other)
        return self._merge(other, merged_columns(self, other))
