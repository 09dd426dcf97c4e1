"""Tables of a study for other programs and for papers."""

import numpy as np

from sklearn_depth.studies._concat import check_distinct
from sklearn_depth.studies._latex import write_latex
from sklearn_depth.studies._needed import rows_by
from sklearn_depth.studies._result import StudyResult
from sklearn_depth.studies._scaling import scaling_exponent
from sklearn_depth.studies._tables import write_parquet, write_rows
from sklearn_depth.utils._files import replacing

FORMATS = (".csv", ".parquet", ".tex")
_PLACE = ("dataset", "estimator", "n_features", "n_samples")


def export(result, path, target=None, score=None):
    """Write all cells, their medians for LaTeX, or exponents where there is a target.

    The CSV has no comment, so that any program reads it.
    """
    if path.suffix not in FORMATS:
        raise ValueError(
            f"{path.name!r} ends in {path.suffix!r}. Write to a file that ends in "
            f"{', '.join(FORMATS)}."
        )
    if target is not None:
        result, _ = scaling_exponent(result, target, score=score)
    elif path.suffix == ".tex":
        result = medians(result)
    with replacing(path) as file:
        if path.suffix == ".parquet":
            write_parquet(result.columns, result.config, file)
        else:
            write = write_latex if path.suffix == ".tex" else write_rows
            write(result.columns, file)


def medians(result):
    """Medians of finite scores over the repeats, and how many these are.

    A table without scores stays as it is.
    """
    scores = list(result.config.get("scoring", ()))
    if not scores or not len(result):
        return result
    check_distinct(result)
    rows = []
    for cell, places in sorted(rows_by(result, _PLACE).items()):
        found = {name: result.columns[name][places] for name in scores}
        ended = np.all(np.isfinite([*found.values()]), axis=0)
        middles = (
            np.median(scores[ended]) if ended.any() else np.nan
            for scores in found.values()
        )
        rows.append((*cell, int(ended.sum()), *middles))
    names = [*(name for name in _PLACE if name in result.columns), "n_repeats", *scores]
    return StudyResult(dict(zip(names, zip(*rows, strict=True), strict=True)))
