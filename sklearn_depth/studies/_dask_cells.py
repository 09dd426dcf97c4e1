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


def as_dask_ends(tasks, backend):
    """Places and values of calls of ``finish``, as they end on the workers.

    Few are sent ahead, since Dask suspects all that a worker had when it died.
    """
    from distributed import as_completed

    client, tasks, places = backend.client, iter(tasks), {}
    ended = as_completed(with_results=True, raise_errors=False, loop=client.loop)

    def send(n_tasks):
        for function, args, _ in islice(tasks, n_tasks):
            future = client.submit(
                alone, function, *args, pure=False, **backend.submit_kwargs
            )
            places[future] = args[0]
            ended.add(future)

    workers = Workers(client)
    with backend.retrieval_context():
        send(2 * backend.effective_n_jobs(-1))
        try:
            while places:
                batch = ended.next_batch(block=False)
                send(len(batch))
                for future, result in batch:
                    yield ended_as(future, result, places.pop(future))
                if not batch and workers.are_gone():
                    yield from given_up(places, tasks)
                    return
                if not batch:
                    time.sleep(_SECONDS)
        finally:
            client.cancel([*places])


def alone(function, *args):
    """A call whose own parallel loops run one after the other."""
    with joblib.parallel_config("sequential"):
        return function(*args)


def ended_as(future, result, place):
    """What a call returned, or the error of a cell of which workers died."""
    from distributed import KilledWorker

    if future.status == "finished":
        return result
    error = result[1] if isinstance(result, tuple) else result
    if not isinstance(error, KilledWorker):
        raise error
    n_workers = error.allowed_failures + 1
    return place, {
        "error": f"KilledWorker: {n_workers} workers died while they had this cell, "
        "most likely as it takes more memory than there is"
    }


def given_up(places, tasks):
    """The cells that were sent, and those that were not, without a worker."""
    error = f"KilledWorker: no worker was left, for {_PATIENCE} seconds"
    yield from ((place, {"error": error}) for place in places.values())
    yield from ((args[0], {"error": error}) for _, args, _ in tasks)


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
