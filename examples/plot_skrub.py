"""
A table as it comes: dates, names with typing errors, gaps
==========================================================

skrub turns a table as it comes into numbers, and its ``tabular_pipeline`` puts any
estimator behind that. A two-layer network, like other estimators of this library, then
fits and predicts from the table itself.
"""

# %%
# A made-up table of deliveries and their minutes. Dates are text, goods have typing
# errors, a tenth of the weights is missing, and there are 40 drivers.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from skrub import tabular_pipeline
from threadpoolctl import threadpool_limits

from sklearn_depth import TwoLayerGDRegressor

threadpool_limits(1)  # in small matrix products threads only wait for each other
rng, n = np.random.default_rng(0), 1200
MINUTES = {"flowers": 5, "furniture": 30, "groceries": 10, "machines": 40}
MINUTES |= {"medicines": 15, "newspapers": 20}


def with_typing_error(word):
    """A letter is missing from a fifth of the words."""
    place = rng.integers(len(word))
    return word[:place] + word[place + 1 :] if rng.random() < 0.2 else word


days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
goods, driver = rng.choice(list(MINUTES), n), rng.integers(40, size=n)
weight, distance = rng.gamma(2, 20, n), rng.uniform(1, 40, n)
y = distance * (1.5 + (days.day_of_week < 5)) + pd.Series(goods).map(MINUTES)
y += 0.004 * weight**2 + 8 * np.cos(2 * np.pi * days.day_of_year / 365)
y += 4 * rng.standard_normal(40)[driver] + 5 * rng.standard_normal(n)
table = pd.DataFrame(
    {
        "day": days.strftime("%d/%m/%Y"),
        "goods": [with_typing_error(word) for word in goods],
        "driver": [f"D{number:02}" for number in driver],
        "weight": np.where(rng.random(n) < 0.1, np.nan, weight),
        "distance": distance,
    }
)
print(table.head(4).to_string())

# %%
# The same preparation for all models, and R² on new deliveries.

X, X_new, y, y_new = train_test_split(table, y, test_size=0.4, random_state=0)
MODELS = {
    "line": RidgeCV(np.logspace(-2, 3, 20)),
    "boosted trees": HistGradientBoostingRegressor(random_state=0),
    "two-layer network": TwoLayerGDRegressor(n_hidden=200, random_state=0),
}
fits = {name: tabular_pipeline(model).fit(X, y) for name, model in MODELS.items()}
scores = {name: fit.score(X_new, y_new) for name, fit in fits.items()}

# %%
# What the network uses, column by column: how much R² falls where a column is shuffled.

found = permutation_importance(fits["two-layer network"], X_new, y_new, random_state=0)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
left.bar_label(left.barh(list(scores), scores.values(), color="C0"), fmt="%.2f")
left.set(xlabel="R² on new deliveries", xlim=(0, 1.1))
right.barh(table.columns, found.importances_mean, color="C0")
right.set(xlabel="fall of R² where the column is shuffled")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
