"""Random networks of two to four layers, and functions of one quadratic form."""

from sklearn_depth.datasets import make_quadratic_feature, make_random_network

from .planted import planter

network = planter("networks", "HermitePolynomial", make_random_network)
form = planter("networks", "ThreeLayerFeature", make_quadratic_feature)

CHOSEN_ON = [
    network("erf, depth 2", 10, 2000, 0.1, depth=2),
    network("relu, depth 3", 15, 3000, 0.2, depth=3, activation="relu"),
    form("He1+He3 of a form", 16, 4000, 0.1),
]
REPORTED = [
    network("erf, depth 2", 20, 3000, 0, depth=2),
    network("erf, depth 3", 20, 3000, 0.3, depth=3),
    network("erf, depth 4", 10, 2000, 0.1, depth=4),
    network("relu, depth 2", 40, 3000, 0.3, depth=2, activation="relu"),
    network("relu, depth 3", 10, 3000, 0, depth=3, activation="relu"),
    network("relu, depth 4", 20, 3000, 0.1, depth=4, activation="relu"),
    network(
        "relu, depth 3, Gaussian", 30, 2000, 0.2, depth=3, activation="relu",
        inputs="gaussian",
    ),
    form("He2 of a form", 12, 3000, 0.1, link="he2"),
    form("ReLU of a form", 20, 2000, 0.3, link="relu"),
]  # fmt: skip
