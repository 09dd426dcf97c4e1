"""Links of index models: what a target does with the projected inputs."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.validation import check_array

from sklearn_depth._math._hermite import hermite_sum
from sklearn_depth._math._multi_indices import TermTree, count_terms, term_tree
from sklearn_depth.utils._memory import check_memory, row_blocks


@dataclass(frozen=True, eq=False)
class HermiteSeries:
    """``g(z) = sum_k coefficients[k] h_k(z)``, h_k orthonormal under N(0, 1)."""

    coefficients: np.ndarray

    @property
    def variance(self):
        """Var g(Z) for Z ~ N(0, 1)."""
        return float(np.sum(self.coefficients[1:] ** 2))

    def __call__(self, z):
        return hermite_sum(z, self.coefficients)


@dataclass(frozen=True, eq=False)
class HermitePolynomial:
    """``g(z) = sum_k coefficients[k] H_k(z)`` over products H_k of Hermite polynomials.

    The products are orthonormal under N(0, I), and none is the constant.
    """

    tree: TermTree
    coefficients: np.ndarray

    @property
    def variance(self):
        """Var g(Z) for Z ~ N(0, I)."""
        return float(np.sum(self.coefficients**2))

    def __call__(self, z):
        values = np.empty(len(z))
        for rows in row_blocks(len(z), len(self.coefficients)):
            values[rows] = self.coefficients @ self.tree.values(z[rows])
        return values


def random_polynomial(n_directions, degree, rng):
    """Draw a HermitePolynomial of unit variance, uniform among those of its degree."""
    n_terms = count_terms(n_directions, degree)
    check_memory(
        n_terms,
        n_terms * 512,  # a block of 64 samples, the least that `row_blocks` makes
        what=f"A polynomial of degree {degree} in {n_directions} directions",
        way_out="Lower degree or n_directions.",
    )
    tree = term_tree(n_directions, degree)
    coefficients = rng.standard_normal(len(tree.parent))
    return HermitePolynomial(tree, coefficients / np.linalg.norm(coefficients))


def check_floats(values, name):
    """A finite float64 array of any shape."""
    return check_array(
        values, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name=name
    )


def single_index_link(link):
    """The link as a callable, from a name, Hermite coefficients or a callable."""
    if isinstance(link, str):
        link = SINGLE_INDEX_LINKS[link]
    if callable(link):
        return link
    coefficients = check_floats(link, "link")
    if coefficients.ndim != 1:
        raise ValueError(
            f"link has shape {coefficients.shape}; Hermite coefficients c_0, c_1, ... "
            "are a 1-D array. Pass one, or a callable, or the name of a link."
        )
    return HermiteSeries(coefficients)


def relu(z):
    """max(z, 0)."""
    return np.maximum(z, 0)


def step(z):
    """1 where z > 0, else 0."""
    return np.heaviside(z, 0.0)


def staircase(z):
    """How many of -1, 0 and 1 lie below z, from -3/2 to 3/2 about 0."""
    return (np.sign(z + 1) + np.sign(z) + np.sign(z - 1)) / 2


def product(z):
    """z_1 z_2 ... z_r, sample by sample."""
    return np.prod(z, axis=1)


def sign_product(z):
    """The sign of z_1 z_2 ... z_r, sample by sample: the parity of their signs."""
    return np.prod(np.sign(z), axis=1)


def majority(z):
    """The sum of the signs of z_1, z_2, ..., z_r, sample by sample."""
    return np.sign(z).sum(axis=1)


def alternating_relus(z):
    """relu(z_1) - relu(z_2) + relu(z_3) - ..., sample by sample."""
    return relu(z) @ (-1.0) ** np.arange(z.shape[1])


# Names for what one may pass: Hermite coefficients or a function.
SINGLE_INDEX_LINKS = {
    "he2": [0, 0, 1],
    "he3": [0, 0, 0, 1],
    "he4": [0, 0, 0, 0, 1],
    "he1+he3": [0, 0.5**0.5, 0, 0.5**0.5],
    "relu": relu,
    "abs": np.abs,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "sign": np.sign,
    "step": step,
    "staircase": staircase,
}
MULTI_INDEX_LINKS = {
    "product": product,
    "sign_product": sign_product,
    "relus": alternating_relus,
}
