"""Learners of one direction, from samples and labels; each returns a vector."""

from dataclasses import dataclass

import numpy as np

from experiments.exponents.links import LINKS, label_transform
from sklearn_depth.directions import (
    DirectionalRegression,
    PrincipalHessianDirections,
    SlicedInverseRegression,
)

# The best preprocessing has no lower bound where E[z^2 | y] is 0.
LEAST = -20.0


@dataclass(frozen=True)
class Model:
    """A learner and its name in the report."""

    title: str
    find: object


def best(X, y, link):
    """The learner of the link's generative exponent, which knows the link."""
    transformed = label_transform(link)(y)
    return [_mean, _spectral, None, _partial_trace][LINKS[link].degree - 1](
        X, transformed
    )


def _mean(X, transformed):
    """The mean of E[z | y] x."""
    return transformed @ X


def _spectral(X, transformed):
    """The leading eigenvector of the mean of T(y) xx', T = 1 - 1 / E[z^2 | y]."""
    return leading(X, preprocessing(transformed))


def preprocessing(transformed):
    """T from E[z^2 - 1 | y]."""
    return 1 - 1 / np.maximum(1 + transformed, 1 / (1 - LEAST))


def _partial_trace(X, transformed):
    """That of the mean of E[He_4(z) | y] times He_4(x) contracted over two indices.

    The contraction is xx' (|x|^2 - d - 4) - I (|x|^2 - d - 2), whose second part has
    the same eigenvectors as none.
    """
    squares = np.einsum("ij,ij->i", X, X) - X.shape[1] - 4
    return leading(X, transformed * squares)


def leading(X, weights):
    """The eigenvector of the largest eigenvalue of the mean of weights times xx'."""
    return np.linalg.eigh(X.T @ (weights[:, None] * X))[1][:, -1]


def _component(finder):
    """A learner of the package, which does not know the link."""
    return lambda X, y, link: finder.fit(X, y).components_[0]


MODELS = {
    "best": Model("best for its exponent", best),
    "sir": Model("SIR", _component(SlicedInverseRegression(1))),
    "dr": Model("directional regression", _component(DirectionalRegression(1))),
    "phd": Model("Hessian directions", _component(PrincipalHessianDirections(1))),
}
