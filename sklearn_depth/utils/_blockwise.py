"""Predictions and features of Dask collections: lazy, block by block."""

from functools import wraps
from inspect import signature
from operator import itemgetter

import numpy as np
from sklearn.base import TransformerMixin, is_classifier
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_depth.utils._callbacks import without_callbacks
from sklearn_depth.utils._dask import is_dask, name_block, whole_rows
from sklearn_depth.utils._scoring import score_blocks


class BlockwiseMixin:
    """An estimator whose predictions and features of a sample depend on no other.

    Its methods take Dask arrays and data frames too, and give lazy Dask arrays. A
    regressor has ``_target_shape``, a transformer ``_n_features_out``.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name, by_blocks in _METHODS.items():
            method = getattr(cls, name, None)
            if method is not None and not hasattr(method, "is_blockwise"):
                made = by_blocks(method)
                made.is_blockwise = True
                setattr(cls, name, made)


def _scored_by_blocks(method):
    """The method, which sums up Dask collections block by block."""

    @wraps(method)
    def score(self, X, y, sample_weight=None):
        if not is_dask(X):
            return method(self, X, y, sample_weight)
        check_is_fitted(self)
        _, columns = whole_rows(X)
        validate_data(self, columns, reset=False, skip_check_array=True)
        return score_blocks(_without_names(self), X, y, sample_weight)

    return score


def _transformed_by_blocks(method):
    """The method, which gives lazy features of Dask collections."""

    @wraps(method)
    def fit_transform(self, X, *args, **kwargs):
        if is_dask(X):
            return self.fit(X, *args, **kwargs).transform(X)
        return method(self, X, *args, **kwargs)

    return fit_transform


def _blockwise(method):
    """The method, which maps Dask collections block by block."""

    @wraps(method)
    def of_any(self, X, *args, **kwargs):
        if is_dask(X):
            signature(method).bind(self, X, *args, **kwargs)  # or refuse them at once
            return _map_lazily(self, method.__name__, X, *args, **kwargs)
        return method(self, X, *args, **kwargs)

    return of_any


_METHODS = {
    "predict": _blockwise,
    "decision_function": _blockwise,
    "predict_proba": _blockwise,
    "transform": _blockwise,
    "fit_transform": _transformed_by_blocks,
    "score": _scored_by_blocks,
}


class BlockwiseTransformerMixin(BlockwiseMixin, TransformerMixin):
    """In this order, or lazy features would be computed and put into containers."""


def _map_lazily(model, name, X, return_std=False):
    from dask import delayed

    check_is_fitted(model)
    X, columns = whole_rows(X)
    validate_data(model, columns, reset=False, skip_check_array=True)
    like = _output_like(model, name, np.float32 if X.dtype == np.float32 else float)
    shape = {"drop_axis": 1}
    if like.ndim > 1:
        shape = {"chunks": (X.chunks[0], like.shape[1:])}
    lazy = X.map_blocks(
        _of_block,
        model=delayed(_without_names(model)),  # goes to each worker once
        method=name,
        like=like,
        options={"return_std": True} if return_std else {},
        meta=like,
        **shape,
    )
    if not return_std:
        return lazy
    return tuple(lazy.map_blocks(itemgetter(k), meta=like) for k in range(2))


def _of_block(X, model, method, like, options, block_id):
    if len(X) == 0:
        return (like, like) if options else like
    with name_block(block_id[0]):
        found = getattr(model, method)(X, **options)
    return found if options else found.astype(like.dtype, copy=False)


def _without_names(model):
    """A copy that takes and gives bare arrays: names were checked at the door."""
    model = without_callbacks(model)
    vars(model).pop("feature_names_in_", None)
    vars(model)["_sklearn_output_config"] = {"transform": "default"}
    return model


def _output_like(model, name, dtype):
    """What the method gives of no samples."""
    if name == "transform":
        shape = (model._n_features_out,)
    elif not is_classifier(model):
        shape = model._target_shape
    elif name == "predict":
        shape, dtype = (), model.classes_.dtype
    else:
        n_classes = len(model.classes_)
        margins = name == "decision_function" and n_classes == 2
        shape = () if margins else (n_classes,)
    return np.empty((0, *shape), dtype)
