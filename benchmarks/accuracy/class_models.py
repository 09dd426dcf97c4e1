"""Who competes for classes: ours, and the strongest learners of tables we could run.

Each has its defaults, one thread and the seed. What stops, or chooses a parameter, by a
measure on held-out samples is told that it is log loss, but for the MLP, which stops by
accuracy.
"""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, ConstantKernel
from sklearn.linear_model import LogisticRegressionCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

import sklearn_depth

from .boosted import ENSEMBLES_FOR_CLASSES
from .models import ours
from .rivals import XRFMClassifier
from .table_models import CPU


def hermite(seed, n, d):
    return sklearn_depth.HermitePolynomialClassifier()


def logistic(seed, n, d):
    model = LogisticRegressionCV(
        scoring="neg_log_loss", max_iter=1000, random_state=seed
    )
    return make_pipeline(StandardScaler(), model)


def logistic_on_squares(seed, n, d):
    """Additive in the columns and their squares, as a ball is."""
    squares = FunctionTransformer(with_squares)
    return make_pipeline(StandardScaler(), squares, logistic(seed, n, d))


def with_squares(X):
    return np.hstack([X, X**2])


def mlp(seed, n, d):
    model = MLPClassifier(
        hidden_layer_sizes=(100, 100),
        early_stopping=True,
        max_iter=500,
        random_state=seed,
    )
    return make_pipeline(StandardScaler(), model)


def real_mlp(seed, n, d):
    """Without label smoothing, as its authors advise for log loss."""
    from pytabkit import RealMLP_TD_Classifier

    return RealMLP_TD_Classifier(
        random_state=seed, val_metric_name="cross_entropy", use_ls=False, **CPU
    )


def tab_m(seed, n, d):
    from pytabkit import TabM_D_Classifier

    return TabM_D_Classifier(random_state=seed, val_metric_name="cross_entropy", **CPU)


def xrfm(seed, n, d):
    return XRFMClassifier(random_state=seed)


def gaussian_process(seed, n, d):
    kernel = ConstantKernel() * RBF(np.sqrt(d))
    return make_pipeline(
        StandardScaler(), GaussianProcessClassifier(kernel, random_state=seed)
    )


def support_vectors(seed, n, d):
    return CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC()))


OURS_FOR_CLASSES = {
    "TwoLayerGD": ours("TwoLayerGDClassifier"),
    "FixedHiddenSigmoid": ours("FixedHiddenSigmoidClassifier"),
    "RadialTwoLayer": ours("RadialTwoLayerClassifier"),
    "HermitePolynomial": hermite,
}
RIVALS_FOR_CLASSES = {
    "LogisticRegressionCV": logistic,
    "squares + LogisticRegressionCV": logistic_on_squares,
    "SVC, calibrated": support_vectors,
    "MLP": mlp,
    **ENSEMBLES_FOR_CLASSES,
    "xRFM": xrfm,
    "RealMLP": real_mlp,
    "TabM": tab_m,
    "GaussianProcess": gaussian_process,
}
MOST_ROWS = {"RealMLP": 900, "TabM": 500, "GaussianProcess": 500}  # slow on more
