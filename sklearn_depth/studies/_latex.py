"""Tables in LaTeX, with the rules of its package booktabs."""

import io
import re
from math import isfinite, isinf, isnan

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_ANY = re.compile("|".join(map(re.escape, _SIGNS)))


def write_latex(columns, file):
    """Write a tabular, numbers to the right with three digits."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    text.write(latex_of(columns))
    text.detach()


def latex_of(columns):
    """A tabular; columns x_low and x_high are an interval in brackets behind x."""
    inside = {name: ends_of(name) for name in columns if has_interval(name, columns)}
    hidden = {end for ends in inside.values() for end in ends}
    names = [name for name in columns if name not in hidden]
    sides = ("l" if columns[name].dtype.kind == "U" else "r" for name in names)
    cells = (
        map(with_interval, *(columns[n].tolist() for n in (name, *inside[name])))
        if name in inside
        else map(shown, columns[name].tolist())
        for name in names
    )
    lines = [
        f"\\begin{{tabular}}{{{''.join(sides)}}}",
        r"\toprule",
        line(map(escaped, names)),
        r"\midrule",
        *map(line, zip(*cells, strict=True)),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def ends_of(name):
    return f"{name}_low", f"{name}_high"


def has_interval(name, columns):
    """Whether both ends are there, and all are numbers."""
    names = {name, *ends_of(name)}
    return names <= columns.keys() and all(columns[n].dtype.kind != "U" for n in names)


def with_interval(value, low, high):
    """A value and its interval, or the bound where the value is infinite."""
    if isinf(value) and isfinite(low if value > 0 else high):
        sign, bound = (">", low) if value > 0 else ("<", high)
        return f"${sign} {shown(float(bound))[1:]}"
    if isnan(low) or isnan(high):
        return shown(value)
    return f"{shown(value)} ({shown(low)} to {shown(high)})"


def line(cells):
    text = " & ".join(cells) + r" \\"
    return f"{{}}{text}" if text[0] in "[*" else text  # an argument of the line above


def shown(value):
    """A number as in a paper, or text that LaTeX takes for nothing else."""
    if isinstance(value, float):
        return "--" if value != value else power_of_ten(f"{value:.3g}")
    return escaped(str(value))


def power_of_ten(digits):
    """1.2e-05 as a product."""
    if digits.endswith("inf"):
        return digits.replace("inf", r"$\infty$").replace("-$", "$-")
    number, _, exponent = digits.partition("e")
    return f"${number} \\cdot 10^{{{int(exponent)}}}$" if exponent else f"${number}$"


def escaped(text):
    return _ANY.sub(lambda found: _SIGNS[found[0]], " ".join(text.split()))
