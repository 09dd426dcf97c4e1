"""
A film of a network as it trains, by a callback
===============================================

scikit-learn's callbacks are told of every epoch of a fit. One that keeps the network's
predictions makes a film: first the network finds the slope, then one wave after the
other.
"""

# %%
# A callback is any object with these four methods. ``fitted_estimator`` is the network
# as it stands after the epoch, ready to predict. scikit-learn makes it only for
# callbacks that ask for it by this name.

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from threadpoolctl import threadpool_limits

from sklearn_depth import ReLUNetworkRegressor

threadpool_limits(1)  # in small matrix products threads only wait for each other


class Film:
    """Keeps the predictions at some inputs after every epoch."""

    def __init__(self, inputs):
        self.inputs = inputs
        self.frames = []

    def setup(self, estimator, context):
        """Before the fit."""

    def teardown(self, estimator, context):
        """After the fit."""

    def on_fit_task_begin(self, estimator, context):
        """Before an epoch."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        """After an epoch, and after the fit; to return True stops it."""
        if context.task_name == "iteration":
            self.frames.append(fitted_estimator.predict(self.inputs))


# %%
# Waves over a slope, of one feature.

rng = np.random.default_rng(0)
X = rng.uniform(-3, 3, (1000, 1))
y = X[:, 0] / 2 + np.sin(3 * X[:, 0]) + 0.2 * rng.standard_normal(1000)
film = Film(np.linspace(-3, 3, 200)[:, None])
net = ReLUNetworkRegressor((64, 64), batch_size=32, max_epochs=30, random_state=0)
net.set_params(weight_decay=0).set_callbacks(film).fit(X, y)
print(f"{len(film.frames)} frames, R² on the training samples {net.score(X, y):.2f}")

# %%
# The film. Keep the animation in a name for as long as it plays.

figure, ax = plt.subplots(figsize=(5.6, 3.6), dpi=80, layout="constrained")
ax.plot(X[:, 0], y, ".", ms=3, color="0.7")
(curve,) = ax.plot(film.inputs[:, 0], film.frames[0], color="#D55E00", lw=2)
ax.set(xlabel="x", ylabel="y", xlim=(-3, 3))


def show(epoch):
    curve.set_ydata(film.frames[epoch])
    ax.set_title(f"after epoch {epoch + 1}")
    return (curve,)


animation = FuncAnimation(figure, show, frames=len(film.frames), interval=150)
plt.show()
