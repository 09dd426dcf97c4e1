"""The late phase of feature learning: both layers of a ReLU network under weight decay.

Gradient descent on both layers, under a decay that falls, moves the units to the few
directions that the targets are made of (Zhou and Ge 2024, arXiv 2406.01766). Units that
have met are merged. Samples have inputs z as their X.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_depth._math._samples import Samples
from sklearn_depth._math._tolerances import CONSTANT
from sklearn_depth._solvers._lbfgs import minimize_lbfgs
from sklearn_depth._solvers.ridge._spectrum import Array
from sklearn_depth._solvers.two_layer._layers import Layer, fit_on_the_way
from sklearn_depth._solvers.two_layer._network import Network
from sklearn_depth._solvers.two_layer._network_loss import NetworkLoss
from sklearn_depth.utils._memory import row_blocks

# Over the least decay that leaves no unit: for all units, and for merged ones.
_DECAYS = (0.6, 0.3, 0.1, 0.03)
_MERGED_DECAYS = (0.03, 0.003)
# A decay has done its work when so many iterations gain less than this share.
_N_RECENT, _LITTLE = 20, 0.003
_MOST_ITERATIONS = 300
# Units whose directions have such a cosine are one, and clusters with less than such a
# share of the size of the largest one are none.
_SAME, _FAINT = 0.9, 0.05
# Merged units may have so many parameters for each sample.
_SEARCH_PER_SAMPLE = 0.3
# Effective parameters are counted exactly for so many, and else by random probes.
_MOST_EXACT, _N_PROBES = 1000, 2
# What a parameter of merged units counts, which were chosen among many, as in the
# generalised cross-validation of Kim and Gu (2004).
_CHOSEN = 1.4
# With a smaller share of the samples free of the fit, its error cannot be told.
_LEAST_FREE = 0.3


@dataclass(frozen=True, eq=False)
class _Training:
    """Samples with targets of variance 1, and where to train on them."""

    samples: Samples
    device: str

    def start(self, layer: Layer) -> Network:
        """Units with a ridge head."""
        _, head = fit_on_the_way(layer, self.samples)
        return Network(layer.weights, layer.biases, head.coef, head.intercept)

    def train(self, network: Network, decays: list[float]) -> list[Network]:
        """Networks trained on both layers, each at one decay and from the one before.

        Minimised by L-BFGS is ``sum_i share_i |f(z_i) - y_i|^2 / 2 + decay / 2 sum_j
        (|a_j|^2 + |w_j|^2 + b_j^2)``, no decay on the linear part. Units that die are
        left out from then on.
        """
        network = network.balanced()
        networks = []
        for decay in decays:
            network = _train(network, self.loss(network), decay).living()
            networks.append(network)
        return networks

    def loss(self, network: Network) -> NetworkLoss:
        return NetworkLoss(self.samples, len(network), device=self.device)


def late_layers(
    samples: Samples, layer: Layer, *, device: str, rng: np.random.Generator
) -> list[Layer]:
    """Layers trained on from given units: at each decay all units, and merged ones.

    Their errors compare with each other and, after its charge, with that of a layer
    that was not trained on. Left out is what has no estimate of its error, for want of
    samples; so that there may be none, as where a linear part leaves nothing to units.
    """
    scale = np.where(np.isfinite(samples.scale), samples.scale, 0)
    samples, layer = samples.scaled(), layer.astype(np.dtype(np.float64))
    samples = samples.at(samples.X.astype(np.float64, copy=False))
    most = largest_decay(samples, layer)
    if most < CONSTANT:  # a linear part leaves nothing
        return []
    training = _Training(samples, device)
    network, last = training.start(layer), [most * c for c in _MERGED_DECAYS]
    found: list[tuple[Network, Array]] = []
    for decay in _DECAYS:
        network = training.train(network, [most * decay])[0]
        found.append((network, _error(training, network, 1.0, rng)))
        merged = [
            (one, _error(training, one, _CHOSEN, rng))
            for one in _merged_networks(training, network, last)
        ]
        found += merged + _thinned_networks(training, merged, rng)
    return [
        Layer(one.weights, one.biases, error=error * scale**2)
        for one, error in found
        if len(one) and np.isfinite(error).all()
    ]


def _thinned_networks(
    training: _Training,
    merged: list[tuple[Network, Array]],
    rng: np.random.Generator,
) -> list[tuple[Network, Array]]:
    """The best network less its smallest units, one by one while that helps."""
    found: list[tuple[Network, Array]] = []
    if not merged:
        return found
    network, error = min(merged, key=lambda pair: pair[1].mean())
    while len(network) > 1:
        network = training.train(network.thinned(), [network.decay])[0]
        last, error = error, _error(training, network, _CHOSEN, rng)
        if not error.mean() < last.mean():
            break
        found.append((network, error))
    return found


def _train(network: Network, loss: NetworkLoss, decay: float) -> Network:
    losses: list[float] = []

    def record(value: float, x: Array) -> str | None:
        losses.append(value)
        if len(losses) >= _MOST_ITERATIONS:
            return "max_iter"
        recent = losses[-_N_RECENT - 1 :]
        done = len(recent) > _N_RECENT and recent[0] - value < _LITTLE * value
        return "little" if done else None

    x, _ = minimize_lbfgs(lambda x: loss(x, decay), network.flat(), 0.0, record)
    return network.moved(x, decay)


def merge_units(network: Network) -> Layer:
    """One unit, (w, b) of norm 1, for each cluster of alike ones.

    From the largest unit on, each takes to it all whose (w, b) has a cosine above 0.9
    with its own, of either sign: relu(-u) = relu(u) - u, and what is linear is the
    head's. A cluster has the mean of their directions, by size |a| |(w, b)|.
    """
    outer, inner = network.sizes()
    size = outer * inner
    units = network.units / np.where(inner > 0, inner, 1)[:, None]
    left = size > 0
    merged, sizes = [], []
    for j in np.argsort(-size, kind="stable"):
        if not left[j]:
            continue
        cosines = units @ units[j]
        members = left & (np.abs(cosines) > _SAME)
        left &= ~members
        merged.append((size * np.sign(cosines))[members] @ units[members])
        sizes.append(size[members].sum())
    centres = np.reshape(merged, (-1, units.shape[1]))
    centres = centres[np.array(sizes) >= _FAINT * max(sizes, default=0)]
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return Layer(centres[:, :-1], centres[:, -1])


def largest_decay(samples: Samples, layer: Layer) -> float:
    """The least decay at which none of these units would grow from zero.

    The largest ``|E[r relu(<w, z> + b)]|`` with |(w, b)| = 1 and r what a linear fit
    leaves of the targets: a balanced unit costs ``decay |a| |(w, b)|``.
    """
    targets, root = samples.targets, np.sqrt(samples.share)[:, None]
    inputs = np.column_stack([samples.X, np.ones(len(samples))])
    linear = np.linalg.lstsq(root * inputs, root * targets)[0]
    residual = samples.share[:, None] * (targets - inputs @ linear)
    units = np.column_stack([layer.weights, layer.biases])
    pull = np.zeros((len(units), targets.shape[1]))
    for rows in row_blocks(len(samples), len(units)):
        pull += np.maximum(inputs[rows] @ units.T, 0).T @ residual[rows]
    length = np.linalg.norm(units, axis=1)
    pulls = np.linalg.norm(pull, axis=1) / np.where(length > 0, length, 1)
    return float(pulls.max(initial=0))


def _merged_networks(
    training: _Training, network: Network, last: list[float]
) -> list[Network]:
    """The network merged and trained on at its decay, then again at the last ones.

    As far as that leaves few parameters for the samples.
    """
    found: list[Network] = []
    for decays in ([network.decay], last):
        layer = merge_units(network)
        if not 0 < layer.weights.size <= _SEARCH_PER_SAMPLE * len(training.samples):
            break
        found += training.train(training.start(layer), decays)
        network = found[-1]
    return found


def _error(
    training: _Training, network: Network, charge: float, rng: np.random.Generator
) -> Array:
    """Estimated test error of each output, when all parameters are fitted.

    Generalised cross-validation ``rss / (1 - charge p / n)^2`` with p the effective
    number of parameters of the network made linear in them (Moody 1992).
    """
    samples, x = training.samples, network.flat()
    loss = training.loss(network)
    errors = loss.squared_errors(x)
    for k in range(samples.n_targets):
        free = 1 - charge * _n_effective(loss, network, k, rng) / len(samples)
        errors[k] = errors[k] / free**2 if free > _LEAST_FREE else np.inf
    return errors + samples.within / len(samples)


def _n_effective(
    loss: NetworkLoss, network: Network, k: int, rng: np.random.Generator
) -> float:
    """Effective parameters of output k: exact for few parameters, else by probes."""
    x, n_inputs = network.flat(), network.weights.shape[1] + 1
    n_parameters = len(network) * (n_inputs + 1) + n_inputs
    if n_parameters <= _MOST_EXACT:
        eigenvalues = np.maximum(np.linalg.eigvalsh(loss.curvature(x, k)), 0)
        return float((eigenvalues / (eigenvalues + network.decay)).sum())
    signs = rng.choice([-1.0, 1.0], (_N_PROBES, n_parameters))
    return float(
        np.mean([loss.effective_parameters(x, k, network.decay, s) for s in signs])
    )
