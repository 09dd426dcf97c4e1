"""Classifiers scored against the true probabilities of the labels."""

import numpy as np
from scipy.special import rel_entr


class ExcessLogLoss:
    """The log loss above the least of any probabilities, E KL(p(x) || p_hat(x)).

    It is called with the true probabilities in place of labels, so that it has none of
    their noise, and is 0 at the truth.
    """

    def __call__(self, estimator, X, probability):
        predicted = predicted_probability(estimator, X, probability.shape[1])
        least = np.finfo(predicted.dtype).eps  # as scikit-learn's log loss has it
        predicted = np.clip(predicted, least, 1 - least)
        return rel_entr(probability, predicted).sum(axis=1).mean()


TRUTH_SCORES = {"excess_log_loss": ExcessLogLoss}


def predicted_probability(estimator, X, n_classes):
    """Probabilities of the labels 0, 1, ...; 0 for those that no sample had."""
    found = np.asarray(estimator.predict_proba(X))
    predicted = np.zeros((len(found), n_classes), dtype=found.dtype)
    predicted[:, np.asarray(estimator.classes_, dtype=np.intp)] = found
    return predicted


def check_truth(scorers, truth):
    """Refuse scores against probabilities that the data do not have."""
    for name, scorer in scorers.items():
        if isinstance(scorer, ExcessLogLoss) and not hasattr(truth, "predict_proba"):
            raise ValueError(
                f"The score {name!r} is taken against true probabilities, but "
                "make_dataset returns no truth that has predict_proba. Generators of "
                "labels in sklearn_depth.datasets do with return_truth=True."
            )


def target_of(scorer, X, y, truth):
    """What a scorer compares predictions with: probabilities or values."""
    return truth.predict_proba(X) if isinstance(scorer, ExcessLogLoss) else y
