"""Who competes on the suite "tables": the strongest learners of tables we could run.

Each has its defaults, one thread and the seed. RealMLP keeps a part of the samples to
stop by, and prepares columns and targets on its own.
"""

from sklearn.linear_model import RidgeCV

from .boosted import ENSEMBLES
from .models import (
    OURS,
    PENALTIES,
    additive_splines,
    kernel,
    mlp,
    ours,
    scaled,
    xrfm,
)

CPU = {"device": "cpu", "verbosity": 0, "n_threads": 1}


def real_mlp(seed, n, d):
    from pytabkit import RealMLP_TD_Regressor

    return RealMLP_TD_Regressor(random_state=seed, **CPU)


def ridge(seed, n, d):
    return scaled(RidgeCV(PENALTIES))


OURS_ON_TABLES = {
    name: OURS[name]
    for name in ("TwoLayerGD", "HermitePolynomial", "FixedHiddenSigmoid")
} | {
    "TwoLayerGD, dense": ours(
        "TwoLayerGDRegressor", layers=("linear", "random", "dense")
    )
}
RIVALS_ON_TABLES = {
    **ENSEMBLES,
    "RealMLP": real_mlp,
    "xRFM": xrfm,
    "MLP": mlp,
    'KernelRidge("loo")': kernel("loo"),
    "splines + RidgeCV": additive_splines,
    "RidgeCV": ridge,
}
