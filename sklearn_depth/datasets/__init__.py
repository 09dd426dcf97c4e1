"""Data with a planted target, from the papers' laws, each with its Truth object."""

from sklearn_depth.datasets._ball import make_ball_indicator
from sklearn_depth.datasets._multi_index import make_multi_index
from sklearn_depth.datasets._multi_index_labels import make_multi_index_labels
from sklearn_depth.datasets._networks import make_random_network, shadow_network
from sklearn_depth.datasets._quadratic import make_quadratic_feature
from sklearn_depth.datasets._radial import make_radial
from sklearn_depth.datasets._radial_inputs import sample_radial
from sklearn_depth.datasets._single_index import make_single_index
from sklearn_depth.datasets._spiked_single_index import make_spiked_single_index
from sklearn_depth.datasets._symmetric import make_symmetric

__all__ = [
    "make_ball_indicator",
    "make_multi_index",
    "make_multi_index_labels",
    "make_quadratic_feature",
    "make_radial",
    "make_random_network",
    "make_single_index",
    "make_spiked_single_index",
    "make_symmetric",
    "sample_radial",
    "shadow_network",
]
