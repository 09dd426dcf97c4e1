"""What is compared: sides, each the source of a process, and cases, which pair them."""

from typing import NamedTuple


class Side(NamedTuple):
    """Work of a fresh process.

    ``setup`` runs before the clock starts. ``numbers`` are keyword arguments, evaluated
    after it has stopped: a number called ``same`` must be that of the other side, one
    called ``test_error`` and the like is reported, and ``seconds=seconds / 100`` is for
    a loop of a hundred. ``threads`` of BLAS and torch; 0 leaves them alone.
    """

    name: str
    work: str
    setup: str = ""
    numbers: str = ""
    threads: int = 0


class Case(NamedTuple):
    """Ours beside theirs, or beside nothing but what was asked of it.

    The ratio is ``of`` seconds, of CPU seconds (``cpu``), of the peak of MiB (``MiB``),
    of what of it came after the set-up (``above``), or of a number of the sides' own;
    ``minus`` takes the difference instead. ``asked`` has the bar of the issue, as in
    "<= 0.2", if it had one. ``same`` is the relative tolerance of numbers so called.
    """

    title: str
    issue: int
    ours: Side
    theirs: Side | None = None
    asked: str = ""
    of: str = "seconds"
    minus: bool = False
    same: float = 0.0
    repeats: int = 3

    @property
    def sides(self):
        return [side for side in (self.ours, self.theirs) if side is not None]
