"""Classifiers against the truth, and callables that give several scores."""

from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from study_helpers import make_data

from sklearn_depth.datasets import make_multi_index_labels
from sklearn_depth.studies import sample_complexity_curve, scaling_exponent

labels = partial(
    make_multi_index_labels,
    n_directions=1,
    link=lambda z: z[:, 0],
    temperature=0.5,
    return_truth=True,
)
curve = partial(
    sample_complexity_curve,
    make_dataset=labels,
    train_sizes=[100],
    n_features=3,
    n_repeats=2,
    n_test=200,
    random_state=0,
)


def by_repetition(row, model):
    """The mean log loss over labels, each row with either label by its probability."""
    n = row["n_samples"]
    X, y, truth = labels(n + 200, row["n_features"], random_state=row["data_seed"])
    p, rest = truth.predict_proba(X[n:]), X[n:]
    both = np.repeat([0, 1], 200), np.vstack([rest, rest])

    def loss(predicted):
        return log_loss(both[0], predicted, sample_weight=p.T.ravel())

    fitted = model.fit(X[:n], y[:n]).predict_proba(both[1])
    return loss(fitted) - loss(np.vstack([p, p]))


@pytest.mark.parametrize("model", [LogisticRegression(), DummyClassifier()])
def test_the_excess_is_that_over_labels_drawn_without_end(model):
    found = curve(model, scoring="excess_log_loss")
    assert found.config["scoring"] == {"excess_log_loss": "lower"}
    for row in found.rows():
        expected = by_repetition(row, model)
        assert expected > 0
        assert row["excess_log_loss"] == pytest.approx(expected, rel=1e-9)


class Known(ClassifierMixin, BaseEstimator):
    """Probabilities of a truth; labels that training data lack it does not know."""

    def __init__(self, truth=None):
        self.truth = truth

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = self.truth.predict_proba(X)[:, self.classes_]
        return p / p.sum(axis=1, keepdims=True)


def test_the_truth_has_no_excess_and_a_label_never_seen_has_the_most():
    _, _, truth = labels(10, 3, random_state=7)

    def drawn(n_samples, n_features, random_state):
        X, y = truth.sample(n_samples, random_state)
        return X, np.zeros_like(y) if n_samples == 210 else y, truth

    found = curve(
        Known(truth),
        make_dataset=drawn,
        scoring="excess_log_loss",
        train_sizes=[10, 100],
    ).select(n_samples=[10, 100])
    (lost, _), (known, _) = (
        found.select(n_samples=n).columns["excess_log_loss"] for n in (10, 100)
    )
    assert known == pytest.approx(0, abs=1e-12)
    X, _ = truth.sample(210, found.select(n_samples=10).columns["data_seed"][0])
    p = truth.predict_proba(X[10:])
    least = np.finfo(float).eps
    cost = np.mean(np.sum(p * np.log(p / [1 - least, least]), axis=1))
    assert lost == pytest.approx(cost, rel=1e-9)


def test_excesses_fall_and_have_exponents():
    found = curve(
        LogisticRegression(), train_sizes=[50, 200, 800], n_features=[4, 8],
        n_repeats=2, scoring=["accuracy", "excess_log_loss"],
    )  # fmt: skip
    exponents, _ = scaling_exponent(found, 0.03, score="excess_log_loss", n_resamples=5)
    assert 0.3 < exponents.columns["exponent"][0] < 2


@pytest.mark.parametrize("data", [make_data, partial(labels, return_truth=False)])
def test_data_without_true_probabilities_are_told_before_any_fit(data):
    with pytest.raises(ValueError, match="no truth that has predict_proba"):
        curve(
            LogisticRegression(),
            make_dataset={"d": data},
            scoring={"e": "excess_log_loss"},
        )


def several(model, X, y):
    errors = np.abs(model.predict(X) - y)
    return {"mean": errors.mean(), "most": errors.max()}


def test_a_callable_may_give_several_scores():
    found = curve(Ridge(), make_dataset=make_data, scoring=several)
    assert [*found.columns][6:-2] == ["mean", "most", "fit_time", "score_time"]
    assert found.config["scoring"] == {"mean": "higher", "most": "higher"}
    for row in found.rows():
        X, y, truth = make_data(300, 3, random_state=row["data_seed"])
        scores = several(Ridge().fit(X[:100], y[:100]), X[100:], truth(X[100:]))
        assert scores == pytest.approx({name: row[name] for name in scores})


def test_several_scores_named_as_other_columns_are_errors():
    with pytest.warns(
        FitFailedWarning, match=r"scores \['repeat'\] are named as other"
    ):
        found = curve(
            Ridge(), make_dataset=make_data, scoring=lambda model, X, y: {"repeat": 1.0}
        )
    assert np.isnan(found.columns["score"]).all()
