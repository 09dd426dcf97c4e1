"""scikit-learn's checks of all estimators as they come; tests/ has smaller ones."""

import warnings

from sklearn.utils.estimator_checks import parametrize_with_checks

import sklearn_depth
from sklearn_depth import directions, features

MODULES = sklearn_depth, directions, features
FOUND = [getattr(module, name) for module in MODULES for name in module.__all__]


@parametrize_with_checks([found() for found in FOUND if hasattr(found, "fit")])
def test_scikit_learn_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No direction of the")
        check(estimator)
