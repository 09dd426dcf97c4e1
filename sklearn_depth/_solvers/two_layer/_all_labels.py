"""Logistic heads on all samples, on layers that were learned from some of them."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers.logistic._sums import (
    HeadToFit,
    MeansOf,
    Transform,
    minimise_together,
)
from sklearn_depth._solvers.ridge._moments import RidgeHead
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._mixture import Candidate, Mixture


def with_class_heads(
    mixture: Mixture, samples: Samples, means_of: MeansOf, total: float, chosen: bool
) -> Mixture:
    """A mixture that some samples have chosen, with heads on all samples.

    ``means_of`` is that of ``minimise_together``, and ``total`` the weight of all.
    Penalties that are ``chosen`` are on features of the layers' priors.
    """
    priors = [c.layer.prior if chosen else None for c in mixture.chosen]
    pairs = list(zip(mixture.chosen, priors, strict=True))
    starts = [_head_to_fit(one, prior, samples, total) for one, prior in pairs]
    found = minimise_together(means_of, starts)
    heads = [
        _as_head(one, prior, parameters)
        for (one, prior), parameters in zip(pairs, found, strict=True)
    ]
    return mixture.with_heads(heads)


def _head_to_fit(
    candidate: Candidate, prior: Array | None, samples: Samples, total: float
) -> HeadToFit:
    """Where the head of a candidate begins."""
    layer, head = candidate.layer, candidate.head
    assert head is not None
    coef = head.coef if prior is None else np.linalg.lstsq(prior, head.coef)[0]
    there = samples.mean > 0  # a class that is not begins as if one sample were of it
    rare = head.intercept[there].mean() - np.log(len(samples))
    intercept = np.where(there, head.intercept, rare)
    return HeadToFit(
        layer.features if prior is None else partial(_of_prior, layer.features, prior),
        np.vstack([coef, intercept]),
        float(head.alpha[0]) / total,
    )


def _of_prior(features: Transform, prior: Array, Z: NDArray) -> NDArray:
    return features(Z) @ prior


def _as_head(candidate: Candidate, prior: Array | None, parameters: Array) -> RidgeHead:
    assert candidate.head is not None
    coef = parameters[:-1] if prior is None else prior @ parameters[:-1]
    return RidgeHead(coef, parameters[-1], candidate.head.alpha)
