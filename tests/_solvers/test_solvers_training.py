"""The record of a training: iterations, patience and reports."""

import numpy as np
import pytest

from sklearn_depth._solvers._training import Head, Training


def head(number):
    return Head(np.array([[float(number)]]), np.zeros(1))


def run(training, n):
    """The reasons that iterations 0, 1, ... give; each head is its own number."""
    return [training.record(10.0 - k, head(k)) for k in range(n)]


def test_max_iter_counts_from_the_restart():
    training = Training(3)
    assert run(training, 3) == [None, None, "max_iter"]
    training.restart(0.1)
    assert run(training, 3) == [None, None, "max_iter"]
    assert training.losses == [10, 9, 8] * 2
    assert training.best is None
    assert not training.validation_losses


@pytest.mark.parametrize("patience", [1, 3])
def test_patience(patience):
    """The fifth head is the best of these, the next ones are worse or as good."""
    of_head = [5.0, 4, 6, 3, 2, 2, 3, 4, 5]
    training = Training(
        100, lambda head: of_head[int(head.coef[0, 0])], patience=patience
    )
    reasons = []
    training.restart(0.25)
    for k in range(len(of_head)):
        reasons.append(training.record(0.0, head(k)))
        if reasons[-1]:
            break
    expected = 2 if patience == 1 else 4 + patience
    assert reasons == [None] * expected + ["validation"]
    assert training.validation_losses == of_head[: expected + 1]
    best_head, penalty = training.best
    best = int(np.argmin(training.validation_losses))
    assert best_head.coef[0, 0] == best
    assert penalty == 0.25


def test_a_restart_renews_the_patience():
    """Each penalty of a path has its own, but the best head is that of all."""
    training = Training(100, lambda head: head.coef[0, 0], patience=2)
    assert run(training, 3) == [None, None, "validation"]
    training.restart(0.1)
    reasons = [training.record(0.0, head(k)) for k in (5, 6, 7)]
    assert reasons == [None, None, "validation"]
    assert training.best[0].coef[0, 0] == 0


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_loss_that_is_no_number_is_not_the_least(broken):
    of_head = [broken, 3.0, broken, 2.0, broken]
    training = Training(5, lambda head: of_head[int(head.coef[0, 0])])
    bests = []
    for k in range(5):
        training.record(0.0, head(k))
        bests.append(training.best and int(training.best[0].coef[0, 0]))
    assert bests == [None, 1, 1, 3, 3]
    np.testing.assert_array_equal(training.validation_losses, of_head)


def test_reports_see_every_head_and_may_end_the_training():
    seen = []

    def report(head):
        seen.append(int(head.coef[0, 0]))
        return len(seen) == 4

    training = Training(100, report=report)
    assert run(training, 4) == [None, None, None, "callback"]
    assert seen == [0, 1, 2, 3]


def test_a_callback_comes_before_validation_and_validation_before_max_iter():
    def worse(head):
        return head.coef[0, 0]

    everything = Training(2, worse, patience=1, report=lambda head: head.coef[0, 0] > 0)
    assert run(everything, 2) == [None, "callback"]
    assert run(Training(2, worse, patience=1), 2) == [None, "validation"]
