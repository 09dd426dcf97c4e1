"""Slips in the file of a study: each in one line, with what was probably meant."""

from contextlib import contextmanager
from difflib import get_close_matches
from inspect import Parameter, signature

# Words that are too many to be read in one line.
_MANY = 50


class Slip(ValueError):
    """What a file says wrongly, and where."""


@contextmanager
def in_one_line():
    """Errors of values and files as slips, without their traceback."""
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        words = " ".join([str(error), *getattr(error, "__notes__", ())])
        raise Slip(" ".join(words.split())) from error


def check_keys(given, known, place):
    """Refuse keys that mean nothing."""
    unknown = [key for key in given if key not in known]
    if unknown:
        raise Slip(
            f"{place} has {unknown}, which mean nothing here.{meant(unknown, known)}"
        )


def check_call(function, args, keywords, place, whole=True):
    """Refuse arguments that a function does not take, and too few for a whole call."""
    try:
        taken = signature(function)
    except (ValueError, TypeError):  # some functions of C
        return
    name, kinds = getattr(function, "__name__", function), taken.parameters
    if not any(p.kind is Parameter.VAR_KEYWORD for p in kinds.values()):
        unknown = [key for key in keywords if key not in kinds]
        if unknown:
            raise Slip(
                f"{place} has {unknown}, which {name} does not take."
                f"{meant(unknown, kinds)}"
            )
    try:
        (taken.bind if whole else taken.bind_partial)(*args, **keywords)
    except TypeError as error:
        raise Slip(f"{place}: {error} of {name}.") from error


def check_type(value, kind, place, words):
    """Refuse a value of another type; a truth value is no number."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Slip(f"{place} is {value!r}. Make it {words}.")


def meant(words, known):
    """The known words that are nearest, or all if they are not too many."""
    near = [
        close for word in words for close in get_close_matches(str(word), known, n=1)
    ]
    if near:
        return f" Did you mean {' and '.join(map(repr, near))}?"
    return f" Known are {', '.join(known)}." if len(known) < _MANY else ""
