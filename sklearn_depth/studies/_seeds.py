"""Random numbers that all of a process shares, seeded for a while."""

import random
import sys
from contextlib import ExitStack, contextmanager

from sklearn.utils import check_random_state


@contextmanager
def kept_generators():
    """Put the generators of Python, NumPy and torch back at the end."""
    numpys, torch = check_random_state(None), sys.modules.get("torch")
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        stack.callback(numpys.set_state, numpys.get_state())
        if torch is not None:
            n_devices = torch.cuda.device_count() if torch.cuda.is_initialized() else 0
            stack.enter_context(torch.random.fork_rng(range(n_devices)))
        yield


@contextmanager
def global_seeds(seed):
    """Seed them for a while, as some estimators draw from them.

    Torch is seeded where it is imported already.
    """
    with kept_generators():
        random.seed(seed)
        check_random_state(None).seed(seed)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)
        yield
