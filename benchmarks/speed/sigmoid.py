"""The sigmoid head: against skorch, L-BFGS against descent, memory, rivals."""

from speed.case import Case, Side

TITLE = "The sigmoid head"

QUIET = """
import warnings
import numpy as np
from sklearn_depth import FixedHiddenSigmoidRegressor
from sklearn_depth.datasets import make_ball_indicator
warnings.simplefilter("ignore")  # of max_iter
"""
SPHERES = (
    QUIET
    + """
X, y = make_ball_indicator({n}, 20, law="two_spheres", radius=2**0.5, random_state=0)
X, y = X.astype(np.float32), y.astype(np.float32)
"""
)
# The paper's net. The first step is taken outside the clock: both sides go on from it.
PAPER_NET = (
    SPHERES
    + """
net = FixedHiddenSigmoidRegressor(
    activation="erf", output="clip", design="iid", hidden_scale=0.5, radius=None,
    fit_intercept=False, solver="gd", alpha=0, tol=0, learning_rate=1e-3, max_iter=1,
    warm_start=True, random_state=0,
).fit(X, y)
net.set_params(max_iter={steps})
"""
)
# The same layer, first weights, loss and step; nothing but the training itself is on.
SKORCH = """
import torch
from skorch import NeuralNetRegressor

layer = net.features_
WEIGHTS, BIASES = map(torch.from_numpy, (layer.hidden_coef_, layer.hidden_intercept_))

class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.head = torch.nn.Linear(len(WEIGHTS), 1, bias=False)
        self.head.weight.data = torch.from_numpy(net.coef_[None].copy())

    def forward(self, hidden):
        return self.head(hidden).clamp(0, 1)

class Net(Head):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(*WEIGHTS.T.shape).requires_grad_(False)
        self.hidden.weight.data, self.hidden.bias.data = WEIGHTS, BIASES

    def forward(self, X):
        return super().forward(torch.erf(self.hidden(X)))

class WholeBatch:
    def __init__(self, dataset, batch_size):
        self.batch = torch.from_numpy(dataset.X), torch.from_numpy(dataset.y)

    def __iter__(self):
        yield self.batch

def skorch_net(module, **parameters):
    return NeuralNetRegressor(
        module, optimizer=torch.optim.SGD, lr=1e-3, max_epochs=net.max_iter,
        batch_size=-1, train_split=None, callbacks="disable", verbose=0, **parameters,
    ).initialize()

def hidden():
    return torch.erf(torch.nn.functional.linear(torch.from_numpy(X), WEIGHTS, BIASES))
"""
SKORCH_NETS = {
    "a skorch net": ("Net", "X"),
    "a skorch net, data handed over whole": ("Net, iterator_train=WholeBatch", "X"),
    "a skorch head on the layer's output, made once, handed over whole": (
        "Head, iterator_train=WholeBatch",
        "hidden().numpy()",
    ),
}
# How many iterations of L-BFGS reach the loss of descent is found outside the clock.
SAME_LOSS = (
    SPHERES
    + """
shared = dict(
    design="iid", hidden_scale=0.5, radius=None, alpha=1e-6, random_state=0
)
gd = FixedHiddenSigmoidRegressor(solver="gd", max_iter={steps}, **shared)
quick = FixedHiddenSigmoidRegressor(**shared)
level = gd.fit(X, y).loss_curve_[-1]
reached = np.array(quick.fit(X, y).loss_curve_) <= level
quick.set_params(max_iter=1 + int(reached.argmax()))
"""
)
LARGE = (
    QUIET
    + """
X, y = make_ball_indicator({n}, 20, random_state=0)
X, y = X.astype(np.float32), y.astype(np.float32)
"""
)
FIT_LARGE = """FixedHiddenSigmoidRegressor(
    max_iter=20, alpha=1e-4, tie=100, random_state=0
).fit(X, y)"""

BALL = (
    QUIET
    + """
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
X, y, ball = make_ball_indicator({n}, {d}, return_truth=True, random_state=0)
X_test, y_test = ball.sample(10_000, random_state=1)
squares = FunctionTransformer(lambda X: np.hstack([X, X**2]))
predict = lambda model: (
    model.predict_proba(X_test)[:, 1] if hasattr(model, "predict_proba")
    else model.predict(X_test)
)
"""
)
RIVALS = {
    "squares + LogisticRegression": (
        "make_pipeline(StandardScaler(), squares, LogisticRegression())"
    ),
    "squares + LogisticRegressionCV, 10 penalties": (
        "make_pipeline(StandardScaler(), squares, LogisticRegressionCV("
        "scoring='neg_brier_score', use_legacy_attributes=False, l1_ratios=(0,)))"
    ),
    "HistGradientBoostingRegressor": "HistGradientBoostingRegressor(random_state=0)",
    "MLPRegressor": "MLPRegressor(random_state=0)",
}


def cases(quick):
    n = 1000 if quick else 4000
    return [
        *against_skorch(n, 20 if quick else 200),
        against_descent(n, 200 if quick else 1000),
        memory(5000 if quick else 200_000),
        *against_rivals(n, 20),
        *against_rivals(n, 50),
    ]


def against_skorch(n, steps):
    """Both sides go on from the same weights, and must end at the same loss."""
    setup = PAPER_NET.format(n=n, steps=steps)
    ours = Side("gd", "net.fit(X, y)", setup, "same=net.loss_curve_[-1]")
    loss = "same=net.history[-1]['batches'][0]['train_loss']"
    fits = {
        name: f"net = skorch_net({module}).partial_fit({data}, y[:, None])"
        for name, (module, data) in SKORCH_NETS.items()
    }
    return [
        Case(
            f"{steps} GD steps, n={n}, d=20: ours / {name}",
            3,
            ours,
            Side(name, fit, setup + SKORCH, loss),
            asked="<= 0.2",
            same=1e-4,  # float32 sums in another order
            repeats=2,
        )
        for name, fit in fits.items()
    ]


def against_descent(n, steps):
    setup = SAME_LOSS.format(n=n, steps=steps)
    quick = Side("L-BFGS", "quick.fit(X, y)", setup, "iterations=quick.n_iter_")
    descent = Side("gradient descent", "gd.fit(X, y)", setup, f"iterations={steps}")
    title = f"n={n}, d=20, to the loss of {steps} GD steps: L-BFGS / GD"
    return Case(title, 3, quick, descent)


def memory(n):
    """A large fit in float32: the layer's output alone takes 4 kB a row."""
    side = Side("alpha and tie given", FIT_LARGE, LARGE.format(n=n))
    title = f"n={n}, 1000 units, float32, 20 iterations: memory"
    return Case(title, 3, side, asked="<= 2048", of="MiB", repeats=1)


def against_rivals(n, d):
    """Defaults on a ball: seconds of the fit and test squared error."""
    return [
        Case(
            f"defaults on a ball, n={n}, d={d}: ours / {name}",
            3,
            on_a_ball(n, d, "ours", "FixedHiddenSigmoidRegressor(random_state=0)"),
            on_a_ball(n, d, name, model),
            repeats=1,
        )
        for name, model in RIVALS.items()
    ]


def on_a_ball(n, d, name, model):
    return Side(
        name,
        f"model = {model}.fit(X, y)",
        BALL.format(n=n, d=d),
        "test_error=np.mean((predict(model) - y_test) ** 2)",
    )
