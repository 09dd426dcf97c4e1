"""Time and memory of a fit against samples and against features, with exponents."""

from pathlib import Path

import numpy as np
import pandas as pd
from speed.process import measure

from sklearn_depth.studies import run_cells

# Sizes rise until a fit takes so many CPU seconds, or the next would take so many.
LONG, TOO_LONG = 20, 120
SAMPLES = [(1000 * 4**k, 20) for k in range(6)]
FEATURES = [(4000, 10 * 2**k) for k in range(6)]
QUICK = [(500, 5)], []
# Slopes are over the last sizes, and those of memory over more than noise.
N_LAST, LEAST_MIB = 3, 20

SETUP = """
import numpy as np
from sklearn_depth import *
from sklearn_depth.features import *
from sklearn.pipeline import make_pipeline
rng = np.random.default_rng(0)
X = rng.standard_normal(({n}, {d}))
y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal({n})
model = {model}
model.fit(X[:100], y[:100])
"""
MODELS = {
    "FixedHiddenSigmoidRegressor": "FixedHiddenSigmoidRegressor(random_state=0)",
    "RadialTwoLayerRegressor": "RadialTwoLayerRegressor(random_state=0)",
    "HermitePolynomialRegressor": "HermitePolynomialRegressor()",
    "HermitePolynomialRegressor(2)": "HermitePolynomialRegressor(2)",
    "ReLUNetworkRegressor": "ReLUNetworkRegressor(random_state=0)",
    "TwoLayerGDRegressor": "TwoLayerGDRegressor(random_state=0)",
    "ThreeLayerFeatureRegressor": "ThreeLayerFeatureRegressor(random_state=0)",
    "KernelRidge": "KernelRidge('loo')",
    "KernelRidge(n_components=500)": (
        "KernelRidge('gcv', n_components=500, random_state=0)"
    ),
    "SigmoidFeatures + StreamingRidge": (
        "make_pipeline(SigmoidFeatures(random_state=0), StreamingRidge())"
    ),
}


def run_scale(quick, output):
    """A row a size, saved as ``scale.parquet``; a run that is stopped goes on."""
    memory = output / ".cells" / "scale"
    sweeps = dict(zip(("n", "d"), QUICK if quick else (SAMPLES, FEATURES), strict=True))
    rows = [
        {"model": model, "rising": rising} | row
        for model in MODELS
        for rising, sizes in sweeps.items()
        for row in rise(model, sizes, memory)
    ]
    pd.DataFrame(rows).to_parquet(output / "scale.parquet", index=False)


def rise(model, sizes, memory: Path):
    """Rows of rising sizes, as long as fits are short, and grow as they have grown."""
    last = np.inf
    for n, d in sizes:
        cell = {"model": model, "n": n, "d": d}
        (row,) = run_cells(measure_fit, [cell], memory=memory).rows()
        yield {name: row[name] for name in ("n", "d", "cpu", "above", "error")}
        if row["error"] or row["cpu"] > LONG or row["cpu"] ** 2 / last > TOO_LONG:
            return
        last = row["cpu"]


def measure_fit(model, n, d):
    """CPU seconds of a fit in a process of its own, and MiB above the data's."""
    setup = SETUP.format(model=MODELS[model], n=n, d=d)
    found = measure(model, "model.fit(X, y)", setup, "", 1, 0)
    return {"cpu": found["cpu"], "above": found["above"]}


def exponent(sizes, values):
    """The slope of log values over log sizes, at the last sizes; NaN of too few."""
    sizes, values = np.asarray(sizes)[-N_LAST:], np.asarray(values)[-N_LAST:]
    if len(sizes) < 2:
        return np.nan
    return np.polyfit(np.log(sizes), np.log(values), 1)[0]


def exponents(rows, rising):
    """Those of time and of memory as ``n`` or ``d`` rises."""
    rows = rows[(rows["rising"] == rising) & (rows["error"] == "")]
    large = rows[rows["above"] >= LEAST_MIB]
    return exponent(rows[rising], rows["cpu"]), exponent(large[rising], large["above"])


HEADER = (
    "estimator", "largest n", "CPU seconds there", "MiB there",
    "time, n", "memory, n", "time, d", "memory, d",
)  # fmt: skip


def cost_rows(table):
    """For each model: seconds and MiB at the largest sizes, and the exponents."""
    for model, rows in table.groupby("model", sort=False):
        fitted = rows[(rows["rising"] == "n") & (rows["error"] == "")]
        last = fitted.iloc[-1]
        time_n, memory_n = exponents(rows, "n")
        time_d, memory_d = exponents(rows, "d")
        yield (
            f"``{model}``",
            f"{last['n']:,}",
            f"{last['cpu']:.2g}",
            f"{last['above']:,.0f}",
            *(
                "—" if np.isnan(value) else f"{round(value, 1) + 0.0:.1f}"
                for value in (time_n, memory_n, time_d, memory_d)
            ),
        )
