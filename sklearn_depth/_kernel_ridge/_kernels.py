"""The kernels that a regressor's parameters name."""

import inspect
from functools import partial

import numpy as np
from scipy import sparse
from sklearn.metrics.pairwise import kernel_metrics, pairwise_kernels

from sklearn_depth.kernels import KERNEL_FUNCTIONS, hermite_kernel, kernel_diagonal

# Samples whose kernels with each other are computed for their diagonal alone.
_DIAGONAL_ROWS = 32


class Kernel:
    """A kernel of two sets of samples.

    metric : "precomputed", another name, or a callable.
    params : keyword arguments for this kernel alone.
    shared : gamma, degree and coef0, for those of scikit-learn's that take them.
    """

    def __init__(self, metric, params, shared):
        self.metric = metric
        self._ours = _kernel_of_ours(metric, params, shared["degree"])
        if isinstance(metric, str) and metric in kernel_metrics():
            takes = _parameters(metric)
            # Of None, each takes its own default.
            given = {k: v for k, v in shared.items() if k in takes and v is not None}
            params = given | params
        self._params = params

    def __call__(self, X, Y=None):
        if self._ours is not None:
            return self._ours(X, Y)
        return pairwise_kernels(X, Y, metric=self.metric, **self._params)

    @property
    def is_given(self):
        """Whether X is its matrix, or rows of it."""
        return isinstance(self.metric, str) and self.metric == "precomputed"

    def square(self, X):
        """The matrix of samples with each other."""
        return _as_dense(X) if self.is_given else self(X)

    def entries(self, X, rows, columns):
        """Of the square matrix, these rows and columns."""
        if self.is_given:
            return _as_dense(X[rows][:, columns])
        return self(X[rows], X[columns])

    def diagonal(self, X):
        """K(x, x) of every sample."""
        if self.is_given:
            return X.diagonal()
        if self._ours is not None:
            return kernel_diagonal(X, self._ours.func, **self._ours.keywords)
        size = 1 if callable(self.metric) else _DIAGONAL_ROWS
        starts = range(0, X.shape[0], size)
        return np.concatenate([self(X[k : k + size]).diagonal() for k in starts])


def kernels_of(kernel, kernel_params, shared):
    """The kernels of a regressor with these parameters; one or a list of them."""
    if not isinstance(kernel, list | tuple):
        if isinstance(kernel_params, list | tuple):
            raise ValueError(
                f"kernel_params lists {len(kernel_params)} entries, but kernel is one "
                f"kernel, {kernel!r}. Give a dict, or a list of kernels."
            )
        takes = callable(kernel) or kernel in KERNEL_FUNCTIONS
        return [Kernel(kernel, (kernel_params or {}) if takes else {}, shared)]
    _check_kernels(kernel)
    params = _params_of_each(kernel, kernel_params)
    return [Kernel(*each, shared) for each in zip(kernel, params, strict=True)]


def _check_kernels(kernels):
    """Refuse an empty list, and entries that are no kernel of two samples."""
    if not kernels:
        raise ValueError(
            f"kernel={kernels!r} lists no kernel. Give at least one, a name or a "
            "callable."
        )
    names = set(KERNEL_FUNCTIONS) | set(kernel_metrics())
    for k, kernel in enumerate(kernels):
        if not (callable(kernel) or (isinstance(kernel, str) and kernel in names)):
            raise ValueError(
                f"kernel[{k}] is {kernel!r}; in a list a kernel is a callable or one "
                f"of {', '.join(sorted(names))}."
            )


def _params_of_each(kernels, kernel_params):
    """A dict for each of these kernels."""
    if kernel_params is None:
        return [{} for _ in kernels]
    if not isinstance(kernel_params, list | tuple) or len(kernel_params) != len(
        kernels
    ):
        raise ValueError(
            f"kernel_params must be None or a list of {len(kernels)} entries, a dict "
            f"or None for each kernel; got {kernel_params!r}."
        )
    for k, (kernel, params) in enumerate(zip(kernels, kernel_params, strict=True)):
        if not isinstance(params, dict | None):
            raise ValueError(f"kernel_params[{k}] is {params!r}, no dict and not None.")
        if not callable(kernel) and kernel not in KERNEL_FUNCTIONS:
            takes = _parameters(kernel)
            unknown = sorted(set(params or {}) - takes)
            if unknown:
                raise ValueError(
                    f"kernel_params[{k}] has {', '.join(unknown)}, but the kernel "
                    f"{kernel!r} takes {', '.join(sorted(takes)) or 'none'}."
                )
    return [params or {} for params in kernel_params]


def _parameters(name):
    """The names of the parameters that a kernel of scikit-learn's takes."""
    return set(inspect.signature(kernel_metrics()[name]).parameters) - {
        "X",
        "Y",
        "dense_output",
    }


def _kernel_of_ours(function, params, degree):
    """The function of sklearn_depth.kernels with its parameters, or None."""
    if isinstance(function, partial) and not function.args:
        function, params = function.func, function.keywords | params
    if isinstance(function, str):
        function = KERNEL_FUNCTIONS.get(function)
    if not any(function is ours for ours in KERNEL_FUNCTIONS.values()):
        return None
    takes = set(inspect.signature(function).parameters) - {"X", "Y"}
    if unknown := sorted(set(params) - takes):
        raise ValueError(
            f"kernel_params has {', '.join(unknown)}, but {function.__name__} takes "
            f"{', '.join(sorted(takes))}."
        )
    shared = {"degree": degree} if function is hermite_kernel else {}
    return partial(function, **shared | params)


def _as_dense(X):
    return X.toarray() if sparse.issparse(X) else X
