"""Functions of the norm as means over directions of one function of a coordinate.

With w uniform on the unit sphere of R^d and hinges h_k(z) = (|z| - t_k)_+,

    phi(|x|) ~ c_0 + sum_k c_k mean_i h_k(<w_i, x>).

Blocks of orthonormal directions add (1 / n_blocks) c' S c to the mean squared error of
infinitely many, S the covariance of one block's means. Weights are (c_0, c_1, ...).
"""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaln

from sklearn_depth._math._radial_laws import RadialLaw
from sklearn_depth._math._sphere_hinges import last_angle, mean_hinges
from sklearn_depth._math._tolerances import EPS, TINY

Array = NDArray[np.float64]

_N_QUANTILES = 4096
_N_LAW_DRAWS = 2**16
# The covariances vary slowly with the radius; their integrand has kinks in the angle.
_N_COVARIANCE_RADII = 128
_N_ANGLES = 512
_COVERED = 0.999
_INNER_COVERAGE = 0.99
_HUGE = 1e150  # its square is still a number


def law_quantiles(law: RadialLaw) -> Array:
    """4096 radii of equal mass: midpoint quantiles of 65 536 draws of a fixed seed."""
    draws = law.sample(_N_LAW_DRAWS, np.random.default_rng(0))
    middles = (np.arange(_N_QUANTILES) + 0.5) / _N_QUANTILES
    return np.quantile(draws, middles)


def inner_radius(radii: Array) -> float:
    """The radius that holds 99 % of the mass."""
    radius = float(np.quantile(radii, _INNER_COVERAGE))
    if not 0 < radius < np.inf:
        raise ValueError(
            f"99 % of the norms are at most {radius}, so no knots can be placed. Use a "
            "law with more mass away from 0, or truncate it."
        )
    return radius


def ridge_reach(n_features: int, degree: int) -> float:
    """The |w_1| below which 99.9 % of E w_1^(2 degree) lies."""
    if n_features == 1:
        return 1.0
    return float(np.sqrt(betaincinv(degree + 0.5, (n_features - 1) / 2, _COVERED)))


def log_sphere_moments(degree: int, n_features: int) -> Array:
    """The logarithms of E w_1^(2k), k = 0, ..., degree."""
    k, half = np.arange(degree + 1), n_features / 2
    return gammaln(half) + gammaln(k + 0.5) - gammaln(half + k) - np.log(np.pi) / 2


def block_covariance(
    radii: Array, knots: Array, n_features: int, block_size: int
) -> Array:
    """S of ``block_size`` orthonormal directions, the mean over equally likely radii.

    Given w_1 = sin(angle), another direction's coordinate is cos(angle) times one on
    the sphere of a dimension less, which gives the covariance of a pair.
    """
    total = np.zeros((len(knots), len(knots)))
    if n_features == 1:
        return total
    angles = (np.arange(_N_ANGLES) + 0.5) * (last_angle(n_features) / _N_ANGLES)
    density = np.cos(angles) ** (n_features - 2)
    density /= density.sum()
    for radius in radii:
        unit = np.maximum(radius * np.sin(angles)[:, None] - knots, 0)
        partner = mean_hinges(radius * np.cos(angles), knots, n_features - 1)
        unit -= density @ unit
        partner -= density @ partner
        total += unit.T @ (density[:, None] * (unit + (block_size - 1) * partner))
    return (total + total.T) / (2 * len(radii) * block_size)


def matrix_root(covariance: Array) -> Array:
    """L with L'L = S, by the eigenvectors of the correlations."""
    deviations = np.sqrt(np.maximum(np.diagonal(covariance), 0))
    inverse = np.divide(
        1, deviations, where=deviations > 0, out=np.zeros_like(deviations)
    )
    eigenvalues, vectors = np.linalg.eigh(covariance * inverse * inverse[:, None])
    floor = EPS * eigenvalues[-1]
    roots: Array = np.sqrt(np.maximum(eigenvalues, floor))[:, None] * vectors.T
    return roots * deviations


