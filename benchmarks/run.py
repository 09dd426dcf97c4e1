"""Speed and memory against scikit-learn: ratios, both sides interleaved in one run.

Every measurement is a fresh process that prints the seconds of its work and its peak
resident memory as the operating system counts it. A ratio below 1 is ours being better.
"""

import argparse

import hermite
import index_models
import kernels
import learned_speed
import radial
import relu_network
import sigmoid_head
import studies
import tables as real_tables
import three_layers
from ledger import Ledger
from processes import measure, print_header, print_ratio


def print_import(repeats):
    print_header(
        "case", "seconds, ours / theirs", "ratio (range)", "MiB, ours / theirs"
    )
    works = "import sklearn_depth", "import sklearn.linear_model"
    runs = [[measure("", work) for work in works] for _ in range(repeats)]
    print_ratio("import, against sklearn.linear_model", runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="size of the largest")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--ledger", help="CSV file of errors measured")
    tables = {
        "peers": lambda: print_import(arguments.repeats),
        "kernels": lambda: kernels.print_all(arguments.rows, arguments.repeats),
        "hermite": lambda: hermite.print_ratios(arguments.rows, arguments.repeats),
        "growth": lambda: hermite.print_growth(arguments.rows),
        "index": lambda: index_models.print_errors(Ledger(arguments.ledger)),
        "tables": lambda: real_tables.print_errors(Ledger(arguments.ledger)),
        "radial": lambda: radial.print_all(
            arguments.rows, arguments.repeats, Ledger(arguments.ledger)
        ),
        "layers": lambda: three_layers.print_errors(Ledger(arguments.ledger)),
        "learned": lambda: learned_speed.print_ratios(arguments.repeats),
        "networks": lambda: relu_network.print_all(arguments.repeats),
        "studies": lambda: studies.print_all(arguments.repeats),
        "sigmoid": lambda: sigmoid_head.print_ratios(arguments.repeats),
        "memory": sigmoid_head.print_memory,
        "rivals": lambda: sigmoid_head.print_rivals(arguments.repeats),
        "bandwidth": sigmoid_head.print_bandwidth,
    }
    parser.add_argument(
        "tables", nargs="*", help=f"of {', '.join(tables)}; all if none"
    )
    arguments = parser.parse_args()
    for name in arguments.tables or tables:
        tables[name]()


if __name__ == "__main__":
    main()
