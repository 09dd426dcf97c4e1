"""What every generator shares: the planted target as an object, and its parameters."""

from dataclasses import replace

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._spheres import random_directions
from sklearn_depth.utils._constraints import NON_NEGATIVE, POSITIVE, POSITIVE_INTEGER
from sklearn_depth.utils._memory import check_numbers
from sklearn_depth.utils._random import RANDOM_STATE, check_generator
from sklearn_depth.utils._sklearn import StrOptions, validate_params

_N_VARIANCE_DRAWS = 2**16

# Constraints of the parameters that every generator takes.
COMMON_CONSTRAINTS = {
    "n_samples": [POSITIVE_INTEGER],
    "n_features": [POSITIVE_INTEGER],
    "noise": [NON_NEGATIVE],
    "return_truth": ["boolean"],
    "random_state": RANDOM_STATE,
}
SNR = [POSITIVE, None]
ISOTROPIC_INPUTS = [StrOptions({"sphere", "gaussian"})]


def validated_generator(**constraints):
    """A decorator that checks these parameters of a generator, and the common ones."""
    return validate_params(COMMON_CONSTRAINTS | constraints)


class Truth:
    """What was planted in data: the target, the law of the inputs and the noise.

    A subclass has ``n_features`` and gives ``_draw_inputs(n_samples, rng)``,
    ``_target(X)``, ``_draw_labels(X, rng)`` and ``bayes_r2``.
    """

    def __call__(self, X):
        """Evaluate the noise-free target.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            The target without noise.
        """
        return self._target(self._check_inputs(X))

    def _check_inputs(self, X):
        X = check_array(X, dtype=np.float64)
        if X.shape[1] != self.n_features:
            raise ValueError(
                f"X has {X.shape[1]} features, but this target was planted in "
                f"{self.n_features}. Pass X with {self.n_features} features."
            )
        return X

    @validate_params({"n_samples": [POSITIVE_INTEGER], "random_state": RANDOM_STATE})
    def sample(self, n_samples=100, random_state=None):
        """Draw fresh data of the same law, with the same planted target.

        Parameters
        ----------
        n_samples : int, default=100
            Number of samples.
        random_state : int, RandomState, Generator or None, default=None
            Seed of the draw.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            Inputs.
        y : ndarray of shape (n_samples,)
            Labels, noise included.
        """
        check_size(n_samples, self.n_features)
        rng = check_generator(random_state)
        X = self._draw_inputs(n_samples, rng)
        return X, self._draw_labels(X, rng)


class NoisyTruth(Truth):
    """A target f under Gaussian noise: ``y = f(x) + noise * N(0, 1)``.

    A subclass also gives ``_draw_targets(n_samples, rng)``, the values of f at fresh
    inputs, which index and radial data have without drawing all features; or
    ``_target_variance()``, where Var f has a closed form.
    """

    @property
    def bayes_r2(self):
        """The best R² any predictor can have, ``Var f / (Var f + noise²)``.

        It is 1 without noise, also where f is constant. Where Var f has no closed form
        it is the variance of 65 536 draws of a fixed seed, good to about 1 % unless
        f is heavy-tailed.
        """
        if self.noise == 0:
            return 1.0
        variance = self._target_variance()
        return float(variance / (variance + self.noise**2))

    def _target_variance(self):
        values = self._draw_targets(_N_VARIANCE_DRAWS, check_generator(0))
        return np.var(values - values[0])  # 0, not rounding, where f is constant

    def _with_snr(self, snr):
        """This truth, under the noise that makes ``Var f / noise²`` equal ``snr``."""
        if snr is None:
            return self
        if self.noise != 0:
            raise ValueError(
                f"noise={self.noise:g} and snr={snr:g} both set the noise. Pass one "
                "of them."
            )
        variance = self._target_variance()
        if not 0 < variance < np.inf:
            raise ValueError(
                f"snr={snr:g} needs a target with a positive, finite variance, but "
                f"this one has {variance:g}. Pass noise instead, or another link."
            )
        return replace(self, noise=float(np.sqrt(variance / snr)))

    def _draw_labels(self, X, rng):
        return self._target(X) + self.noise * rng.standard_normal(len(X))


class FeatureMixin:
    """A target that is a function of one feature of X, ``_feature(X)``."""

    def feature(self, X):
        """Evaluate the feature.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        q : ndarray of shape (n_samples,)
            What the link is applied to, of mean 0 and variance 1: the values
            x'Ax - offset, or those of the polynomial.
        """
        return self._feature(self._check_inputs(X))


def check_size(n_samples, n_features, beside=0):
    """Refuse data, with so many numbers beside them, that do not fit into memory."""
    check_numbers(
        int(n_samples) * int(n_features) + beside,
        what=f"n_samples={n_samples:,} of n_features={n_features:,}"
        + (" with what is planted in them" if beside else ""),
        way_out="Lower them.",
    )


def draw_isotropic(inputs, n_samples, n_features, rng):
    """Samples of N(0, I), "gaussian", or on the "sphere" of radius sqrt(n_features)."""
    if inputs == "gaussian":
        return rng.standard_normal((n_samples, n_features))
    return np.sqrt(n_features) * random_directions(n_samples, n_features, rng)


def draw_data(truth, n_samples, random_state, return_truth):
    """Return ``X, y`` or ``X, y, truth``, as every generator does."""
    X, y = truth.sample(n_samples, random_state)
    return (X, y, truth) if return_truth else (X, y)


def evaluate(function, arguments, name):
    """Apply a user's vectorised function: a finite value for each sample."""
    with np.errstate(all="ignore"):  # what is not finite is refused below
        values = np.asarray(function(arguments), dtype=np.float64)
    if values.shape != arguments.shape[:1]:
        raise ValueError(
            f"{name} returned shape {values.shape} for an argument of shape "
            f"{arguments.shape}; it must return one value a sample, shape "
            f"{arguments.shape[:1]}. Write it with NumPy operations on whole arrays."
        )
    bad = ~np.isfinite(values)
    if bad.any():
        at = np.array2string(arguments[bad][0], precision=6)
        raise ValueError(
            f"{name} returned {values[bad][0]} at {at}; it must be finite wherever the "
            "law of the inputs puts mass. Clip it, or change the law."
        )
    return values