@dataclass(frozen=True)
class RadialConstruction:
    """Hinges averaged over blocks of directions, and weights that fit them to a target.

    ``means`` (n_radii, n_knots) is the limit of infinitely many directions at equally
    likely radii, ``target`` (n_radii,) is what to fit there, and ``root``
    (n_knots, n_knots) the square root of the S of one block. ``fixed_weights`` stand
    whatever the number of blocks; None fits them to it.
    """

    knots: Array
    top: float
    means: Array
    root: Array
    target: Array
    fixed_weights: Array | None

    def weights(self, n_blocks: float) -> Array:
        """Fixed, or those of least expected squared error with so many blocks."""
        if self.fixed_weights is not None:
            return self.fixed_weights
        n_radii, n_knots = self.means.shape
        above = np.column_stack([np.ones(n_radii), self.means]) / np.sqrt(n_radii)
        below = np.column_stack([np.zeros(n_knots), self.root]) / np.sqrt(n_blocks)
        values = np.append(self.target / np.sqrt(n_radii), np.zeros(n_knots))
        return _least_squares(np.vstack([above, below]), values)

    def expected_error(self, n_blocks: float = np.inf) -> float:
        """Root of the expected mean squared error."""
        intercept, *_ = weights = self.weights(n_blocks)
        bias = self.target - intercept - self.means @ weights[1:]
        noise = np.linalg.norm(self.root @ weights[1:]) / np.sqrt(n_blocks)
        return float(np.hypot(np.sqrt(np.mean(bias**2)), noise))

    def amplification(self, n_blocks: float) -> float:
        """The largest value that one direction adds to the mean, over the target's."""
        weights, nodes = self.weights(n_blocks), np.append(self.knots, self.top)
        values = weights[0] + np.maximum(nodes[:, None] - self.knots, 0) @ weights[1:]
        return float(np.abs(values).max() / _largest(self.target))


def construct_radial(
    target: Array,
    radii: Array,
    n_features: int,
    *,
    n_knots: int,
    block_size: int,
    degree: int | None,
) -> RadialConstruction:
    """Hinges at uniform knots, with fixed weights if a degree says of which polynomial.

    The knots reach as far as the coordinates matter that the averaged function weights.
    """
    radius = inner_radius(radii)
    top = radius * ridge_reach(n_features, degree or 0)
    nodes = np.linspace(0, top, n_knots + 1)
    knots = nodes[:-1]
    weights = None
    if degree is not None:
        powers = fit_even_polynomial(target, radii, radius, degree)
        terms = ridge_terms(powers, nodes / radius, n_features)
        _check_cancellation(terms, _largest(target), n_features)
        weights = interpolant(nodes, terms.sum(axis=1))
    coarse = radii.reshape(_N_COVARIANCE_RADII, -1).mean(axis=1)
    root = matrix_root(block_covariance(coarse, knots, n_features, block_size))
    means = mean_hinges(radii, knots, n_features)
    return RadialConstruction(knots, top, means, root, target, weights)


def _largest(target: Array) -> float:
    """The largest absolute value, positive even where the target is 0."""
    return float(max(np.abs(target).max(), TINY))


def _check_cancellation(terms: Array, largest: float, n_features: int) -> None:
    """Refuse terms of which the sum has no digit left."""
    lost = np.abs(terms[1:]).sum(axis=1).max() / largest
    if not lost < 1 / EPS:
        raise ValueError(
            f"degree={terms.shape[1] - 1} in {n_features} dimensions makes terms of "
            f"{lost:.1e} times the profile's largest value, so all digits are lost to "
            "rounding. Take a lower degree, 6 or less as a rule, or "
            "construction='hinge'."
        )


def fit_even_polynomial(
    target: Array, radii: Array, radius: float, degree: int
) -> Array:
    """The a of sum_k a_k (r / radius)^(2k), by least squares at the radii.

    On Chebyshev polynomials of even degree in r / radius, which are those of the square
    on [0, 1], then converted. Infinite where the largest radii overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        basis = _even_chebyshev(radii / radius, degree)
    if not np.abs(basis).max() < _HUGE:
        return np.full(degree + 1, np.inf)
    series = np.zeros(2 * degree + 1)
    series[::2] = _least_squares(basis, target)
    return np.asarray(chebyshev.cheb2poly(series)[::2], dtype=np.float64)


def _even_chebyshev(r: Array, degree: int) -> Array:
    """T_0, T_2, ..., T_(2 degree) there."""
    return np.asarray(chebyshev.chebvander(r, 2 * degree)[:, ::2], dtype=np.float64)


def _least_squares(design: Array, values: Array) -> Array:
    """The shortest solution in columns of unit length."""
    lengths = np.linalg.norm(design, axis=0)
    solution: Array = np.linalg.lstsq(design / lengths, values, rcond=None)[0]
    return solution / lengths


def ridge_terms(powers: Array, heights: Array, n_features: int) -> Array:
    """a_k / E w_1^(2k) heights^(2k), whose means over directions are a_k r^(2k).

    Of shape (n_heights, degree + 1).
    """
    k = np.arange(len(powers))
    log_moments = log_sphere_moments(len(powers) - 1, n_features)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_heights = np.where(k > 0, np.log(heights)[:, None] * (2 * k), 0.0)
        terms: Array = powers * np.exp(log_heights - log_moments)
    return terms


def interpolant(heights: Array, values: Array) -> Array:
    """Weights of the hinges at ``heights[:-1]``, which start at 0, through the values.

    Linear beyond the last height.
    """
    slopes = np.diff(values) / np.diff(heights)
    return np.concatenate([values[:1], slopes[:1], np.diff(slopes)])
