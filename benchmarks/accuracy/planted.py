"""Tasks whose target is known: a generator of ``sklearn_depth.datasets`` and a size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

N_TEST = 4000


@dataclass(frozen=True)
class Planted:
    """``make(n_samples, random_state)`` gives X and the noise-free target.

    ``noise`` is its standard deviation over that of the target, ``pick`` the model that
    the guide names for such targets. ``n_parameters`` of the target are what no learner
    is told: r directions among d columns are r (d - r), a polynomial link has its
    coefficients; 0 where they are not counted.
    """

    suite: str
    pick: str
    title: str
    d: int
    n: int
    noise: float
    make: Callable
    n_parameters: int = 0
    seeds = 3

    @property
    def name(self):
        return f"{self.title}, d={self.d}, n={self.n}, noise {self.noise:g}"

    @property
    def limit(self):
        """What least squares errs by that is told all but the parameters."""
        return self.noise**2 * self.n_parameters / self.n or np.nan

    def draw(self, seed):
        """Training X and y, and fresh X with their targets without noise."""
        rng = np.random.default_rng([self.d, self.n, seed])
        X, target = self.make(self.n + N_TEST, rng)
        noise = self.noise * target.std() * rng.standard_normal(self.n)
        n = self.n
        return X[:n], target[:n] + noise, X[n:], target[n:]


def planter(suite, pick, generator, rank=0):
    """Tasks of one generator: its arguments follow title, d, n and noise.

    ``rank`` is that of a target which says no ``n_directions``, 0 if it has none, and
    ``n_coefficients`` those of a polynomial link.
    """

    def task(title, d, n, noise, n_coefficients=0, **arguments):
        def make(n_samples, rng):
            X, y, _ = generator(
                n_samples, d, return_truth=True, random_state=rng, **arguments
            )
            return X, y

        r = arguments.get("n_directions", rank)
        n_parameters = r * (d - r) + n_coefficients
        return Planted(suite, pick, title, d, n, noise, make, n_parameters)

    return task
