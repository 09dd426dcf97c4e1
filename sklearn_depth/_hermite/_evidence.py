"""Fits whose prior variances, one for each group of products, the evidence chooses."""

from dataclasses import dataclass, replace

import numpy as np

from sklearn_depth._base import head_attributes
from sklearn_depth._hermite._groups import (
    ProductKernels,
    exponents_of,
    is_listed,
    labels_of,
    names_of,
)
from sklearn_depth._hermite._posterior import OfProducts, OfRows
from sklearn_depth._hermite._sums import ProductSums
from sklearn_depth._math._levels import distinct_values
from sklearn_depth._math._tolerances import TIED
from sklearn_depth._solvers.ridge._evidence_dual import GroupKernels
from sklearn_depth._solvers.ridge._evidence_primal import GroupSums, left_out_errors
from sklearn_depth.utils._memory import row_blocks

# Leave-one-out from products takes the time of another Gram matrix: seconds, here.
_MOST_OPERATIONS = 5e10


@dataclass(frozen=True)
class EvidenceFit:
    """Polynomials of one degree, one a target.

    heads : one a target, from ``_solvers.ridge``.
    coef : (n_products, n_targets); None where products are not listed.
    intercept : (n_targets,).
    """

    features: object
    heads: list
    coef: np.ndarray | None
    intercept: np.ndarray
    posterior: object


def best_of(fit, degrees, lower, variance):
    """The fit that is estimated to miss the least share of the targets' variance.

    ``fit(degree)`` makes one. Where those of ``degrees`` explain nothing, as they may
    on samples far out, those of ``lower`` degrees compete as well. Of fits that tie,
    the one of the lowest degree wins.
    """
    fits = [fit(degree) for degree in degrees]
    missed = [_missed(made, variance) for made in fits]
    if lower and min(missed) > 1 - TIED:
        fits = [fit(degree) for degree in lower] + fits
        missed = [_missed(made, variance) for made in fits]
    return fits[int(np.argmax(np.array(missed) <= (1 + TIED) * min(missed)))]


def _missed(fit, variance):
    return np.mean(_over([head.error for head in fit.heads], variance))


def fit_samples(features, samples, degrees, dual, lower=()):
    """The best fit of these degrees, from kernels or from sums."""
    if dual:
        return fit_by_rows(features, samples, degrees, lower)
    sums = ProductSums.empty(features, samples.n_targets)
    sums = sums.update(features, samples)
    return fit_by_sums(features, sums, degrees, lower, samples)


def fit_by_rows(features, samples, degrees, lower):
    """The best fit of these degrees, up to that of the features, from kernels."""
    z = features._scale(samples.X).astype(np.float64, copy=False)
    exponents = exponents_of(features, distinct_values(z, features.degree + 1))
    n_posteriors = samples.n_targets * len(degrees)
    kernels = ProductKernels(features, exponents).square(z, n_posteriors)
    groups = GroupKernels(kernels, samples)

    def fit(degree):
        return _fit_rows(features._at_degree(degree), z, exponents, groups)

    return best_of(fit, degrees, lower, groups.scale**2)


def _fit_rows(features, z, exponents, groups):
    kernels = ProductKernels(features, np.minimum(exponents, features.degree))
    try:
        heads, laws = groups.solve(len(kernels.names))
    except np.linalg.LinAlgError:
        raise ValueError(
            "The evidence of the products is lost to rounding: scaled features reach "
            f"{np.abs(z).max():.3g}, where powers of degree {features.degree} are far "
            'too large. Set scaling="standardize", or center and scale X.'
        ) from None
    dual = np.column_stack([head.weights for head in heads])
    ratios = np.stack([head.ratios for head in heads])
    posterior = OfRows(kernels, z, ratios, dual, laws)
    intercept = np.array(
        [
            mean - law.mean @ head.weights
            for mean, law, head in zip(groups.samples.mean, laws, heads, strict=True)
        ]
    )
    coef = None
    if is_listed(features):
        labels = labels_of(features, kernels.exponents)
        coef = sum(
            features._products().values(z[rows]) @ dual[rows]
            for rows in row_blocks(len(z), len(labels))
        )
        coef *= np.where(labels >= 0, ratios[:, labels], 0.0).T
    return EvidenceFit(features, heads, coef, intercept, posterior)


def fit_by_sums(features, sums, degrees, lower, samples=None):
    """The best fit of these degrees from :class:`ProductSums` alone.

    With the ``samples`` behind them errors leave one out, unless that takes too long.
    """
    labels = labels_of(features, exponents_of(features, sums.values))
    sums = GroupSums(sums.moments)

    def fit(degree):
        those = features._at_degree(degree)
        n_products = those.n_output_features_
        heads, posterior = sums.solve(labels[:n_products], len(names_of(those)))
        coef = np.column_stack([head.weights for head in heads])
        intercept = sums.intercept(coef)
        if samples is not None and len(samples) * n_products**2 <= _MOST_OPERATIONS:
            errors = left_out_errors(those._map, samples, coef, intercept, posterior)
            heads = [
                replace(head, error=error)
                for head, error in zip(heads, errors.tolist(), strict=True)
            ]
        return EvidenceFit(those, heads, coef, intercept, OfProducts(posterior))

    return best_of(fit, degrees, lower, sums.variance)


def evidence_attributes(fit, rows, dtype, target_shape):
    """The fitted attributes of a fit to samples, or to moments of them."""
    ratios, noise, freedom, squares, evidence = (
        np.stack([getattr(head, name) for head in fit.heads])
        for name in ("ratios", "noise", "freedom", "squares", "log_evidence")
    )
    variances = ratios * noise[:, None]
    explained = squares * variances
    total = explained.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):  # without prior variance, infinite penalties
        alpha = rows.unit / ratios
    of_targets = {
        "alpha_": alpha,
        "prior_variances_": variances,
        "noise_variance_": noise * rows.n_rows / np.sum(rows.weight),
        "degrees_of_freedom_": freedom,
        "variance_shares_": np.where(total > 0, _over(explained, total), np.nan),
        "log_evidence_": evidence,
    }
    found = {
        name: values if target_shape else values[0]
        for name, values in of_targets.items()
    }
    found |= {
        "features_": fit.features,
        "degree_": fit.features.degree,
        "groups_": np.array(names_of(fit.features)),
        "_posterior_": fit.posterior,
    }
    if fit.coef is not None:
        return found | head_attributes(fit.coef, fit.intercept, dtype, target_shape)
    dual = rows.unit * fit.posterior.dual
    heads = head_attributes(dual, fit.intercept, dtype, target_shape)
    found |= {"dual_coef_": heads.pop("coef_").T, "X_fit_": fit.posterior.z}
    return found | heads


def _over(values, by):
    """Values over others, and 0 where these are."""
    values, by = np.broadcast_arrays(values, by)
    return np.divide(values, by, out=np.zeros(values.shape), where=by > 0)
