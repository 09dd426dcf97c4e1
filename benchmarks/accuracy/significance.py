"""Whether ranks and errors of models differ by more than chance (Demšar 2006)."""

import numpy as np
from scipy.stats import studentized_range, wilcoxon


def critical_difference(n_models, n_tasks, level=0.05):
    """How far apart two mean ranks must be to differ, by Nemenyi's test.

    It is q sqrt(k (k + 1) / (12 N)) for k models on N tasks, with q the studentized
    range of k normal numbers.
    """
    q = studentized_range.isf(level, n_models, np.inf)
    return q * np.sqrt(n_models * (n_models + 1) / (12 * n_tasks))


def against(errors, first):
    """By model, the p value that its errors are those of the model ``first``.

    Wilcoxon's signed rank test of the logarithms, (n_tasks, n_models), corrected for
    the number of models by Holm's method; 1 for the model itself. A model that failed
    on a task has an infinite error there, which is the largest difference.
    """
    logs = np.log(errors)
    apart = np.minimum(logs - logs[:, [first]], 1e3)
    others = np.delete(np.arange(errors.shape[1]), first)
    found = np.ones(errors.shape[1])
    found[others] = holm([signed_rank(apart[:, m]) for m in others])
    return found


def signed_rank(differences):
    """The p value of Wilcoxon's test; zeros count half on either side."""
    if not np.any(differences):
        return 1.0
    return wilcoxon(differences, zero_method="zsplit", method="exact").pvalue


def holm(p):
    """Holm's correction of p values for their number."""
    p = np.asarray(p)
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(steps, 1)
    return found
