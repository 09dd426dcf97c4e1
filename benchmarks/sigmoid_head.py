"""The sigmoid head: against skorch, L-BFGS against descent, memory, rivals, reading."""

import statistics

from processes import measure, print_header, print_ratio

STEPS = 200  # of gradient descent, against skorch
SLOW_STEPS = 1000  # of gradient descent, against L-BFGS
LOSS_TOLERANCE = 1e-4  # relative; float32 sums in another order

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
X, y = make_ball_indicator(
    {n}, {d}, law="two_spheres", radius=2**0.5, random_state=0
)
X, y = X.astype(np.float32), y.astype(np.float32)
"""
)
# The paper's net. The first step is taken outside the clock: both sides go on from it.
PAPER_NET = (
    SPHERES
    + f"""
net = FixedHiddenSigmoidRegressor(
    activation="erf", output="clip", design="iid", hidden_scale=0.5, radius=None,
    fit_intercept=False, solver="gd", alpha=0, tol=0, learning_rate=1e-3, max_iter=1,
    warm_start=True, random_state=0,
).fit(X, y)
net.set_params(max_iter={STEPS})
"""
)
OURS_GD = "net.fit(X, y)"
OURS_LOSS = "net.loss_curve_[-1]"
# The same layer, first weights, loss and step; nothing but the training itself is on.
SKORCH = f"""
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
        module, optimizer=torch.optim.SGD, lr=1e-3, max_epochs={STEPS}, batch_size=-1,
        train_split=None, callbacks="disable", verbose=0, **parameters,
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
SKORCH_LOSS = "net.history[-1]['batches'][0]['train_loss']"

# How many iterations of L-BFGS reach the loss of descent is found outside the clock.
SAME_LOSS = (
    SPHERES
    + f"""
shared = dict(
    design="iid", hidden_scale=0.5, radius=None, alpha=1e-6, random_state=0
)
gd = FixedHiddenSigmoidRegressor(solver="gd", max_iter={SLOW_STEPS}, **shared)
quick = FixedHiddenSigmoidRegressor(**shared)
level = gd.fit(X, y).loss_curve_[-1]
reached = np.array(quick.fit(X, y).loss_curve_) <= level
quick.set_params(max_iter=1 + int(reached.argmax()))
"""
)


def print_ratios(repeats, n=4000, d=20):
    """Against skorch, and L-BFGS against descent."""
    print_header(
        "case", "seconds, ours / theirs", "ratio (range)", "MiB, ours / theirs"
    )
    setup = PAPER_NET.format(n=n, d=d)
    for name, (module, data) in SKORCH_NETS.items():
        theirs = f"net = skorch_net({module}).partial_fit({data}, y[:, None])"
        runs = [
            (
                measure(setup, OURS_GD, OURS_LOSS),
                measure(setup + SKORCH, theirs, SKORCH_LOSS),
            )
            for _ in range(repeats)
        ]
        for ours, others in runs:
            if abs(ours[2] / others[2] - 1) > LOSS_TOLERANCE:
                raise AssertionError(f"losses differ: {ours[2]} and {others[2]}")
        print_ratio(f"{STEPS} GD steps, n={n}, d={d}: ours / {name}", runs)
    setup = SAME_LOSS.format(n=n, d=d)
    runs = [
        (
            measure(setup, "quick.fit(X, y)", "quick.n_iter_"),
            measure(setup, "gd.fit(X, y)"),
        )
        for _ in range(repeats)
    ]
    print_ratio(
        f"to the loss of {SLOW_STEPS} GD steps, n={n}, d={d}: "
        f"L-BFGS, {runs[0][0][2]} iterations / GD",
        runs,
    )


LARGE = (
    QUIET
    + """
X, y = make_ball_indicator(200_000, {d}, random_state=0)
X, y = X.astype(np.float32), y.astype(np.float32)
"""
)


def print_memory():
    """Large fits in float32: the layer's output alone takes 763 MiB."""
    print_header(
        "fit of 200000 rows, 1000 units, float32, 20 iterations", "seconds", "MiB"
    )
    for d, parameters in [
        (20, "alpha=1e-4, tie=100"),
        (50, "alpha=1e-4, tie=100"),
        (20, ""),
    ]:
        work = (
            "FixedHiddenSigmoidRegressor(max_iter=20, random_state=0, "
            f"{parameters}).fit(X, y)"
        )
        seconds, peak, _ = measure(LARGE.format(d=d), work)
        name = parameters or 'alpha="auto", tie="auto"'
        print(f"| d={d}, {name} | {seconds:.1f} | {peak:.0f} |", flush=True)


RIVAL_DATA = (
    QUIET
    + """
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
X, y, ball = make_ball_indicator(4000, {d}, return_truth=True, random_state=0)
X_test, y_test = ball.sample(10_000, random_state=1)
squares = FunctionTransformer(lambda X: np.hstack([X, X**2]))
predict = lambda model: (
    model.predict_proba(X_test)[:, 1] if hasattr(model, "predict_proba")
    else model.predict(X_test)
)
"""
)
RIVALS = {
    "FixedHiddenSigmoidRegressor": "FixedHiddenSigmoidRegressor(random_state=0)",
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


def print_rivals(repeats):
    """Defaults on a ball: time of the fit and test squared error."""
    dimensions = 20, 50
    print_header(
        "model, n=4000",
        *(f"d={d}: {what}" for d in dimensions for what in ("seconds", "error")),
    )
    rows = {name: [] for name in RIVALS}
    for d in dimensions:
        setup = RIVAL_DATA.format(d=d)
        runs = [
            [
                measure(
                    setup,
                    f"model = {model}.fit(X, y)",
                    "float(np.mean((predict(model) - y_test) ** 2))",
                )
                for model in RIVALS.values()
            ]
            for _ in range(repeats)
        ]
        for k, cells in enumerate(rows.values()):
            seconds = statistics.median(run[k][0] for run in runs)
            cells += [f"{seconds:.2f}", f"{runs[0][k][2]:.4f}"]
    for name, cells in rows.items():
        print(f"| {name} |", " | ".join(cells), "|")


# A step is one evaluation of the gradient: the difference of two fits has no more.
READING = """
def seconds(work, repeats=3):
    def once():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    return sorted(once() for _ in range(repeats))[repeats // 2]

few, many = {steps}, 6 * {steps}
step = (
    seconds(lambda: net.set_params(max_iter=many).fit(X, y))
    - seconds(lambda: net.set_params(max_iter=few).fit(X, y))
) / (many - few)
hidden = net.features_.transform(X)
flat = hidden.ravel()
read = seconds(lambda: flat @ flat, 21)
"""


def print_bandwidth():
    """Of the two products of a step of descent, beside a dot product of the matrix."""
    print_header("rows, 1000 units", "MiB", "ms, a step", "its GB/s", "GB/s, a dot")
    for n, steps in [(1000, 200), (4000, 100), (40_000, 10), (200_000, 2)]:
        setup = PAPER_NET.format(n=n, d=20)
        result = "[step, read, hidden.nbytes]"
        _, _, (step, read, size) = measure(setup, READING.format(steps=steps), result)
        print(
            f"| {n} | {size / 2**20:.0f} | {1e3 * step:.2f} "
            f"| {2 * size / step / 1e9:.1f} | {size / read / 1e9:.1f} |",
            flush=True,
        )
