"""Cells on Dask, by its own futures.

Joblib's backend waits for ever for a call that Dask has given up, because workers died
of it. Here it is a cell that failed.
"""

import time
from itertools import islice

import joblib

# So many seconds without any worker end the cells that wait for one.
_PATIENCE = 60
_SECONDS = 0.002
_BETWEEN_LOOKS = 1.0
_KILLED = "KilledWorker: workers died, "


def as_dask_ends(tasks, backend):
    """Places and values of calls of ``finish``, as they end on the workers.

    Dask suspects all that a worker had when it died: such calls are tried again, one
    at a time, so that only what a cell has done itself counts against it.
    """
    suspects, n_ahead = [], 2 * backend.effective_n_jobs(-1)
    with backend.retrieval_context():
        for task, place, values in ends(tasks, backend, n_ahead):
            if is_killed(values):
                suspects.append(task)
            else:
                yield place, values
        for _, place, values in ends(suspects, backend, 1):
            yield place, values


def ends(tasks, backend, n_ahead):
    """Calls, places and values, as they end; so many calls are sent ahead."""
    from distributed import as_completed

    client, tasks, sent = backend.client, iter(tasks), {}
    ended = as_completed(with_results=True, raise_errors=False, loop=client.loop)

    def send(n_tasks):
        for task in islice(tasks, n_tasks):
            function, args, _ = task
            future = client.submit(
                alone, function, *args, pure=False, **backend.submit_kwargs
            )
            sent[future] = task
            ended.add(future)

    workers = Workers(client)
    send(n_ahead)
    try:
        while sent:
            batch = ended.next_batch(block=False)
            send(len(batch))
            for future, result in batch:
                task = sent.pop(future)
                yield task, *ended_as(future, result, task)
            if not batch and workers.are_gone():
                yield from given_up([*sent.values(), *tasks])
                return
            if not batch:
                time.sleep(_SECONDS)
    finally:
        client.cancel([*sent])


def alone(function, *args):
    """A call whose own parallel loops run one after the other."""
    with joblib.parallel_config("sequential"):
        return function(*args)


def ended_as(future, result, task):
    """What a call returned, or the error of a cell of which workers died."""
    from distributed import KilledWorker

    if future.status == "finished":
        return result
    error = result[1] if isinstance(result, tuple) else result
    if not isinstance(error, KilledWorker):
        raise error
    return place_of(task), {
        "error": f"{_KILLED}{error.allowed_failures + 1} while they had this cell, "
        "most likely as it takes more memory than there is"
    }


def is_killed(values):
    return values.get("error", "").startswith(_KILLED)


def given_up(tasks):
    """The cells that were sent, and those that were not, without a worker."""
    error = f"KilledWorker: no worker was left, for {_PATIENCE} seconds"
    return ((task, place_of(task), {"error": error}) for task in tasks)


def place_of(task):
    _, args, _ = task
    return args[0]


class Workers:
    """Looks now and then whether a cluster has workers."""

    def __init__(self, client):
        self.client = client
        self.seen = self.looked = time.monotonic()

    def are_gone(self):
        """Whether there were none for long."""
        now = time.monotonic()
        if now - self.looked > _BETWEEN_LOOKS:
            self.looked = now
            if self.client.ncores():
                self.seen = now
        return now - self.seen > _PATIENCE
