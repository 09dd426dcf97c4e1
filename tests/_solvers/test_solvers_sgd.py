"""Stochastic descent, against a loop without modules and optimizers."""

import numpy as np
import pytest
import torch

from sklearn_depth._math._dense_network import DenseNetwork, xavier_network
from sklearn_depth._math._samples import Samples
from sklearn_depth._solvers._sgd import (
    Batches,
    Descent,
    WeightedLoss,
    train_sgd,
)
from sklearn_depth._solvers._training import Training

rng = np.random.default_rng(0)
N, EPOCHS, BATCH = 30, 4, 8
X = rng.standard_normal((N, 3))
height = X[:, 0] + X[:, 1] ** 2
weight = rng.uniform(0.2, 3, N)
weight /= weight.mean()
TARGETS = {
    "one target": ("squared", height[:, None]),
    "two targets": ("squared", np.column_stack([height, X[:, 2]])),
    "two classes": ("log", 1.0 * (height > 1)[:, None]),
    "three classes": ("log", np.eye(3)[np.digitize(height, [0, 1])]),
}
ORDERS = [rng.permutation(N) for _ in range(EPOCHS)]
RATES = [0.1, 0.05, 0.02, 0.01]
each_problem = pytest.mark.parametrize("problem", TARGETS)
each_type = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def start(problem, dtype=np.float64):
    sizes = 3, 6, 5, TARGETS[problem][1].shape[1]
    return xavier_network(sizes, np.random.default_rng(0)).astype(dtype)


def samples(problem, dtype=np.float64, weight=weight):
    return Samples.of(X.astype(dtype), TARGETS[problem][1], weight)


def descent(problem, **changed):
    usual = {
        "loss": TARGETS[problem][0],
        "learning_rate": lambda epoch: RATES[epoch],
        "momentum": 0.8,
        "weight_decay": 0.1,
        "batch_size": BATCH,
        "order": lambda epoch: ORDERS[epoch],
        "device": "cpu",
        "usual_loss": None,
        "tolerance": 1000.0,
        "n_halvings": 0,
    }
    return Descent(**usual | changed)


