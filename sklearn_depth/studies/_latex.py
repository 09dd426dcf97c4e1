"""Tables in LaTeX, with the rules of its package booktabs."""

import io
import re

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_ANY = re.compile("|".join(map(re.escape, _SIGNS)))


def write_latex(columns, file):
    """Write a tabular, numbers to the right with three digits."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    sides = ("l" if values.dtype.kind == "U" else "r" for values in columns.values())
    rows = zip(
        *(map(shown, values.tolist()) for values in columns.values()), strict=True
    )
    lines = [
        f"\\begin{{tabular}}{{{''.join(sides)}}}",
        r"\toprule",
        line(map(escaped, columns)),
        r"\midrule",
        *map(line, rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    text.write("\n".join(lines) + "\n")
    text.detach()


def line(cells):
    return " & ".join(cells) + r" \\"


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
