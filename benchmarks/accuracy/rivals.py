"""Rivals without scikit-learn's interface, each behind a thin estimator."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    TransformerMixin,
    clone,
)
from sklearn.model_selection import train_test_split


class XRFMInputs(BaseEstimator):
    """xRFM of default parameters, on columns prepared as its README says.

    A fifth of the rows validates. Columns that have other values than 0 and 1 are
    standardised.
    """

    def __init__(self, random_state=None):
        self.random_state = random_state

    def _train(self, X, y, **parameters):
        import torch
        from xrfm import xRFM

        indicator = np.all((X == 0) | (X == 1), axis=0)
        self.mean_ = np.where(indicator, 0, X.mean(axis=0))
        scale = np.where(indicator, 1, X.std(axis=0))
        self.scale_ = np.where(scale > 0, scale, 1)
        X, X_val, y, y_val = train_test_split(
            self._inputs(X), y, test_size=0.2, random_state=self.random_state
        )
        self.model_ = xRFM(
            device=torch.device("cpu"),
            random_state=self.random_state,
            verbose=False,
            **parameters,
        )
        self.model_.fit(X, y, X_val, y_val)
        return self

    def _inputs(self, X):
        return ((X - self.mean_) / self.scale_).astype(np.float32)


class XRFM(RegressorMixin, XRFMInputs):
    """Targets are standardised as well, since the kernel machine has no intercept."""

    def fit(self, X, y):
        self.target_mean_, self.target_scale_ = y.mean(), y.std()
        targets = (y - self.target_mean_) / self.target_scale_
        return self._train(X, targets.astype(np.float32))

    def predict(self, X):
        outputs = np.ravel(self.model_.predict(self._inputs(X)))
        return self.target_mean_ + self.target_scale_ * outputs.astype(np.float64)


class XRFMClassifier(ClassifierMixin, XRFMInputs):
    """Labels are 0, 1, ...; what is tuned is tuned by log loss."""

    def fit(self, X, y):
        return self._train(X, y, tuning_metric="logloss")

    def predict_proba(self, X):
        return np.asarray(self.model_.predict_proba(self._inputs(X)))


class OfDrawnRows(RegressorMixin, BaseEstimator):
    """A model of at most so many rows, drawn from those it is given."""

    def __init__(self, model, most_rows, random_state):
        self.model = model
        self.most_rows = most_rows
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.default_rng(self.random_state)
        rows = rng.permutation(len(X))[: self.most_rows]
        self.model_ = clone(self.model, safe=False).fit(X[rows], y[rows])
        return self

    def predict(self, X):
        return np.ravel(self.model_.predict(X))


class DistanceFromMean(TransformerMixin, BaseEstimator):
    """One column: the distance from the mean of the training rows."""

    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        return self

    def transform(self, X):
        return np.linalg.norm(X - self.mean_, axis=1, keepdims=True)


class PolynomialChaos(RegressorMixin, BaseEstimator):
    """OpenTURNS' Hermite chaos expansion, sparse by least angle regression."""

    def __init__(self, degree=3):
        self.degree = degree

    def fit(self, X, y):
        import openturns as ot

        d = X.shape[1]
        basis = ot.OrthogonalProductPolynomialFactory(
            [ot.HermiteFactory()] * d, ot.LinearEnumerateFunction(d)
        )
        size = basis.getEnumerateFunction().getBasisSizeFromTotalDegree(self.degree)
        selection = ot.LeastSquaresMetaModelSelectionFactory(
            ot.LARS(), ot.CorrectedLeaveOneOut()
        )
        algorithm = ot.FunctionalChaosAlgorithm(
            ot.Sample(X),
            ot.Sample(y[:, None]),
            ot.Normal(d),
            ot.FixedStrategy(basis, size),
            ot.LeastSquaresStrategy(selection),
        )
        algorithm.run()
        self.model_ = algorithm.getResult().getMetaModel()
        return self

    def predict(self, X):
        import openturns as ot

        return np.ravel(self.model_(ot.Sample(X)))
