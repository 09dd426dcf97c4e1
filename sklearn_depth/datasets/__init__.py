"""Data with a planted target, from the papers' laws, each with its Truth object."""

from sklearn_depth.datasets._ball import make_ball_indicator
from sklearn_depth.datasets._eldan_shamir import make_eldan_shamir
from sklearn_depth.datasets._hierarchical import make_hierarchical
from sklearn_depth.datasets._inner_product import make_inner_product_parity
from sklearn_depth.datasets._invariant import make_invariant
from sklearn_depth.datasets._iterated_maps import make_iterated_map, make_sawtooth
from sklearn_depth.datasets._maximum import make_maximum
from sklearn_depth.datasets._monomials import make_sparse_parity, make_staircase
from sklearn_depth.datasets._multi_index import make_multi_index
from sklearn_depth.datasets._multi_index_labels import make_multi_index_labels
from sklearn_depth.datasets._networks import make_random_network, shadow_network
from sklearn_depth.datasets._quadratic import make_quadratic_feature
from sklearn_depth.datasets._radial import make_radial
from sklearn_depth.datasets._radial_inputs import sample_radial
from sklearn_depth.datasets._single_index import make_single_index
from sklearn_depth.datasets._spiked_single_index import make_spiked_single_index
from sklearn_depth.datasets._symmetric import make_symmetric
from sklearn_depth.datasets._teacher_network import make_teacher_network

__all__ = [
    "make_ball_indicator",
    "make_eldan_shamir",
    "make_hierarchical",
    "make_inner_product_parity",
    "make_invariant",
    "make_iterated_map",
    "make_maximum",
    "make_multi_index",
    "make_multi_index_labels",
    "make_quadratic_feature",
    "make_radial",
    "make_random_network",
    "make_sawtooth",
    "make_single_index",
    "make_sparse_parity",
    "make_spiked_single_index",
    "make_staircase",
    "make_symmetric",
    "make_teacher_network",
    "sample_radial",
    "shadow_network",
]
