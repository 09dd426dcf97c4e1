"""The posterior of polynomials: from coefficients, or from the samples of the fit."""

import numpy as np

from sklearn_depth._hermite._groups import labels_of
from sklearn_depth.utils._memory import row_blocks


class OfProducts:
    """From the factors of the covariance of all coefficients."""

    def __init__(self, posterior):
        self._posterior = posterior

    def deviation(self, features, X):
        """Standard deviations of the polynomial, (n_samples, n_targets)."""
        blocks = row_blocks(len(X), features.n_output_features_)
        return np.concatenate(
            [self._posterior.deviation(features._map(X[rows])) for rows in blocks]
        )

    def variance(self, features, target, directions):
        """Of the products of some directions, in columns, with the coefficients."""
        factors, noise = self._posterior.factors[target], self._posterior.noise[target]
        return noise**2 * np.sum((factors.T @ directions) ** 2, axis=0)


class OfRows:
    """From the kernels of groups of products with the samples of the fit.

    ratios : (n_targets, n_groups). dual : (n_rows, n_targets), dual weights.
    """

    def __init__(self, kernels, z, ratios, dual, laws):
        self.kernels, self.z = kernels, z
        self.ratios, self.dual, self._laws = ratios, dual, laws

    def mean(self, features, X):
        """The polynomial less its intercept, (n_samples, n_targets)."""
        return np.concatenate(
            [
                np.einsum("tij,jt->it", cross, self.dual)
                for cross, _ in self._blocks(features, X)
            ]
        )

    def deviation(self, features, X):
        """Standard deviations of the polynomial, (n_samples, n_targets)."""
        return np.concatenate(
            [
                np.column_stack(
                    [
                        law.deviation(*of_target)
                        for law, *of_target in zip(
                            self._laws,
                            self.kernels.diagonal(rows, self.ratios),
                            cross,
                            strict=True,
                        )
                    ]
                )
                for cross, rows in self._blocks(features, X)
            ]
        )

    def variance(self, features, target, directions):
        """Of the products of some directions, in columns, with the coefficients."""
        labels = labels_of(features, self.kernels.exponents)
        ratios = np.where(labels >= 0, self.ratios[target][labels], 0.0)
        scaled = ratios[:, None] * directions
        law = self._laws[target]
        products = np.concatenate(
            [
                features._products().values(self.z[rows]).T @ scaled
                for rows in row_blocks(len(self.z), len(labels))
            ]
        )
        products -= law.share @ products  # of which rounding would remain
        explained = np.einsum("ij,ik,kj->j", products, law.shrinkage, products)
        left = np.sum(scaled * directions, axis=0) - explained
        return law.noise * np.maximum(left, 0)

    def _blocks(self, features, X):
        """Kernels of new samples with those of the fit, and what they came from."""
        fitted = self.kernels.rows(self.z)
        for rows in row_blocks(len(X), len(self.z) * len(self.ratios)):
            z = features._scale(X[rows]).astype(np.float64, copy=False)
            new = self.kernels.rows(z)
            yield self.kernels.combined(new, fitted, self.ratios), new
