"""Tables and figure of the study in config.toml."""

import numpy as np

from experiments import _report
from experiments.daniely_srebro_vardi_2023 import figure, theory
from experiments.daniely_srebro_vardi_2023.models import DEGREES, MODELS, SHADOWS
from experiments.daniely_srebro_vardi_2023.results import (
    ACTIVATIONS,
    absolute_error,
    by_model,
    cases,
    cpu_seconds,
    share_of_variance,
    squared_error,
    title_of,
)


def table(rows):
    """Markdown: floors, shadows, shares of the variance, errors, seconds."""
    kinds = floor_table, shadow_table, share_table, error_tables, second_table
    of_dimension = {d: _report.select(rows, d=d) for d in _report.levels(rows, "d")}
    return "\n".join(
        kind(of_d, d) for kind in kinds for d, of_d in of_dimension.items()
    )


def floor_table(rows, d):
    """Root mean square errors on the most samples, beside the best polynomial's."""
    n = max(_report.levels(rows, "n"))
    degrees = [k for k in DEGREES if _report.select(rows, model=f"hermite_{k}")]
    lines = {}
    for activation, depth in cases(rows):
        of_case = _report.select(rows, activation=activation, depth=depth, n=n)
        errors = by_model(of_case, squared_error)
        lines[title_of(activation, depth)] = [
            f"{np.sqrt(np.mean(errors[f'hermite_{k}'][n])):.4f}"
            f" / {theory.floor(activation, depth, d, k):.4f}"
            for k in degrees
        ]
    title = f"Root mean square error at n = {n} / of the best polynomial, d = {d}"
    return _report.markdown(title, [f"degree {k}" for k in degrees], lines)


def shadow_table(rows, d):
    """E|Psi - Phi_k|, beside what a wide network of depth 2 has."""
    lines = {}
    for activation in ACTIVATIONS:
        lines[f"{ACTIVATIONS[activation]}, (2/π)^½ eps(k)"] = [
            f"{theory.ABSOLUTE * theory.tail(activation, k):.4f}"
            for k in SHADOWS.values()
        ]
    for activation, depth in cases(rows):
        of_case = _report.select(rows, activation=activation, depth=depth, n=0)
        errors = by_model(of_case, absolute_error)
        lines[title_of(activation, depth)] = [
            _report.error_cell(errors[name][0]) for name in SHADOWS
        ]
    title = f"E\\|Ψ - Φ_k\\| of the shadow, d = {d}"
    return _report.markdown(title, [f"k = {k}" for k in SHADOWS.values()], lines)


def share_table(rows, d):
    """E(Psi - f)² / Var Psi on the most samples that a model was given."""
    errors = [
        by_model(
            _report.select(rows, activation=activation, depth=depth), share_of_variance
        )
        for activation, depth in cases(rows)
    ]
    lines = {}
    for name in (name for name in MODELS if name in errors[0]):
        n = max(errors[0][name])
        lines[f"{MODELS[name].title}, n = {n}"] = [
            f"{np.median(of_case[name][n]):.4f}" for of_case in errors
        ]
    columns = [title_of(*case) for case in cases(rows)]
    return _report.markdown(f"E(Ψ - f)² / Var Ψ, d = {d}", columns, lines)


def error_tables(rows, d):
    return "\n".join(
        against_rows(
            f"E\\|Ψ - f\\|, {title_of(activation, depth)}, d = {d}",
            _report.select(rows, activation=activation, depth=depth),
            absolute_error,
            _report.error_cell,
        )
        for activation, depth in cases(rows)
    )


def second_table(rows, d):
    title = f"CPU seconds of a fit, d = {d}"
    return against_rows(title, rows, cpu_seconds, _report.second_cell)


def against_rows(title, rows, measure, cell):
    """A line a model, a column a number of samples; shadows see none."""
    n_rows = [n for n in _report.levels(rows, "n") if n > 0]
    lines = {
        MODELS[name].title: _report.against(n_rows, of_n, cell)
        for name, of_n in by_model(rows, measure).items()
        if name in MODELS
    }
    return _report.markdown(title, [f"n = {n}" for n in n_rows], lines)


def write(result, path):
    _report.write(result, path, table, figure.draw, "learning.png")
