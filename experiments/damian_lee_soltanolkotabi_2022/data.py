"""The index models of the paper's figures and of the study of samples."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sklearn_depth.datasets import make_multi_index, make_single_index

# On orthonormal Hermite polynomials, with E f² = 1. Figure 1: He_2 / 2 + He_4 / (4 √3);
# Figure 2: He_2 / 2 + He_3 / √12, and then He_3 / √6.
HALF = np.sqrt(0.5)
LINKS = {
    "he2_he4": [0, 0, HALF, 0, HALF],
    "he2_he3": [0, 0, HALF, HALF],
    "he3": [0, 0, 0, 1],
}
SOURCE = "he2_he3"
N_DIRECTIONS = 3


def cubic(z):
    """A cubic in three directions whose mean Hessian is a multiple of I.

    (Σ_k (h_2(z_k) + h_3(z_k)) + z_1 z_2 z_3) / √7, each of the seven of norm 1.
    """
    squares, cubes = (z**2 - 1) / np.sqrt(2), (z**3 - 3 * z) / np.sqrt(6)
    return (np.sum(squares + cubes, axis=1) + np.prod(z, axis=1)) / np.sqrt(7)


class Target(NamedTuple):
    """Which function of d features is learned, and under how much noise."""

    link: str
    d: int
    noise: float
    seed: int

    @property
    def source(self):
        """What its first layer is learned from, in the same direction."""
        return self._replace(link=SOURCE)


@lru_cache(maxsize=2)
def draw_truth(target):
    """The planted function, its directions the same for all links."""
    rng = np.random.default_rng([target.seed, target.d])
    directions = rng.standard_normal((N_DIRECTIONS, target.d))
    options = {"noise": target.noise, "return_truth": True, "random_state": 0}
    if target.link in LINKS:
        link, direction = LINKS[target.link], directions[0]
        drawn = make_single_index(
            1, target.d, link=link, direction=direction, **options
        )
    else:
        drawn = make_multi_index(
            1,
            target.d,
            n_directions=N_DIRECTIONS,
            link=cubic,
            directions=directions,
            **options,
        )
    return drawn[-1]


@lru_cache(maxsize=4)
def draw_points(target, n, purpose):
    """Inputs and noisy labels, other ones for each purpose; more n only add inputs."""
    purposes = ["train", "held out", "test", "source"]
    rng = np.random.default_rng([target.seed, target.d, purposes.index(purpose), 1])
    return draw_truth(target).sample(n, random_state=rng)
