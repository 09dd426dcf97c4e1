"""Random numbers that all of a process shares, seeded for a while."""

import random
import sys
from contextlib import ExitStack, contextmanager

from sklearn.utils import check_random_state


@contextmanager
def global_seeds(seed):
    """Seed the generators of Python, NumPy and torch, and put them back at the end.

    Some estimators draw from these. Torch is seeded where it is imported already.
    """
    numpys, torch = check_random_state(None), sys.modules.get("torch")
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        stack.callback(numpys.set_state, numpys.get_state())
        random.seed(seed)
        numpys.seed(seed)
        if torch is not None:
            n_devices = torch.cuda.device_count() if torch.cuda.is_initialized() else 0
            stack.enter_context(torch.random.fork_rng(range(n_devices)))
            torch.manual_seed(seed)
        yield
