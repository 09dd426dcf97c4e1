"""What was run: names that are the same in every process, and words for a reader."""

import copyreg
import hashlib
import inspect
import json
import sys
from functools import partial
from math import inf
from types import CodeType, FunctionType, MethodType

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from sklearn_depth.studies._classes import own_classes, parts_of_class


def fingerprint(value):
    """Hash of what a value is: a function's code, an estimator's and its parameters."""
    return digest(json.dumps(describe(value)).encode())


def digest(content):
    return hashlib.sha256(content).hexdigest()


def describe(value, within=(), of_class=False):
    """A value as lists, dicts, strings and numbers.

    What a class holds, of decorators say, and cannot be named goes by its type.
    """
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if any(value is outer for outer in within):
        return {"itself": []}
    try:
        kind, parts = parts_of(value)
    except Exception:  # pickling what is not made for it may raise any
        if not of_class:
            raise
        return path_of(type(value))
    within, of_class = (*within, value), of_class or isinstance(value, type)
    described = [describe(part, within, of_class) for part in parts]
    if isinstance(value, (dict, set, frozenset)):
        described.sort(key=json.dumps)
    if own_classes(type(value)):
        described.append(describe(type(value), within, of_class))
    return {kind: described}


def parts_of(value):
    """What kind of thing a value is, and what tells it from others of its kind."""
    kind = path_of(type(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        return kind, value
    if isinstance(value, dict):
        return kind, value.items()
    if isinstance(value, np.ndarray):
        same = value.tolist() if value.dtype.hasobject else digest(value.tobytes())
        return kind, [str(value.dtype), value.shape, same]
    if is_tensor(value):
        return kind, parts_of_tensor(value)
    if isinstance(value, partial):
        return kind, [value.func, value.args, value.keywords]
    if isinstance(value, MethodType):
        return kind, [value.__func__, value.__self__]
    if isinstance(value, FunctionType):
        return path_of(value), parts_of_function(value)
    if hasattr(value, "__wrapped__") and callable(value):
        return kind, [value.__wrapped__]  # as with functools.cache
    if isinstance(value, CodeType):
        return kind, parts_of_code(value)
    if isinstance(value, type) and own_classes(value):
        return path_of(value), [parts_of_class(cls) for cls in own_classes(value)]
    if isinstance(value, type) or inspect.isroutine(value):
        owner = getattr(value, "__self__", None)
        return "name", [path_of(value), None if inspect.ismodule(owner) else owner]
    if hasattr(value, "get_params"):
        return kind, [value.get_params(deep=False)]
    if value is check_random_state(None):
        return kind, []  # NumPy's global one, whose state is another in each process
    return kind, parts_of_object(value)


def is_tensor(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def parts_of_tensor(value):
    """What a tensor of torch has, as its pickle is another in each process."""
    from torch import uint8

    numbers = value.detach().cpu().to_dense().contiguous().reshape(-1).view(uint8)
    content = digest(numbers.numpy().tobytes())
    return [str(value.dtype), list(value.shape), value.requires_grad, content]


def parts_of_function(function):
    """Code, which knows no file and no line, defaults, and what the closure holds."""
    held = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = [contents(cell) for name, cell in held if name != "__class__"]
    return [function.__code__, function.__defaults__, function.__kwdefaults__, cells]


def contents(cell):
    """What a variable of a closure is; None before it has a value."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def parts_of_code(code):
    numbers = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    ran = code.co_code.hex(), code.co_exceptiontable.hex(), code.co_flags
    return [*ran, *numbers, *names, code.co_consts]


def parts_of_object(value):
    """What pickle would write, functions by code, or a hash."""
    if has_own_pickle(type(value)) or not hasattr(value, "__dict__"):
        return [joblib.hash(value)]
    _, arguments, state, *_ = value.__reduce_ex__(4)
    return [arguments, state]


def has_own_pickle(cls):
    inherits = cls.__reduce__ is object.__reduce__
    inherits &= cls.__reduce_ex__ is object.__reduce_ex__
    return cls in copyreg.dispatch_table or not inherits


def path_of(value):
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', type(value).__qualname__)}"


def one_line(estimator):
    """An estimator with its parameters, for a reader."""
    shortens = type(estimator).__repr__ is BaseEstimator.__repr__
    whole = estimator.__repr__(N_CHAR_MAX=inf) if shortens else repr(estimator)
    return " ".join(whole.split())


def shown(function):
    """A function with the arguments that are bound, for a reader."""
    if not isinstance(function, partial):
        return path_of(function)
    bound = [f"{name}={value!r}" for name, value in function.keywords.items()]
    bound = [*map(repr, function.args), *bound]
    return f"{shown(function.func)}({', '.join(bound)})"
