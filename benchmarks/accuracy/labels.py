"""Tasks whose labels have known probabilities: a generator and a size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax

from sklearn_depth.datasets import make_multi_index

from .class_scores import log_loss, shares

N_TEST = 4000
OF_DISTANCES = "FixedHiddenSigmoid", "RadialTwoLayer"


@dataclass(frozen=True)
class PlantedLabels:
    """``make(n_samples, random_state)`` gives X and the probability of each class.

    ``pick`` is the model that the guide names for such labels, and ``ours`` are those
    of our models that are run on it.
    """

    pick: str
    title: str
    d: int
    n: int
    make: Callable
    suite = "classes"
    seeds = 3

    @property
    def name(self):
        return f"{self.title}, d={self.d}, n={self.n}"

    @property
    def ours(self):
        if self.pick in OF_DISTANCES:
            return {"TwoLayerGD", *OF_DISTANCES}
        return {"TwoLayerGD", self.pick}

    @property
    def limit(self):
        """What the truth has: the median over draws."""
        return np.median([self.least(seed) for seed in range(self.seeds)])

    def least(self, seed):
        """Log loss of the truth on the fresh samples, over that of the class shares."""
        _, y, _, fresh = self.draw(seed)
        return log_loss(fresh, fresh) / log_loss(fresh, shares(y))

    def draw(self, seed):
        """Training X and labels, and fresh X with the probability of each class."""
        rng = np.random.default_rng([self.d, self.n, seed])
        X, probability = self.make(self.n + N_TEST, rng)
        n = self.n
        return X[:n], draw_labels(probability[:n], rng), X[n:], probability[n:]


def draw_labels(probability, rng):
    """A class from 0 for each row of probabilities."""
    below = probability.cumsum(axis=1)[:, :-1]
    return (rng.random((len(probability), 1)) >= below).sum(axis=1)


def planter(pick, generator):
    """Tasks of a generator of two classes: its arguments follow title, d and n."""

    def task(title, d, n, **arguments):
        def make(n_samples, rng):
            X, _, truth = generator(
                n_samples, d, return_truth=True, random_state=rng, **arguments
            )
            return X, truth.predict_proba(X)

        return PlantedLabels(pick, title, d, n, make)

    return task


def logistic_planter(pick, generator):
    """Two classes whose logit is a generator's target over a temperature."""

    def task(title, d, n, temperature, **arguments):
        def make(n_samples, rng):
            X, target = generator(n_samples, d, random_state=rng, **arguments)
            p = expit((target - np.median(target)) / temperature)
            return X, np.column_stack([1 - p, p])

        return PlantedLabels(pick, f"{title}, T={temperature:g}", d, n, make)

    return task


def several_classes(title, d, n, temperature, n_directions, scores):
    """The class is the largest of ``scores(z)``, (n_samples, n_classes), under noise.

    Logits are the scores over the temperature.
    """

    def make(n_samples, rng):
        X, _, truth = make_multi_index(
            n_samples, d, n_directions=n_directions, return_truth=True, random_state=rng
        )
        z = X @ truth.projection.T
        return X, softmax(scores(z) / temperature, axis=1)

    return PlantedLabels("TwoLayerGD", f"{title}, T={temperature:g}", d, n, make)
