"""Stochastic gradient descent on fully connected ReLU networks, in torch.

This module imports torch; import it only where a network is trained.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import TensorDataset

from sklearn_depth._math._dense_network import DenseNetwork
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._device import find_device
from sklearn_depth._solvers._training import Training
from sklearn_depth.utils._threads import one_torch_thread

# Where the loss is beyond all limits at the start, more than this is an explosion.
_GROWTH = 1.5
_LARGEST_RATE = 1e38  # in float32
_MOST_ROWS = 2**14  # evaluated at a time
_FEW_ROWS = 2**10  # that tell of an explosion
# Samples times weights of a step; of a shorter one threads would mostly wait for each
# other. It takes one core about a millisecond.
_LONG_STEP = 1e7


@dataclass(frozen=True)
class Descent:
    """How to descend.

    loss : "squared", the mean over targets, or "log", of one logit or of several.
    learning_rate : epoch -> step size.
    order : epoch -> order of the samples, for mini-batches.
    batch_size : at least the number of samples for full batches, in their own order.
    usual_loss : of earlier epochs; None where there are none, for that of the start.
    tolerance : how many times as much is an explosion.
    n_halvings : how often the step size may be halved to avoid one.
    """

    loss: str
    learning_rate: Callable[[int], float]
    momentum: float
    weight_decay: float
    batch_size: int
    order: Callable[[int], NDArray]
    device: str
    usual_loss: float | None
    tolerance: float
    n_halvings: int


@dataclass(frozen=True)
class Descended:
    """Where a descent ended, and with what velocity; why, and in which epoch.

    factor : on the step size, after all halvings.
    limit : the loss that would have been an explosion.
    """

    network: DenseNetwork
    velocity: DenseNetwork | None
    stop_reason: str
    n_epochs: int
    factor: float
    limit: float


class WeightedLoss(torch.nn.Module):
    """The mean over samples of weight times loss; the weight is the last target."""

    def __init__(self, loss: str) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, outputs: Any, labels: Any) -> Any:
        targets, weight = labels[:, :-1], labels[:, -1]
        if self.loss == "squared":
            losses = (outputs - targets).square().mean(dim=1)
        elif outputs.shape[1] == 1:
            losses = functional.binary_cross_entropy_with_logits(
                outputs[:, 0], targets[:, 0], reduction="none"
            )
        else:
            losses = functional.cross_entropy(outputs, targets, reduction="none")
        return (weight * losses).mean()


class Batches:
    """Batches of nearly equal size, in a given order.

    Samples are gathered batch by batch; a DataLoader, which collates single ones, takes
    ten times as long.
    """

    def __init__(
        self, dataset: TensorDataset, batch_size: int, order: Callable[[], NDArray]
    ) -> None:
        self.tensors, self.order = dataset.tensors, order
        self.n_batches = -(-len(dataset) // batch_size)

    def __iter__(self) -> Iterator[Any]:
        if self.n_batches == 1:
            yield self.tensors
            return
        order = torch.from_numpy(self.order()).to(self.tensors[0].device)
        for rows in order.tensor_split(self.n_batches):
            yield [tensor[rows] for tensor in self.tensors]


class _Descending:
    """A module on its way, with the orders and rates of its epochs."""

    def __init__(
        self, network: DenseNetwork, samples: Samples, descent: Descent
    ) -> None:
        self.descent, self.epoch, self.factor = descent, 0, 1.0
        device = find_device(descent.device)
        self.module, self.loss = _module(network).to(device), WeightedLoss(descent.loss)
        weights = list(self.module.parameters())
        self.optimizer = torch.optim.SGD(
            [{"params": weights[::2]}, {"params": weights[1::2], "weight_decay": 0}],
            momentum=descent.momentum,
            weight_decay=descent.weight_decay,
        )
        self.data = self.tensors(samples)

    def tensors(self, samples: Samples) -> TensorDataset:
        """Samples where the module is."""
        return _tensors(samples, next(self.module.parameters()).device)

    def run_epoch(self) -> float:
        """The mean loss, of each batch before its step."""
        rate = self.factor * self.descent.learning_rate(self.epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = min(rate, _LARGEST_RATE)
        order = partial(self.descent.order, self.epoch)
        losses, sizes = [], []
        for X, labels in Batches(self.data, self.descent.batch_size, order):
            self.optimizer.zero_grad()
            loss = self.loss(self.module(X), labels)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
            sizes.append(len(X))
        return float(np.average(losses, weights=sizes))

    def loss_on(self, data: TensorDataset) -> float:
        """The loss on these samples."""
        X, labels = data.tensors
        blocks = zip(X.split(_MOST_ROWS), labels.split(_MOST_ROWS), strict=True)
        with torch.no_grad():
            total = sum(float(self.loss(self.module(x), y)) * len(x) for x, y in blocks)
        return total / len(X)

    def training_loss(self) -> float:
        """The loss on the training samples, or on some that are spread over all."""
        every = -(-len(self.data) // _FEW_ROWS)
        return self.loss_on(TensorDataset(*(t[::every] for t in self.data.tensors)))

    def limit(self) -> float:
        """The loss that is an explosion.

        It is measured by what the net began with, or what an output of zeros would do
        if that is worse on these samples.
        """
        at_start = _finite(self.training_loss())
        usual = self.descent.usual_loss
        labels = self.data.tensors[1]
        zeros = self.loss(labels[:, :-1] * 0, labels)
        level = max(at_start if usual is None else usual, float(zeros))
        return max(self.descent.tolerance * level, _GROWTH * at_start)

    def go_back(self, network: DenseNetwork) -> None:
        """Stand still at these weights, with half the step size."""
        self.factor /= 2
        self.optimizer.state.clear()
        with torch.no_grad():
            for p, w in zip(
                self.module.parameters(), _tensors_of(network), strict=True
            ):
                p.copy_(w)

    def network(self) -> DenseNetwork:
        """The weights as they are."""
        return _network_of([p.detach() for p in self.module.parameters()])

    def velocity(self) -> DenseNetwork | None:
        """The momentum of the weights, where there is any."""
        states = self.optimizer.state
        buffers = [states[p].get("momentum_buffer") for p in self.module.parameters()]
        return None if buffers[0] is None else _network_of(buffers)

    def set_velocity(self, velocity: DenseNetwork) -> None:
        moving = zip(self.module.parameters(), _tensors_of(velocity), strict=True)
        for parameter, buffer in moving:
            self.optimizer.state[parameter]["momentum_buffer"] = buffer.to(
                parameter, copy=True
            )


def train_sgd(
    network: DenseNetwork,
    velocity: DenseNetwork | None,
    samples: Samples,
    held_out: Samples | None,
    descent: Descent,
    training: Training,
) -> Descended:
    """Descend from a network until the training's record says stop.

    The inputs of samples are in the type to train in.
    If the loss explodes, the last weights are taken whose loss had not, to go on from
    with half the step size or, if that may be no more, to end with.
    """
    n_rows = min(descent.batch_size, len(samples))
    short = n_rows * sum(coef.size for coef in network.coefs) < _LONG_STEP
    with one_torch_thread() if short else nullcontext():
        return _descend(network, velocity, samples, held_out, descent, training)


def _descend(
    network: DenseNetwork,
    velocity: DenseNetwork | None,
    samples: Samples,
    held_out: Samples | None,
    descent: Descent,
    training: Training,
) -> Descended:
    """Epoch by epoch."""
    run = _Descending(network, samples, descent)
    if velocity is not None:
        run.set_velocity(velocity)
    if held_out is not None:
        aside = run.tensors(held_out)
        training.validation_loss = lambda network: run.loss_on(aside)
    limit, last = run.limit(), network
    reason, n_halvings = None, 0
    while reason is None:
        loss = run.run_epoch()
        if loss <= limit and run.training_loss() <= limit:
            run.epoch += 1
            last = run.network()
            reason = training.record(loss, last)
        elif n_halvings < descent.n_halvings:
            n_halvings += 1
            run.go_back(last)
        else:
            return Descended(last, None, "exploded", run.epoch, run.factor, limit)
    return Descended(last, run.velocity(), reason, run.epoch, run.factor, limit)


def _finite(loss: float) -> float:
    """The loss at the first weights, if it is one."""
    if not np.isfinite(loss):
        raise ValueError(
            f"The loss is {loss} at the weights that training starts from: numbers "
            'overflow. Scale X and y, or use scaling="standardize".'
        )
    return loss


def skorch_net(network: DenseNetwork, loss: str) -> Any:
    """An initialised skorch net with these weights; no random number is drawn."""
    from skorch import NeuralNet

    net = NeuralNet(
        _module(network),
        WeightedLoss,
        criterion__loss=loss,
        optimizer=torch.optim.SGD,
        train_split=None,
        callbacks="disable",
        verbose=0,
        device="cpu",
    )
    return net.initialize()


def _module(network: DenseNetwork) -> torch.nn.Sequential:
    layers: list[torch.nn.Module] = []
    for coef, intercept in zip(network.coefs, network.intercepts, strict=True):
        linear = torch.nn.utils.skip_init(torch.nn.Linear, *coef.shape)
        linear.weight = torch.nn.Parameter(torch.tensor(coef.T.copy()))
        linear.bias = torch.nn.Parameter(torch.tensor(intercept))
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _tensors(samples: Samples, device: torch.device) -> TensorDataset:
    """The inputs; the targets and, after them, weights of mean 1."""
    dtype = samples.X.dtype
    labels = np.column_stack([samples.targets, samples.weight / samples.weight.mean()])
    arrays = np.ascontiguousarray(samples.X), labels.astype(dtype, copy=False)
    return TensorDataset(*(torch.tensor(array, device=device) for array in arrays))


def _tensors_of(network: DenseNetwork) -> list[Any]:
    """Weights as a module has them: (fan_out, fan_in), then the intercept."""
    pairs = zip(network.coefs, network.intercepts, strict=True)
    return [torch.tensor(w) for coef, b in pairs for w in (coef.T, b)]


def _network_of(tensors: list[Any]) -> DenseNetwork:
    arrays = [tensor.cpu().numpy().copy() for tensor in tensors]
    return DenseNetwork([coef.T for coef in arrays[::2]], arrays[1::2])
