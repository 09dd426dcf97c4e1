"""Cross-validate many models on many tasks: progress, a table and a figure."""

import sys
import warnings

import joblib
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def r2(model, X, y):
    """R² of predictions, or of predicted probabilities of label 1."""
    if hasattr(model, "predict_proba"):
        return r2_score(y, model.predict_proba(X)[:, 1])
    return r2_score(y, model.predict(X))


def cross_validated(task, name, X, y, model, grid):
    """Scores of three outer folds, and the mean seconds of a grid search on two."""
    grid = {f"model__{key}": values for key, values in grid.items()}
    pipeline = Pipeline([("scale", StandardScaler()), ("model", model)])
    search = GridSearchCV(pipeline, grid, scoring=r2, cv=3)
    folds = KFold(3, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some rivals stop before they converge
        result = cross_validate(search, X, y, scoring=r2, cv=folds)
    return task, name, result["test_score"], result["fit_time"].mean()


def compare(tasks, models, n_jobs=2):
    """Run every model on every task it is meant for; {task: {name: (scores, s)}}."""
    jobs = [
        joblib.delayed(cross_validated)(task, name, *data, model, grid)
        for task, data in tasks.items()
        for name, (model, grid, *only) in models.items()
        if not only or task in only
    ]
    results = {task: {} for task in tasks}
    parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    for done, (task, name, scores, seconds) in enumerate(parallel(jobs), start=1):
        results[task][name] = scores, seconds
        line = f"[{done:2}/{len(jobs)}] {task}: {name} {scores.mean():.3f}"
        print(f"{line:60}", end="\r", file=sys.stderr, flush=True)
    print(" " * 60, end="\r", file=sys.stderr)
    return results


def print_table(results, names):
    """Mean R² a task, the winner marked, and below it the seconds of one search."""
    print("R² on held-out folds (* best of the row), and seconds of one grid search")
    print(" " * 22 + "".join(f"{name:>11}" for name in names))
    for task, row in results.items():
        best = max(row, key=lambda name: row[name][0].mean())
        cells = {
            name: f"{scores.mean():.3f}{'*' if name == best else ' '}"
            for name, (scores, _) in row.items()
        }
        times = {name: f"{seconds:.1f}s " for name, (_, seconds) in row.items()}
        for title, line in ((task, cells), ("", times)):
            print(f"{title:22}" + "".join(f"{line.get(n, '- '):>11}" for n in names))


def draw(results, names, n_ours):
    """One panel a task: mean R² as a bar, folds as dots; the first bars are ours."""
    figure, panels = plt.subplots(
        1, len(results), figsize=(9.5, 3.8), sharey=True, layout="constrained"
    )
    for panel, (task, row) in zip(panels, results.items(), strict=True):
        best = max(row, key=lambda name: row[name][0].mean())
        for position, name in enumerate(names):
            if name not in row:
                panel.text(0.02, position, "labels only", va="center", color="0.5")
                continue
            scores = np.clip(row[name][0], 0, 1)
            color = "tab:blue" if position < n_ours else "0.7"
            panel.barh(position, scores.mean(), color=color, height=0.7)
            panel.plot(scores, [position] * len(scores), "k.", markersize=4)
            if name == best:
                text = f"{row[name][0].mean():.3f} "
                panel.text(0.02, position, text, va="center", color="w", weight="bold")
        panel.set(xlim=(0, 1), xticks=(0, 0.5, 1), xlabel="held-out R²")
        panel.set_title(task, fontsize="medium")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    return figure
