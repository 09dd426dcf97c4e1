"""Tasks whose target is known: a generator of ``sklearn_depth.datasets`` and a size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

N_TEST = 4000


@dataclass(frozen=True)
class Planted:
    """``make(n_samples, random_state)`` gives X and the noise-free target.

    ``noise`` is its standard deviation over that of the target, ``pick`` the model that
    the guide names for such targets.
    """

    suite: str
    pick: str
    title: str
    d: int
    n: int
    noise: float
    make: Callable
    seeds = 1

    @property
    def name(self):
        return f"{self.title}, d={self.d}, n={self.n}, noise {self.noise:g}"

    def draw(self, seed):
        """Training X and y, and fresh X with their targets without noise."""
        rng = np.random.default_rng([self.d, self.n, seed])
        X, target = self.make(self.n + N_TEST, rng)
        noise = self.noise * target.std() * rng.standard_normal(self.n)
        n = self.n
        return X[:n], target[:n] + noise, X[n:], target[n:]


def planter(suite, pick, generator):
    """Tasks of one generator: its arguments follow title, d, n and noise."""

    def task(title, d, n, noise, **arguments):
        def make(n_samples, rng):
            X, y, _ = generator(
                n_samples, d, return_truth=True, random_state=rng, **arguments
            )
            return X, y

        return Planted(suite, pick, title, d, n, noise, make)

    return task
