"""Ridge regression on Hermite polynomials."""

from functools import partial

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from sklearn_depth._base import TargetsRegressor
from sklearn_depth._hermite._degrees import degrees_within, has_few_samples
from sklearn_depth._hermite._evidence import (
    evidence_attributes,
    fit_by_sums,
    fit_samples,
)
from sklearn_depth._hermite._flat import (
    GRAMS,
    fit_flat,
    flat_attributes,
    flat_mean,
)
from sklearn_depth._hermite._net import HermiteNet
from sklearn_depth._hermite._sums import (
    ProductSums,
    check_basis,
    check_scaling,
    measure_blocks,
)
from sklearn_depth._math._tolerances import CONSTANT
from sklearn_depth._solvers.ridge._penalties import is_word
from sklearn_depth.utils._constraints import NON_NEGATIVE
from sklearn_depth.utils._dask import DaskRows
from sklearn_depth.utils._sklearn import StrOptions, store_fit
from sklearn_depth.utils._streams import MergeMixin, sum_blocks
from sklearn_depth.utils._validation import (
    check_output,
    columns_of,
    validate_new_data,
    validate_samples,
)


class HermitePolynomialRegressor(MergeMixin, TargetsRegressor, HermiteNet):
    r"""Polynomial regression in an orthonormal Hermite basis.

    .. math:: f(x) = c_0 + \sum_{1 \le \|a\| \le D} c_a h_a(z(x)), \qquad
              c_a \sim N(0, v_g), \quad y_i \sim N(f(x_i), \sigma^2 / s_i)

    Products belong to groups g by their degree and the number of features that they
    join, and each group has a prior variance v_g. These and the noise
    :math:`\sigma^2` maximise the evidence, the density of the targets given the
    samples; s are sample weights. The coefficients are the posterior mean, which
    minimises :math:`\sum_i s_i (f(x_i) - y_i)^2 + \sum_a \alpha_g c_a^2` with
    penalties :math:`\alpha_g = \sigma^2 / v_g`.

    Parameters
    ----------
    degree : int or "auto", default="auto"
        Largest degree D. "auto" compares degree 3 with 5, or the highest below that is
        affordable, by their estimated errors. Beyond degree 3 there may be 100 000
        products, or 3500 with more than 2000 samples. A cubic of more than 6000
        products on more than 6000 samples gives way to degree 2 or 1. Hyperbolic
        products are not compared: the higher degree is taken. Where neither has less
        error than the mean of the targets, as on samples far out, lower degrees compete
        too. With another ``alpha`` than "evidence" it is 3.
    truncation : {"total", "hyperbolic"}, default="total"
        Which multi-indices are kept; see
        :class:`~sklearn_depth.features.HermiteFeatures`.
    max_interaction : int or None, default=None
        Most features that one product may join; None sets no limit.
    scaling : {"standardize", "sphere"} or None, default="standardize"
        What z is: standardised features, those on the sphere of radius
        sqrt(n_features), or x itself.
    alpha : "evidence", "auto", "loo", "gcv" or float, default="evidence"
        How coefficients are penalised. "evidence" has a penalty for each group, as
        above. The others have one for all products: a number, or the best of a grid,
        for each target on its own: "loo" by exact leave-one-out, "gcv" by generalised
        cross-validation, which needs only sums over samples, and "auto" by "loo" with
        up to ten samples a product and by "gcv" beyond, or where samples come in
        batches.
    solver : {"auto", "primal", "dual"}, default="auto"
        Whether to solve for coefficients or for dual weights of the samples: two ways
        to the same fit of a degree. "auto" takes the smaller system.

    Attributes
    ----------
    features_ : HermiteFeatures
        The fitted basis; its ``powers_`` are the multi-indices of ``coef_``.
    degree_ : int
        The degree D.
    coef_ : ndarray of shape (n_products,) or (n_targets, n_products)
        Coefficients. Where the dual meets more than 100 000 products of total degree
        they are not listed, and neither ``coef_`` nor ``features_.powers_`` exist.
    dual_coef_ : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Dual weights of the training samples, only where products are not listed.
    X_fit_ : ndarray of shape (n_samples, n_features)
        The training samples, scaled, only where products are not listed.
    intercept_ : float or ndarray of shape (n_targets,)
        Constant term c_0.
    alpha_ : float or ndarray of shape (n_targets,), or with a last axis of n_groups
        The penalty used; with ``alpha="evidence"`` that of each group, infinite where
        its prior variance is 0.
    groups_ : ndarray of shape (n_groups, 2)
        Degree of each group and the number of features its products join. This and
        what follows exist with ``alpha="evidence"`` alone, the shapes for one target;
        with several, there is a first axis for them.
    prior_variances_ : ndarray of shape (n_groups,)
        The v_g; 0 where a group would add less to the variance of a sample than a
        billionth of the noise.
    noise_variance_ : float
        The variance of the noise in a sample of mean weight.
    degrees_of_freedom_ : ndarray of shape (n_groups,)
        How many of its coefficients each group has determined by the samples.
    variance_shares_ : ndarray of shape (n_groups,)
        Sums of squared coefficients, as shares of that of all: what each group adds to
        the variance of f under independent standard normal z. NaN where f is constant.
    log_evidence_ : float
        The logarithm of the density of the targets less their mean, weighted targets
        of mean weight 1; infinite where the target is constant.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, where all are strings.

    See Also
    --------
    sklearn_depth.features.HermiteFeatures : The basis as a transformer.
    sklearn_depth.inspection.VarianceSharesDisplay : Draws ``variance_shares_``.
    sklearn_depth.TwoLayerGDRegressor : For targets that few directions explain.

    Notes
    -----
    Theorem 1.1 and Corollary 1.2 of [1]_: on the sphere, a random network of constant
    depth and large width is close to a polynomial of constant degree, so polynomial
    regression learns it in time polynomial in the size of the network. The exponent is
    a polynomial in 1/eps for an accuracy of eps, and for some activations like the
    sigmoid and the ReLU one in log(1/eps). With depth i and activations whose Hermite
    series is cut at degree n, that degree is n^(i-1). The theorem's inputs are
    ``scaling="sphere"``, and its algorithm is ``alpha=0``.

    The evidence [2]_ is maximised by Newton's method with the average of the observed
    and the expected curvature [3]_. A feature of L different values has exponents below
    L alone: higher powers repeat the lower ones. The posterior takes the prior
    variances and the noise as known, and costs a matrix with as many rows as the
    smaller system has, for each target.

    With more samples than products the fit keeps a block of products for each thread
    and a few Gram matrices. With fewer it keeps a kernel matrix of the samples for each
    group. Newton's identities give it from a handful of matrix products, however many
    products of features there are, so that a thousand features are as feasible as ten.
    Up to total degree 5 the Gram matrix itself is made from sums that are fewer than
    its entries, of products h_a h_b that name each multi-index a + b once. With
    ``scaling=None`` it is summed as it is, since far from the origin those sums would
    lose digits.

    ``partial_fit`` takes samples in batches, ``merge`` puts fits of parts together, and
    ``fit`` sums the blocks of a Dask array where they lie. All keep such sums alone,
    which ``solver="dual"`` has no use for. Each gives the fit of all samples at once,
    up to the scaling of features. A Dask array is scaled by the moments of all its
    samples, wild entries pulled in to ten robust deviations, which 20 000 samples
    measure; ``partial_fit`` scales by the first batch. What ``merge`` puts together
    must be scaled alike: scale the features beforehand and set ``scaling=None``. Where
    ``degree`` is "auto", estimated errors are by leave-one-out; they are by generalised
    cross-validation where samples come in batches, or where leave-one-out would take
    more than 5e10 operations.

    References
    ----------
    .. [1] Amit Daniely, Nathan Srebro and Gal Vardi (2023). Most Neural Networks Are
       Almost Learnable. arXiv:2305.16508.
    .. [2] David J. C. MacKay (1992). Bayesian Interpolation. Neural Computation 4,
       415-447.
    .. [3] Arthur R. Gilmour, Robin Thompson and Brian R. Cullis (1995). Average
       Information REML: An Efficient Algorithm for Variance Parameter Estimation in
       Linear Mixed Models. Biometrics 51, 1440-1450.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_depth import HermitePolynomialRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((400, 8))
    >>> y = X[:, 0] * X[:, 1] + X[:, 2] ** 2 + 0.1 * rng.standard_normal(400)
    >>> model = HermitePolynomialRegressor(degree=3).fit(X, y)
    >>> for group, share in zip(model.groups_.tolist(), model.variance_shares_):
    ...     print(group, round(float(share), 2))
    [1, 1] 0.0
    [2, 1] 0.7
    [2, 2] 0.3
    [3, 1] 0.0
    [3, 2] 0.0
    [3, 3] 0.0
    >>> y_pred, y_std = model.predict(X[:2], return_std=True)
    >>> y_std.round(2)
    array([0.1, 0.1])
    """

    _parameter_constraints: dict = {
        **HermiteNet._parameter_constraints,
        "alpha": [StrOptions({"auto", "evidence", "gcv", "loo"}), NON_NEGATIVE],
        "solver": [StrOptions({"auto", "primal", "dual"})],
    }

    def __init__(
        self,
        degree="auto",
        *,
        truncation="total",
        max_interaction=None,
        scaling="standardize",
        alpha="evidence",
        solver="auto",
    ):
        self.degree = degree
        self.truncation = truncation
        self.max_interaction = max_interaction
        self.scaling = scaling
        self.alpha = alpha
        self.solver = solver

    def _found(self, samples, seen):
        degrees = self._degrees(samples.n_features, len(samples))
        features = self._basis(degrees[-1])
        n_products = features._count(samples.n_features)
        by_evidence = is_word(self.alpha, "evidence")
        dual = self.solver == "dual" or (
            self.solver == "auto"
            and has_few_samples(len(samples), n_products, by_evidence)
        )
        if not by_evidence:
            return fit_flat(features, samples, columns_of(seen), self.alpha, dual)
        if dual:
            features._fit_scales(samples, columns_of(seen))
        else:
            self._fit_basis(features, samples, seen)
        best = fit_samples(features, samples, degrees, dual, self._lower(degrees))
        return evidence_attributes(best, samples, samples.X.dtype, samples.target_shape)

    def _check_batches(self):
        if self.solver == "dual":
            raise AttributeError(
                'partial_fit keeps only sums over samples, and solver="dual" needs the '
                'samples. Set solver="auto" or "primal".'
            )
        if is_word(self.alpha, "loo"):
            raise AttributeError(
                'partial_fit keeps only sums over samples, and alpha="loo" needs the '
                'samples. Set alpha="evidence" or "gcv".'
            )

    def _add(self, samples, seen, first):
        samples = samples.merged()
        if first:
            basis = self._basis(self._degrees(samples.n_features)[-1])
            self._fit_basis(basis, samples, seen)
            sums = ProductSums.empty(basis, samples.n_targets)
        else:
            basis, sums = self._basis_, self._sums_
            check_basis(self._parameters_of_sums(), basis, "the sums so far")
            basis._warn_of_outliers(samples.X)
        sums = sums.update(basis, samples)
        return self._solve_sums(
            sums, basis, seen, samples.X.dtype, samples.target_shape
        )

    def _merge(self, other, seen):
        ours, theirs = self._basis_, other._basis_
        parameters = self._parameters_of_sums()
        check_basis(parameters, ours, "the sums so far")
        check_basis(parameters, theirs, "the other regressor")
        check_scaling(ours, theirs)
        sums = self._sums_.merge(other._sums_)
        return self._solve_sums(
            sums, ours, seen, self.coef_.dtype, np.shape(self.intercept_)
        )

    def predict(self, X, return_std=False):
        """Predict with the polynomial.

        Parameters
        ----------
        X : array-like, Dask array or Dask data frame of shape (n_samples, n_features)
            Samples.
        return_std : bool, default=False
            Whether to return standard deviations too, as scikit-learn's
            :class:`~sklearn.linear_model.BayesianRidge` does. Needs
            ``alpha="evidence"``.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Predictions, in the float type of X; lazy if X is Dask's.
        y_std : ndarray of shape (n_samples,) or (n_samples, n_targets)
            Standard deviations of the target of a new sample of mean weight: those of
            the polynomial given the training samples, with those of the noise. Only
            with ``return_std``.

        Raises
        ------
        ValueError
            If ``return_std`` is set and the penalty was not chosen by the evidence.
        """
        check_is_fitted(self)
        unlisted = hasattr(self, "dual_coef_")
        y_pred = self._unlisted_head(X) if unlisted else super().predict(X)
        if not return_std:
            return y_pred
        if not hasattr(self, "_posterior_"):
            raise ValueError(
                f"return_std needs a posterior, which alpha={self.alpha!r} does not "
                'give. Set alpha="evidence".'
            )
        X = validate_new_data(self, X)
        deviation = self._posterior_.deviation(self.features_, X)
        noise = np.sqrt(deviation**2 + self.noise_variance_)
        noise = noise if np.ndim(self.intercept_) else noise[:, 0]
        return y_pred, noise.astype(y_pred.dtype, copy=False)

    def sobol_indices(self):
        r"""Compute how much of the variance each feature explains.

        .. math:: S_j = \frac{\sum_{\alpha: \alpha_k = 0 \,\forall k \ne j}
            c_\alpha^2}{\sum_\alpha c_\alpha^2}, \qquad
            T_j = \frac{\sum_{\alpha: \alpha_j > 0} c_\alpha^2}
            {\sum_\alpha c_\alpha^2}

        These are the indices of the fitted polynomial under independent standard normal
        z (Sudret 2008), so they are those of the target if features are Gaussian and
        independent and the fit is good.

        Returns
        -------
        indices : Bunch
            ``first_order``, the share of each feature alone, and ``total``, with all
            its interactions; of shape (n_features,) or (n_targets, n_features). NaN
            where the fit is constant. With ``alpha="evidence"`` also
            ``first_order_std`` and ``total_std``, standard errors by the posterior
            covariance of the coefficients and the slope of the indices in them, to
            first order.

        Raises
        ------
        AttributeError
            If there are too many products to list their coefficients.
        """
        check_is_fitted(self)
        if not hasattr(self, "coef_"):
            raise AttributeError(
                f"{self.features_.n_output_features_:,} products are too many to list "
                'their coefficients. Lower degree or set truncation="hyperbolic".'
            )
        involved = self.features_.powers_ > 0
        alone = involved & (involved.sum(axis=1, keepdims=True) == 1)
        coef = self.coef_.astype(np.float64)
        total = np.sum(coef**2, axis=-1, keepdims=True)
        level = CONSTANT * np.reshape(np.abs(self.intercept_), total.shape)
        nan = np.full_like(coef, np.nan)
        root = np.divide(coef, np.sqrt(total), out=nan, where=total > level**2)
        share = root**2
        indices = Bunch(first_order=share @ alone, total=share @ involved)
        if hasattr(self, "_posterior_"):
            for name, kept in (("first_order", alone), ("total", involved)):
                # d S_j / d c_a = 2 c_a ([a counts for j] - S_j) / sum of c^2
                slopes = kept.T - indices[name][..., None]
                slopes = 2 * slopes * (root / np.sqrt(total))[..., None, :]
                indices[f"{name}_std"] = self._standard_errors(slopes)
                indices[f"{name}_std"][np.isnan(indices[name])] = np.nan
        return indices

    def _standard_errors(self, slopes):
        """Of what has these slopes, (..., n_values, n_products), in coefficients."""
        shape = slopes.shape[:-1]
        slopes = slopes.reshape(-1, *slopes.shape[-2:])
        variances = [
            self._posterior_.variance(self.features_, target, of_target.T)
            for target, of_target in enumerate(slopes)
        ]
        return np.sqrt(variances).reshape(shape)

    def _unlisted_head(self, X):
        """Predictions where products are not listed."""
        X, features = validate_new_data(self, X), self.features_
        with np.errstate(over="ignore", invalid="ignore"):  # said by the check
            if hasattr(self, "_posterior_"):
                y_pred = self._posterior_.mean(features, X)
                y_pred = y_pred if np.ndim(self.intercept_) else y_pred[:, 0]
            else:
                y_pred = flat_mean(features, X, self.X_fit_, self.dual_coef_)
            y_pred = y_pred + self.intercept_
        return check_output(y_pred.astype(X.dtype, copy=False), X)

    def _lower(self, degrees):
        """What competes where no fit of these degrees explains anything."""
        flexible = self.degree == "auto" and self.truncation == "total"
        return tuple(range(1, degrees[0])) if flexible else ()

    def _parameters_of_sums(self):
        """What the sums so far must be of; "auto" is the degree that they have."""
        auto = self.degree == "auto"
        return self._basis(self._basis_.degree if auto else self.degree).get_params()

    def _fit_basis(self, basis, samples, seen):
        """Fit the map for a fit by sums, which has room for all that this takes."""
        n_products = basis._count(samples.n_features)
        n_matrices = GRAMS + samples.n_targets * (1 + (self.degree == "auto"))
        basis._check_memory(n_products, n_matrices * n_products)
        basis._fit_samples(samples, columns_of(seen))

    def _solve_sums(self, sums, basis, seen, dtype, target_shape):
        """Fit to sums alone, and remember them."""
        basis = basis._with_columns(columns_of(seen))
        kept = seen | {"_sums_": sums, "_basis_": basis}
        if is_word(self.alpha, "evidence"):
            degrees, norm = (basis.degree,), basis._truncation()[-1]
            if self.degree == "auto":
                degrees = degrees_within(basis.degree, norm)
            best = fit_by_sums(basis, sums, degrees, self._lower(degrees))
            found = evidence_attributes(best, sums.moments, dtype, target_shape)
            return store_fit(self, kept | found)
        head = sums.moments.solve(self.alpha, alpha_floor=float(np.finfo(dtype).eps))
        return store_fit(self, kept | flat_attributes(basis, head, dtype, target_shape))

    def _fit_dask(self, X, y, sample_weight):
        """Fit from sums over the blocks; a sample says only what is an outlier."""
        if self.solver == "dual" or is_word(self.alpha, "loo"):
            name = 'solver="dual"' if self.solver == "dual" else 'alpha="loo"'
            raise ValueError(
                f"{name} needs all samples in memory, and those of a Dask array are "
                'not. Set solver="auto" or "primal" and alpha="evidence" or "gcv".'
            )
        rows = DaskRows(X, y, sample_weight)
        samples, seen = validate_samples(self, *rows.sample())
        basis = self._basis(self._degrees(samples.n_features)[-1])
        self._fit_basis(basis, samples, seen)
        if self.scaling is not None:
            measure_blocks(self, rows, seen, basis, samples)
        empty = partial(ProductSums.empty, basis, samples.n_targets)
        sums, seen = sum_blocks(self, rows, seen, empty, partial(_update, basis))
        return self._solve_sums(
            sums, basis, seen, samples.X.dtype, samples.target_shape
        )


def _update(features, sums, samples):
    return sums.update(features, samples.merged())
