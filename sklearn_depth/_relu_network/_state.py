"""Where the training of a network stands."""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._dense_network import DenseNetwork
from sklearn_depth._math._moments import clipped_scores


@dataclass(frozen=True)
class TrainingState:
    """What goes on from one fit to the next.

    network : on scaled features.
    mean, scale : of the features, (n_features,).
    scales : whether features are scaled at all.
    seed : of all streams of random numbers.
    learning_rate : the step size, before the schedule.
    velocity : of the weights; None where they stand still.
    losses, validation_losses : by epoch.
    """

    network: DenseNetwork
    mean: np.ndarray
    scale: np.ndarray
    scales: bool
    seed: np.ndarray
    learning_rate: float = np.nan
    velocity: DenseNetwork | None = None
    losses: tuple | list = ()
    validation_losses: tuple | list = ()

    @classmethod
    def of(cls, model):
        """The state that a fitted model is in."""
        return cls(
            DenseNetwork(model.coefs_, model.intercepts_),
            model.mean_,
            model.scale_,
            model._scales_,
            model._seed_,
            model.learning_rate_,
            model._velocity_,
            model.loss_curve_,
            getattr(model, "validation_loss_curve_", ()),
        )

    def attributes(self, dtype):
        """The same as attributes of a model, with weights of a type."""
        network = self.network.astype(dtype)
        attributes = {
            "coefs_": network.coefs,
            "intercepts_": network.intercepts,
            "mean_": self.mean,
            "scale_": self.scale,
            "_scales_": self.scales,
            "_seed_": self.seed,
            "learning_rate_": self.learning_rate,
            "_velocity_": self.velocity,
            "loss_curve_": [*self.losses],
            "n_iter_": len(self.losses),
        }
        if self.validation_losses:
            attributes["validation_loss_curve_"] = [*self.validation_losses]
        return attributes

    def inputs(self, samples, dtype):
        """The samples as the network is trained on them, in a type."""
        X = scaled(samples.X, self.mean, self.scale) if self.scales else samples.X
        return samples.at(X.astype(dtype, copy=False))

    def stream(self, number):
        """Random numbers that are the same in each fit."""
        return np.random.default_rng([*self.seed.tolist(), number])


def scaled(X, mean, scale):
    """X as a network that scales it sees it."""
    return clipped_scores(X, mean, scale).astype(X.dtype, copy=False)
