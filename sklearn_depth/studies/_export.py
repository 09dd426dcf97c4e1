"""Tables of a study for other programs and for papers."""

import numpy as np

from sklearn_depth.studies._latex import write_latex
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
    """Medians of the scores over the repeats that ended, and how many these are.

    A table without scores stays as it is.
    """
    scores = list(result.config.get("scoring", ()))
    names = [name for name in _PLACE if name in result.columns]
    if not scores or not len(result):
        return result
    ended = result.select(error="")
    cells = list(zip(*(ended.columns[name].tolist() for name in names), strict=True))
    rows = []
    for cell in dict.fromkeys(sorted(cells)):
        chosen = ended.select(**dict(zip(names, cell, strict=True)))
        row = dict(zip(names, cell, strict=True)) | {"n_repeats": len(chosen)}
        rows.append(row | {s: float(np.median(chosen.columns[s])) for s in scores})
    columns = [*names, "n_repeats", *scores]
    return StudyResult({name: [row[name] for row in rows] for name in columns})
