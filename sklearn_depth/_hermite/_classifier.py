"""Logistic regression on Hermite polynomials."""

import numpy as np

from sklearn_depth._base import MarginClassifier, logistic_attributes
from sklearn_depth._hermite._degrees import has_few_samples
from sklearn_depth._hermite._evidence import fit_samples
from sklearn_depth._hermite._groups import (
    MOST_LISTED,
    exponents_of,
    labels_of,
    names_of,
)
from sklearn_depth._hermite._net import HermiteNet
from sklearn_depth._math._levels import distinct_values
from sklearn_depth._math._multi_indices import count_terms
from sklearn_depth._solvers.logistic._head import solve_logistic
from sklearn_depth.utils._constraints import POSITIVE
from sklearn_depth.utils._sklearn import StrOptions
from sklearn_depth.utils._validation import columns_of

# Prior variances that are such a share of the largest are none.
_FAINT = 1e-4
# Numbers in the products of all samples, held where products outnumber samples.
_MOST_NUMBERS = 2e8


class HermitePolynomialClassifier(MarginClassifier, HermiteNet):
    r"""Logistic regression on a polynomial in an orthonormal Hermite basis.

    .. math:: P(y = k \mid x) = \frac{e^{f_k(x)}}{\sum_l e^{f_l(x)}}, \qquad
              f_k(x) = c_{k0} + \sum_{1 \le \|a\| \le D} c_{ka} h_a(z(x))

    Two classes have one output f, the logit of the second. The coefficients minimise
    :math:`-\sum_i s_i \log P(y_i \mid x_i) + \sum_{k,a} \alpha_g c_{ka}^2` with sample
    weights s and a penalty :math:`\alpha_g` for each group g of products of one degree
    that join as many features. How the penalties compare is what the evidence says of a
    regression on class shares, that of :class:`HermitePolynomialRegressor`; their
    common factor is that of the least log loss of samples left out.

    Parameters
    ----------
    degree : int or "auto", default="auto"
        Largest degree D. "auto" compares degree 3 with 5, or the highest below that is
        affordable, as :class:`HermitePolynomialRegressor` does, on class shares; but no
        more than 100 000 products, or 2e8 numbers in the products of all samples. With
        another ``alpha`` than "evidence" it is 3, or the highest below within this.
    truncation : {"total", "hyperbolic"}, default="total"
        Which multi-indices are kept; see
        :class:`~sklearn_depth.features.HermiteFeatures`.
    max_interaction : int or None, default=None
        Most features that one product may join; None sets no limit.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        What z is: standardised features, those on the sphere of radius
        sqrt(n_features), or x itself.
    alpha : "evidence", "loo" or float, default="evidence"
        How coefficients are penalised: "evidence" as above; a number, or the best of a
        grid for "loo", is one penalty for all products. With two classes, samples are
        left out one by one, approximately; with several, in three folds, or in the
        first of them alone where it has 500 samples.
    class_weight : "balanced", dict or None, default=None
        Positive factors on the sample weights, ``{label: factor}``; "balanced" gives
        every class the same total weight.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    features_ : HermiteFeatures
        The fitted basis; its ``powers_`` are the multi-indices of ``coef_``.
    degree_ : int
        The degree D.
    coef_ : ndarray of shape (1, n_products) or (n_classes, n_products)
        Coefficients.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Constant terms.
    alpha_ : float or ndarray of shape (n_groups,)
        The penalty used; with ``alpha="evidence"`` that of each group, infinite where
        it is left out.
    groups_ : ndarray of shape (n_groups, 2)
        Degree of each group and the number of features its products join.
    variance_shares_ : ndarray of shape (n_groups,)
        Sums of squared coefficients, as shares of that of all: what each group adds to
        the variance of the margins under independent standard normal z. NaN where these
        are constant.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    HermitePolynomialRegressor : The same polynomials for numbers; the theory.
    sklearn_depth.inspection.VarianceSharesDisplay : Draws ``variance_shares_``.
    TwoLayerGDClassifier : For labels that few directions explain.

    Notes
    -----
    The fit lists its products: it takes fewer features than the regressor, which has
    fits that do without.

    Examples
    --------
    A disc in two of six features:

    >>> import numpy as np
    >>> from sklearn_depth import HermitePolynomialClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((1400, 6))
    >>> y = np.where(np.hypot(X[:, 0], X[:, 1]) < 1.2, "in", "out")
    >>> model = HermitePolynomialClassifier().fit(X[:400], y[:400])
    >>> round(model.score(X[400:], y[400:]), 2)
    0.96
    >>> for group, share in zip(model.groups_[:3].tolist(), model.variance_shares_):
    ...     print(group, round(float(share), 1))
    [1, 1] 0.0
    [2, 1] 0.6
    [2, 2] 0.0
    """

    _parameter_constraints: dict = {
        **HermiteNet._parameter_constraints,
        "alpha": [StrOptions({"evidence", "loo"}), POSITIVE],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
        degree="auto",
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
        alpha="evidence",
        class_weight=None,
    ):
        self.degree = degree
        self.truncation = truncation
        self.max_interaction = max_interaction
        self.scaling = scaling
        self.alpha = alpha
        self.class_weight = class_weight

    def _found(self, samples, seen):
        # In an order of their own: where evidence is flat, rounding tells the choice.
        samples = samples[np.lexsort(samples.X.T)]
        degrees = self._degrees(samples.n_features, len(samples))
        features = self._basis(degrees[-1])
        features._check_memory(features._count(samples.n_features), len(samples))
        features._fit_samples(samples, columns_of(seen))
        if self.alpha == "evidence":
            features, ratios = _by_evidence(features, samples, degrees)
        else:
            ratios = np.ones(len(names_of(features)))
        return self._head(features, ratios, samples)

    def _degrees(self, n_features, n_samples):
        degrees = super()._degrees(n_features, n_samples)
        _, *truncation = self._basis(degrees[-1])._truncation()
        most = min(MOST_LISTED, _MOST_NUMBERS / n_samples)
        while self.degree == "auto" and degrees[-1] > 1:
            if count_terms(n_features, degrees[-1], *truncation) <= most:
                break
            degrees = degrees[:-1] or (degrees[-1] - 1,)
        return degrees

    def _head(self, features, ratios, samples):
        """The fitted attributes, from a prior variance for each group."""
        labels = labels_of(features, exponents_of(features, _values(features, samples)))
        every_group = np.arange(len(ratios))[:, None] == labels
        scale = np.sqrt(ratios) @ every_group
        by_number = not isinstance(self.alpha, str)
        head = solve_logistic(
            features._map,
            samples,
            self.alpha if by_number else "loo",
            n_columns=len(labels),
            scale=None if by_number else scale,
        )
        found = logistic_attributes(head, samples.X.dtype)
        if self.alpha == "evidence":
            without = np.full(len(ratios), np.inf)  # a prior variance
            found["alpha_"] = np.divide(
                head.alpha, ratios, out=without, where=ratios > 0
            )
        squares = every_group @ np.sum(head.coef**2, axis=1)
        total = squares.sum()
        return found | {
            "features_": features,
            "degree_": features.degree,
            "groups_": np.array(names_of(features)),
            "variance_shares_": squares / (total if total > 0 else np.nan),
        }


def _values(features, samples):
    """Distinct values of the scaled features, as many as tell powers apart."""
    z = features._scale(samples.X).astype(np.float64, copy=False)
    return distinct_values(z, features.degree + 1)


def _by_evidence(features, samples, degrees):
    """The map of the best degree, and prior variances by a regression on shares.

    These are rounded to powers of ten: the evidence is too flat to tell more.
    """
    n_products = features.n_output_features_
    dual = has_few_samples(len(samples), n_products, by_evidence=True)
    best = fit_samples(features, samples, degrees, dual)
    ratios = np.mean([head.ratios for head in best.heads], axis=0)
    ratios[ratios < _FAINT * ratios.max()] = 0
    with np.errstate(divide="ignore"):  # a ratio of 0 stays 0
        return best.features, 10 ** np.round(np.log10(ratios))
