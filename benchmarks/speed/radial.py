"""Radial regression: against hinges written down, the product alone, knots, rows."""

from speed.case import Case, Side

TITLE = "Radial regression"

# Both sides have the same directions and knots; BLAS has run when the clock starts.
SETUP = """
import numpy as np
from sklearn_depth import RadialTwoLayerRegressor
from sklearn_depth.datasets import make_radial
from sklearn_depth.features import RadialFeatures
X, y = make_radial({n}, 100, profile="sine", random_state=0)
model = RadialTwoLayerRegressor({m}, n_knots={k}, random_state=0)
model.fit(X[:300], y[:300])
layer = RadialFeatures({m}, n_knots={k}, random_state=0).fit(X)
W, knots, centred = layer.directions_, layer.knots_, X - layer.center_
X @ X.T
"""
FIT = "model.fit(X, y)"
OURS_SAME = "same=np.linalg.norm(model.features_.transform(X))"
HINGES = """
means = np.empty(({n}, {k}))
for first in range(0, {n}, {n_block}):
    rows = slice(first, first + {n_block})
    projections = abs(centred[rows] @ W.T)
    {average}
"""
AVERAGES = {
    # As one writes it: of a few rows, as all hinges take 4 GB.
    "all hinges and their means": (
        10,
        "means[rows] = np.maximum(projections[..., None] - knots, 0).mean(axis=1)",
    ),
    # In the second-level cache.
    "the same, a knot at a time": (
        50,
        "means[rows] = np.transpose([np.maximum(projections - knot, 0).mean(axis=1)"
        " for knot in knots])",
    ),
}
PRODUCT = "product = centred @ W.T"

# Inputs are made in place: nothing but the data has been in memory.
ROWS = """
import numpy as np
from sklearn_depth import RadialTwoLayerRegressor
rng = np.random.default_rng(0)
radii = 2 * rng.uniform(size={n})
X = rng.standard_normal(({n}, 20))
X *= (radii / np.sqrt(np.einsum("ij,ij->i", X, X)))[:, None]
y = np.sin(3 * radii)
model = RadialTwoLayerRegressor({parameters}, random_state=0).fit(X[:999], y[:999])
"""


def cases(quick):
    n, m = (500, 4000) if quick else (2000, 10_000)
    return [
        *against_hinges(n, m, 1),
        *([] if quick else against_hinges(n, m, 0)),
        against_knots(n, m),
        *many_rows(100_000 if quick else 1_000_000),
    ]


def ours(n, m, k, threads):
    setup = SETUP.format(n=n, m=m, k=k)
    return Side(f"{k} knots", FIT, setup, OURS_SAME, threads)


def against_hinges(n, m, threads, k=25):
    """Of the same means of the same hinges, and of what they need."""
    fit, setup = ours(n, m, k, threads), SETUP.format(n=n, m=m, k=k)
    how = "one thread" if threads else "all threads"
    about = f"n={n}, d=100, {m} directions, {how}: fit"
    asked = dict(zip(AVERAGES, ["<= 0.25", ""], strict=True))
    product = Side("X W'", PRODUCT, setup, threads=threads)
    return [
        *(
            Case(
                f"{about} / {name}",
                7,
                fit,
                Side(
                    name,
                    hinges(n, k, *block),
                    setup,
                    "same=np.linalg.norm(means)",
                    threads,
                ),
                asked=asked[name],
                same=1e-9,
            )
            for name, block in AVERAGES.items()
        ),
        Case(f"{about} / the product X W' alone", 7, fit, product, "<= 1.7"),
    ]


def hinges(n, k, n_block, average):
    return HINGES.format(n=n, k=k, n_block=n_block, average=average)


def against_knots(n, m, few=10, many=160):
    title = f"n={n}, d=100, {m} directions, one thread: {many} knots / {few}"
    return Case(title, 7, ours(n, m, many, 1), ours(n, m, few, 1))


def many_rows(n):
    """Fits whose directions' features would not fit into memory."""
    models = {
        "default": "None",
        "1000 directions": "1000",
        'center="learn"': 'center="learn"',
    }
    return [
        Case(
            f"n={n}, d=20: {name}, memory",
            7,
            Side(name, FIT, ROWS.format(n=n, parameters=parameters)),
            asked="<= 1024",
            of="MiB",
            repeats=1,
        )
        for name, parameters in models.items()
    ]