def loop(problem, dtype, batch_size=BATCH, momentum=0.8, decay=0.1):
    """The same descent without an optimizer; losses of rows by their formulas."""
    network, (loss, targets) = start(problem, dtype), TARGETS[problem]
    pairs = zip(network.coefs, network.intercepts, strict=True)
    weights = [torch.tensor(w, requires_grad=True) for pair in pairs for w in pair]
    moved = [torch.zeros_like(w) for w in weights]
    data = [torch.tensor(array.astype(dtype)) for array in (X, targets, weight)]
    curve = []
    for order, rate in zip(ORDERS, RATES, strict=True):
        total = 0.0
        n_batches = -(-N // batch_size)
        for batch in np.array_split(order, n_batches):
            x, y, w = (tensor[batch] for tensor in data)
            for k in range(0, len(weights), 2):
                x = (x.relu() if k else x) @ weights[k] + weights[k + 1]
            if loss == "squared":
                losses = ((x - y) ** 2).mean(dim=1)
            elif x.shape[1] == 1:
                losses = (torch.log1p(x.exp()) - y * x)[:, 0]
            else:
                losses = x.exp().sum(dim=1).log() - (x * y).sum(dim=1)
            mean = (w * losses).mean()
            gradients = torch.autograd.grad(mean, weights)
            total += len(batch) * mean.item()
            with torch.no_grad():
                for k, gradient in enumerate(gradients):
                    if k % 2 == 0:
                        gradient = gradient + decay * weights[k]
                    moved[k].mul_(momentum).add_(gradient)
                    weights[k] -= rate * moved[k]
        curve.append(total / N)
    arrays = [w.detach().numpy() for w in weights]
    velocity = [v.numpy() for v in moved]
    return arrays, velocity, curve


def assert_same(network, arrays, dtype):
    tolerance = 1e-10 if dtype == np.float64 else 2e-5
    pairs = zip(network.coefs, network.intercepts, strict=True)
    for found, expected in zip(
        [w for pair in pairs for w in pair], arrays, strict=True
    ):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@each_problem
@each_type
@pytest.mark.parametrize("batch_size", [1, 8, 15])
def test_a_loop_in_torch(problem, dtype, batch_size):
    training = Training(EPOCHS)
    found = train_sgd(
        start(problem, dtype),
        None,
        samples(problem, dtype),
        None,
        descent(problem, batch_size=batch_size),
        training,
    )
    arrays, velocity, curve = loop(problem, dtype, batch_size)
    assert_same(found.network, arrays, dtype)
    assert_same(found.velocity, velocity, dtype)
    np.testing.assert_allclose(training.losses, curve, rtol=1e-5)
    assert (found.stop_reason, found.n_epochs) == ("max_iter", EPOCHS)


@pytest.mark.parametrize("problem", ["one target", "three classes"])
def test_a_descent_goes_on_where_one_ended(problem):
    whole = train_sgd(
        start(problem), None, samples(problem), None, descent(problem), Training(EPOCHS)
    )
    state = start(problem), None
    for k in range(EPOCHS):
        part = train_sgd(
            *state,
            samples(problem),
            None,
            descent(
                problem,
                order=lambda epoch, k=k: ORDERS[k + epoch],
                learning_rate=lambda epoch, k=k: RATES[k + epoch],
            ),
            Training(1),
        )
        state = part.network, part.velocity
    for found, expected in (
        (part.network, whole.network),
        (part.velocity, whole.velocity),
    ):
        for layer, other in zip(found.coefs, expected.coefs, strict=True):
            np.testing.assert_array_equal(layer, other)


@pytest.mark.parametrize("n_rows", [1, 7, 8, 9, 30, 64])
def test_every_row_is_in_one_batch(n_rows):
    order = np.random.default_rng(1).permutation(n_rows)
    dataset = torch.utils.data.TensorDataset(torch.arange(n_rows))
    batches = [batch.numpy() for (batch,) in Batches(dataset, 8, lambda: order)]
    sizes = [len(batch) for batch in batches]
    assert len(batches) == -(-n_rows // 8)
    assert max(sizes) - min(sizes) <= 1
    expected = order if len(batches) > 1 else np.arange(n_rows)
    np.testing.assert_array_equal(np.concatenate(batches), expected)


def test_losses_stay_finite_where_their_formulas_overflow():
    logits = torch.tensor([[1e4], [-1e4], [1e4], [-1e4]])
    labels = torch.tensor([[1.0, 1], [0, 1], [0, 1], [1, 1]])
    assert WeightedLoss("log")(logits, labels).item() == pytest.approx(5e3)
    several = torch.tensor([[1e4, 0, -1e4], [0, 1e4, 0]])
    targets = torch.tensor([[1.0, 0, 0, 1], [1, 0, 0, 1]])
    assert WeightedLoss("log")(several, targets).item() == pytest.approx(5e3)


def test_the_first_weights_are_left_alone():
    network = start("one target")
    copies = network.astype(np.float64)
    train_sgd(
        network,
        None,
        samples("one target"),
        None,
        descent("one target"),
        Training(EPOCHS),
    )
    for layer, copy in zip(network.coefs, copies.coefs, strict=True):
        np.testing.assert_array_equal(layer, copy)


LIGHT_FIRST = {
    "light rows first": (X, np.where(np.arange(N) < BATCH, 1e-6, 1.0)),
    "rows of zeros first": (np.where(np.arange(N)[:, None] < BATCH, 0, X), np.ones(N)),
}


@pytest.mark.parametrize("case", LIGHT_FIRST)
def test_rows_without_a_loss_may_come_first(case):
    """What counts as an explosion does not depend on how the rows are sorted."""
    Z, weight = LIGHT_FIRST[case]
    targets = np.where(np.arange(N) < BATCH, 0, height)[:, None]
    training = Training(EPOCHS)
    found = train_sgd(
        start("one target"),
        None,
        Samples.of(Z, targets, weight),
        None,
        descent("one target"),
        training,
    )
    assert found.stop_reason == "max_iter"
    assert len(training.losses) == EPOCHS


@pytest.mark.parametrize(
    ("usual_loss", "reason"), [(None, "max_iter"), (1e-30, "max_iter")]
)
def test_a_small_loss_may_rise_to_that_of_zeros(usual_loss, reason):
    """It is no explosion if rows that the net knew by heart are now like others."""
    network = start("one target")
    targets = network.values(X) + 1e-6 * rng.standard_normal((N, 1))
    found = train_sgd(
        network,
        None,
        Samples.of(X, targets),
        None,
        descent(
            "one target",
            learning_rate=lambda epoch: 0.02,
            weight_decay=1.0,
            usual_loss=usual_loss,
        ),
        Training(EPOCHS),
    )
    assert found.stop_reason == reason


def squares(array):
    return np.mean(array**2)


@pytest.mark.parametrize(
    ("scale", "usual_loss", "limit"),
    [
        (1e-3, None, 1000),  # of what zeros would have
        (1e3, None, 1000),  # of the first loss
        (1e3, 1e6, 1000),  # of what is usual
        (1e3, 1.0, 1.5),  # of the first loss, which is beyond the others
    ],
)
def test_what_an_explosion_is(scale, usual_loss, limit):
    first = start("one target")
    network = DenseNetwork(
        [*first.coefs[:-1], first.coefs[-1] * scale], first.intercepts
    )
    targets = height[:, None]
    levels = {
        "zeros": squares(targets),
        "first": squares(network.values(X) - targets),
        "usual": usual_loss or 0.0,
    }
    found = train_sgd(
        network,
        None,
        Samples.of(X, targets),
        None,
        descent("one target", learning_rate=lambda _: 1e-12, usual_loss=usual_loss),
        Training(1),
    )
    known = levels["usual"] or levels["first"]
    largest = 1000 * max(levels["zeros"], known)
    expected = max(largest, 1.5 * levels["first"])
    assert found.limit == pytest.approx(expected, rel=1e-6)
    assert (limit == 1.5) == (expected > largest)


@each_problem
def test_half_the_step_until_nothing_explodes(problem):
    """Each epoch that counts ended below the limit."""
    training = Training(EPOCHS)
    big = {"learning_rate": lambda epoch: 2.0**60 * RATES[epoch], "batch_size": N}
    found = train_sgd(
        start(problem),
        None,
        samples(problem),
        None,
        descent(problem, **big, tolerance=2.0, n_halvings=80),
        training,
    )
    assert found.stop_reason == "max_iter"
    assert np.log2(found.factor) == np.round(np.log2(found.factor)) < -20
    assert max(training.losses) < found.limit
    again = train_sgd(
        start(problem),
        None,
        samples(problem),
        None,
        descent(problem, **big, tolerance=2.0, n_halvings=3),
        Training(EPOCHS),
    )
    assert again.stop_reason == "exploded"
    assert again.factor == 1 / 8
    for layer, first in zip(again.network.coefs, start(problem).coefs, strict=True):
        np.testing.assert_array_equal(layer, first)


def test_numbers_that_overflow_at_once_are_refused():
    big = DenseNetwork([1e30 * np.ones((3, 1), "f4")], [np.zeros(1, "f4")])
    with pytest.raises(ValueError, match=r"The loss is inf at the weights that tra"):
        train_sgd(
            big,
            None,
            samples("one target", np.float32),
            None,
            descent("one target"),
            Training(EPOCHS),
        )
