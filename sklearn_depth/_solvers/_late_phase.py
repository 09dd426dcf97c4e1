"""The late phase of feature learning: both layers of a ReLU network under weight decay.

Gradient descent on both layers, under a decay that falls, moves the units to the few
directions that the targets are made of (Zhou and Ge 2024, arXiv 2406.01766). Units that
have met are merged. Samples are weighted by ``share``, which sums to 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sklearn_depth._solvers._feature_steps import target_scale
from sklearn_depth._solvers._lbfgs import minimize_lbfgs
from sklearn_depth._solvers._network import Network
from sklearn_depth._solvers._network_loss import NetworkLoss
from sklearn_depth._solvers._spectrum import Array, effective_samples
from sklearn_depth._solvers._subspace_steps import Layer, fit_head
from sklearn_depth.utils._memory import row_blocks

# Over the least decay that leaves no unit: for all units, and for merged ones.
_DECAYS = (0.6, 0.3, 0.1, 0.03)
_MERGED_DECAYS = (0.03, 0.003)
# A decay has done its work when so many iterations gain less than this share.
_N_RECENT, _LITTLE = 20, 0.003
_MOST_ITERATIONS = 300
# Units whose directions have such a cosine are one, and clusters with less than such a
# share of the weight of the heaviest one are none.
_SAME, _FAINT = 0.9, 0.05
# What a linear fit leaves of targets of unit variance, where it leaves nothing.
_ROUNDING = 1e-12
# Merged units may have so many parameters for each sample.
_SEARCH_PER_SAMPLE = 0.3
# Effective parameters are counted exactly for so many, and else by random probes.
_MOST_EXACT, _N_PROBES = 1000, 2
# What a parameter of merged units counts, which were chosen among many, as in the
# generalised cross-validation of Kim and Gu (2004).
_CHOSEN = 1.4
# With a smaller share of the samples free of the fit, its error cannot be told.
_LEAST_FREE = 0.3


@dataclass(frozen=True)
class _Problem:
    """The samples, their weights, and where to train on them."""

    Z: NDArray
    targets: Array
    sample_weight: Array | None
    share: Array
    device: str

    def start(self, rows: Array, biases: Array) -> Network:
        """Units with a ridge head."""
        head = fit_head(self.Z, rows, biases, self.targets, self.sample_weight)
        return Network(rows, biases, head.coef, head.intercept)

    def train(self, network: Network, decays: list[float]) -> list[Network]:
        return train_both_layers(
            self.Z,
            self.targets,
            self.share,
            network.rows,
            network.biases,
            network.coef,
            network.intercept,
            decays,
            device=self.device,
        )

    def n_samples(self) -> float:
        return effective_samples(len(self.Z), self.sample_weight)


def late_layers(
    Z: NDArray,
    targets: Array,
    sample_weight: Array | None,
    share: Array,
    rows: Array,
    biases: Array,
    *,
    device: str,
    rng: np.random.Generator,
) -> list[Layer]:
    """Layers trained on from given units: at each decay all units, and merged ones.

    Their scores compare with each other and, after its charge, with that of a layer
    that was not trained on. Left out is what has no estimate of its error, for want of
    samples; so that there may be none, as where a linear part leaves nothing to units.
    """
    Z, rows, biases = (v.astype(np.float64, copy=False) for v in (Z, rows, biases))
    mean, scale = share @ targets, target_scale(targets, share)
    wanted = (targets - mean) / scale
    scale = np.where(np.isfinite(scale), scale, 0)
    most = largest_decay(Z, wanted, share, rows, biases)
    if most < _ROUNDING:
        return []
    problem = _Problem(Z, wanted, sample_weight, share, device)
    network, last = problem.start(rows, biases), [most * c for c in _MERGED_DECAYS]
    found: list[tuple[Network, Array]] = []
    for decay in _DECAYS:
        network = problem.train(network, [most * decay])[0]
        found.append((network, _score(problem, network, 1.0, rng)))
        merged = [
            (one, _score(problem, one, _CHOSEN, rng))
            for one in _merged_networks(problem, network, last)
        ]
        found += merged + _thinned_networks(problem, merged, rng)
    return [
        Layer(one.rows, one.biases, score * scale**2, n_search=0.0)
        for one, score in found
        if len(one.rows) and np.isfinite(score).all()
    ]


def _thinned_networks(
    problem: _Problem,
    merged: list[tuple[Network, Array]],
    rng: np.random.Generator,
) -> list[tuple[Network, Array]]:
    """The best network less its lightest units, one by one while that helps."""
    found: list[tuple[Network, Array]] = []
    if not merged:
        return found
    network, score = min(merged, key=lambda pair: pair[1].mean())
    while len(network.rows) > 1:
        network = problem.train(network.thinned(), [network.decay])[0]
        last, score = score, _score(problem, network, _CHOSEN, rng)
        if not score.mean() < last.mean():
            break
        found.append((network, score))
    return found


def train_both_layers(
    Z: NDArray,
    targets: Array,
    share: Array,
    rows: Array,
    biases: Array,
    coef: Array,
    intercept: Array,
    alphas: Iterable[float],
    *,
    device: str,
) -> list[Network]:
    """Networks trained on both layers, each at one decay and from the one before.

    Minimised by L-BFGS is ``sum_i share_i |f(z_i) - y_i|^2 / 2 + alpha / 2 sum_j
    (|a_j|^2 + |w_j|^2 + b_j^2)``, no decay on the linear part. Units that die are left
    out from then on.
    """
    network = Network(rows, biases, coef, intercept).balanced()
    networks = []
    for alpha in alphas:
        loss = NetworkLoss(Z, targets, share, len(network.rows), device=device)
        network = _train(network, loss, alpha).living()
        networks.append(network)
    return networks


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


def merge_units(rows: Array, biases: Array, coef: Array) -> tuple[Array, Array]:
    """Rows and biases of one unit, (w, b) of norm 1, for each cluster of alike ones.

    From the heaviest unit on, each takes to it all whose (w, b) has a cosine above 0.9
    with its own, of either sign: relu(-u) = relu(u) - u, and what is linear is the
    head's. A cluster has the mean of their directions, by weight |a| |(w, b)|.
    """
    network = Network(rows, biases, coef, np.zeros(coef.shape[1]))
    outer, inner = network.sizes()
    weight = outer * inner
    units = network.units / np.where(inner > 0, inner, 1)[:, None]
    left = weight > 0
    merged, sizes = [], []
    for j in np.argsort(-weight, kind="stable"):
        if not left[j]:
            continue
        cosines = units @ units[j]
        members = left & (np.abs(cosines) > _SAME)
        left &= ~members
        merged.append((weight * np.sign(cosines))[members] @ units[members])
        sizes.append(weight[members].sum())
    centres = np.reshape(merged, (-1, units.shape[1]))
    centres = centres[np.array(sizes) >= _FAINT * max(sizes, default=0)]
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return centres[:, :-1], centres[:, -1]


def largest_decay(
    Z: NDArray, targets: Array, share: Array, rows: Array, biases: Array
) -> float:
    """The least decay at which none of these units would grow from zero.

    The largest ``|E[r relu(<w, z> + b)]|`` with |(w, b)| = 1 and r what a linear fit
    leaves of the targets: a balanced unit costs ``decay |a| |(w, b)|``.
    """
    root = np.sqrt(share)[:, None]
    inputs = np.column_stack([Z, np.ones(len(Z))])
    linear = np.linalg.lstsq(root * inputs, root * targets)[0]
    residual = share[:, None] * (targets - inputs @ linear)
    units = np.column_stack([rows, biases])
    pull = np.zeros((len(units), targets.shape[1]))
    for block in row_blocks(len(Z), len(units)):
        pull += np.maximum(inputs[block] @ units.T, 0).T @ residual[block]
    length = np.linalg.norm(units, axis=1)
    pulls = np.linalg.norm(pull, axis=1) / np.where(length > 0, length, 1)
    return float(pulls.max(initial=0))


def _merged_networks(
    problem: _Problem, network: Network, last: list[float]
) -> list[Network]:
    """The network merged and trained on at its decay, then again at the last ones.

    As far as that leaves few parameters for the samples.
    """
    found: list[Network] = []
    for decays in ([network.decay], last):
        rows, biases = merge_units(network.rows, network.biases, network.coef)
        if not 0 < rows.size <= _SEARCH_PER_SAMPLE * problem.n_samples():
            break
        found += problem.train(problem.start(rows, biases), decays)
        network = found[-1]
    return found


def _score(
    problem: _Problem, network: Network, charge: float, rng: np.random.Generator
) -> Array:
    """Estimated test error of each output, when all parameters are fitted.

    Generalised cross-validation ``rss / (1 - charge p / n)^2`` with p the effective
    number of parameters of the network made linear in them (Moody 1992).
    """
    Z, targets = problem.Z, problem.targets
    loss = NetworkLoss(
        Z, targets, problem.share, len(network.rows), device=problem.device
    )
    x, n_samples = network.flat(), problem.n_samples()
    scores = loss.squared_errors(x)
    for k in range(targets.shape[1]):
        free = 1 - charge * _n_effective(loss, network, k, rng) / n_samples
        scores[k] = scores[k] / free**2 if free > _LEAST_FREE else np.inf
    return scores


def _n_effective(
    loss: NetworkLoss, network: Network, k: int, rng: np.random.Generator
) -> float:
    """Effective parameters of output k: exact for few parameters, else by probes."""
    x, n_inputs = network.flat(), network.rows.shape[1] + 1
    n_parameters = len(network.rows) * (n_inputs + 1) + n_inputs
    if n_parameters <= _MOST_EXACT:
        eigenvalues = np.maximum(np.linalg.eigvalsh(loss.curvature(x, k)), 0)
        return float((eigenvalues / (eigenvalues + network.decay)).sum())
    signs = rng.choice([-1.0, 1.0], (_N_PROBES, n_parameters))
    return float(
        np.mean([loss.effective_parameters(x, k, network.decay, s) for s in signs])
    )
