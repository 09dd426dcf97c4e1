"""
On a table, sparse units find the columns that count and the shape of each
==========================================================================

Sparse units of a two-layer network see one to three columns each. On a table they say
which columns matter, and draw the effect of each as a curve without steps.
"""

# %%
# A made-up table: trips from the stations of a bicycle hire. They peak at two hours of
# the day and fall away from 20 degrees and in the rain. Each station has its own level.
# Six sensors tell nothing.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor

threadpool_limits(1)  # in small matrix products threads only wait for each other
rng, n = np.random.default_rng(0), 1500
table = pd.DataFrame({"hour": rng.uniform(0, 24, n)})
table["temperature"] = 12 + 8 * rng.standard_normal(n)
table["weather"] = rng.choice(["clear", "cloudy", "rain"], n, p=[0.5, 0.3, 0.2])
table["station"] = rng.choice([f"S{k}" for k in range(30)], n)
for k in range(6):
    table[f"sensor {k}"] = rng.standard_normal(n)
level = {f"S{k}": 0.5 * rng.standard_normal() for k in range(30)}
SHAPES = {
    "hour": lambda h: np.exp(-((h - 8) ** 2) / 6) + 1.2 * np.exp(-((h - 18) ** 2) / 9),
    "temperature": lambda t: -((t - 20) ** 2) / 225,
}
y = sum(shape(table[name]) for name, shape in SHAPES.items())
y += table.station.map(level) - 0.8 * (table.weather == "rain")
y += 0.2 * rng.standard_normal(n)


def fitted(model):
    categories = OneHotEncoder(sparse_output=False), ["weather", "station"]
    prepare = make_column_transformer(categories, remainder="passthrough")
    return make_pipeline(prepare, model).fit(table[:1000], y[:1000])


net = fitted(TwoLayerGDRegressor(n_hidden=200, random_state=0))
trees = fitted(HistGradientBoostingRegressor(random_state=0))

# %%
# Left, the importance of each column, by the squared derivatives of the fit and by
# permutation. Then the partial dependence on hour and temperature: the network in blue,
# boosted trees in grey, the truth dotted.

used = pd.Series(net[-1].feature_importances_, net[0].get_feature_names_out())
used = used.groupby(lambda name: name.split("__")[1].split("_")[0]).sum()
found = permutation_importance(net, table[1000:], y[1000:], random_state=0)
shuffled = pd.Series(found.importances_mean, table.columns)
shares = pd.DataFrame({"derivatives": used, "permutation": shuffled / shuffled.sum()})
figure, (bars, *curves) = plt.subplots(1, 3, figsize=(9.6, 3.4), layout="constrained")
shares.sort_values("derivatives").plot.barh(ax=bars, color=["C0", "0.7"], width=0.8)
bars.set(xlabel="share of the importance")
for ax, (name, shape) in zip(curves, SHAPES.items(), strict=True):
    for model, style in (trees, {"color": "0.6"}), (net, {"color": "C0", "lw": 2}):
        found = partial_dependence(model, table[:1000], [name], grid_resolution=60)
        ax.plot(found["grid_values"][0], found["average"][0], **style)
    truth = shape(found["grid_values"][0])
    truth += found["average"][0].mean() - truth.mean()
    ax.plot(found["grid_values"][0], truth, ":", color="black")
    ax.set(xlabel=name, title="partial dependence")
plt.show()
