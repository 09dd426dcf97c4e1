"""Studies that are killed, damaged or changed go on with what is missing."""

import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from study_helpers import (
    Failing,
    LoggedRidge,
    assert_same_table,
    dies_at_7_once,
    entries,
    fits,
    logged_half,
    logged_study,
    make_data,
)

from sklearn_depth.studies import StudyResult, run_cells, sample_complexity_curve


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "cells"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What no one has interrupted."""
    return logged_study(tmp_path_factory.mktemp("whole") / "log")


def start(log, memory, n_jobs, table, seconds):
    """The study of the helpers in processes of its own."""
    call = "import study_helpers; study_helpers.main()"  # its names as in this process
    command = [sys.executable, "-c", call, log, memory, str(n_jobs), table]
    paths = os.environ.get("PYTHONPATH", ""), *map(str, sys.path)
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "SECONDS_OF_A_FIT": str(seconds),
    }
    return subprocess.Popen(
        command, env=env, start_new_session=True, stderr=subprocess.PIPE, text=True
    )


def stop(process, log, n_fits, signal_=signal.SIGKILL):
    """Wait for so many fits to begin, and signal the process and its workers."""
    deadline = time.monotonic() + 60
    while len(fits(log)) < n_fits:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.killpg(process.pid, signal_)
    return process.communicate(timeout=60)[1]


@pytest.mark.parametrize(("n_jobs", "n_fits"), [(1, 13), (2, 8)])
def test_a_killed_study_goes_on(n_jobs, n_fits, log, memory, whole, tmp_path):
    table = tmp_path / "table.csv"
    process = start(log, memory, n_jobs, table, seconds=0.04)
    stop(process, log, n_fits)
    assert process.returncode == -signal.SIGKILL
    assert not table.exists()
    begun, kept = len(fits(log)), len(entries(memory))
    assert 0 <= begun - kept <= n_jobs, "a finished cell was lost"
    assert kept < 24
    result = logged_study(log, memory)
    assert len(fits(log)) == begun + 24 - kept
    assert_same_table(result, whole)
    again = logged_study(log, memory)
    assert len(fits(log)) == begun + 24 - kept
    assert_same_table(again, whole)
    np.testing.assert_array_equal(again.columns["fit_time"], result.columns["fit_time"])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupted_study_ends_and_goes_on(n_jobs, log, memory, whole, tmp_path):
    process = start(log, memory, n_jobs, tmp_path / "table.csv", seconds=0.04)
    errors = stop(process, log, 10, signal.SIGINT)
    assert "KeyboardInterrupt" in errors
    begun, kept = len(fits(log)), len(entries(memory))
    assert 10 - n_jobs <= kept <= begun
    assert_same_table(logged_study(log, memory), whole)
    assert len(fits(log)) == begun + 24 - kept


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of forks
def test_a_study_that_is_killed_again_and_again_loses_no_cell(
    log, memory, tmp_path, monkeypatch
):
    """At random moments, between cells and while one is kept."""
    table, rng = tmp_path / "table.csv", random.Random(0)
    grid = {"train_sizes": [*range(10, 60)], "n_features": 2, "n_repeats": 1}
    whole = logged_study(tmp_path / "other log", **grid)
    monkeypatch.setenv("SECONDS_OF_A_FIT", "0.01")
    fork, kept, begun = multiprocessing.get_context("fork"), {}, 0
    while not table.exists():
        process = fork.Process(
            target=lambda: logged_study(log, memory, **grid).save(table)
        )
        process.start()
        process.join(rng.uniform(0.02, 0.2 + 0.03 * begun))
        process.kill()
        process.join()
        now = {path: path.read_bytes() for path in entries(memory)}
        assert now == now | kept, "a finished cell was lost or changed"
        kept, begun = now, begun + 1
        assert len(fits(log)) <= len(kept) + begun, "a finished cell was fitted again"
    assert begun > 3
    assert len(kept) == 100
    assert_same_table(StudyResult.load(table), whole)


def children_of(pid):
    """Processes of loky that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text().rpartition(")")[2]
            command = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(rest.split()[1]) == pid and b"loky" in command:
            found.append(path.parent)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_workers_end_with_a_study_that_is_killed(log, memory, whole, tmp_path):
    """What was sent to them is not begun, and what they had begun is not kept."""
    process = start(log, memory, 2, tmp_path / "table.csv", seconds=30)
    deadline = time.monotonic() + 60
    while len(fits(log)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    workers = children_of(process.pid)
    assert len(workers) >= 2
    process.kill()
    process.communicate(timeout=60)
    while any(path.exists() for path in workers):
        assert time.monotonic() < deadline + 20
        time.sleep(0.01)
    assert len(fits(log)) == 2
    assert not entries(memory)


def test_two_processes_may_share_a_directory(log, memory, whole, tmp_path):
    tables = [tmp_path / f"{name}.csv" for name in "ab"]
    processes = [start(log, memory, 1, table, seconds=0.02) for table in tables]
    for process, table in zip(processes, tables, strict=True):
        assert process.communicate(timeout=60)[1] == ""
        assert process.returncode == 0
        assert_same_table(StudyResult.load(table), whole)
    assert len(entries(memory)) == 24
    assert 24 <= len(fits(log)) <= 48
    n_fits = len(fits(log))
    assert_same_table(logged_study(log, memory), whole)
    assert len(fits(log)) == n_fits


def flip(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-5],
        lambda content: content[: len(content) // 3],
        lambda content: b"",
        lambda content: b"no pickle",
        lambda content: b"\0" * len(content),
        flip,
    ],
    ids=["cut", "cut early", "empty", "garbage", "zeros", "flipped"],
)
def test_damaged_cells_are_computed_again(damage, log, memory, whole):
    logged_study(log, memory)
    damaged = entries(memory)[3::10]
    assert len(damaged) == 3
    for path in damaged:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(UserWarning) as caught:
        assert_same_table(logged_study(log, memory), whole)
    told = [str(warning.message) for warning in caught]
    assert len(told) == 3
    for message in told:
        assert "cannot be read" in message
        assert "computed again" in message
    assert len(fits(log)) == 24 + 3
    assert_same_table(logged_study(log, memory), whole)
    assert len(fits(log)) == 24 + 3


def test_a_flipped_bit_in_any_byte_is_seen(memory):
    """An entry is as it was, or is told and computed again."""

    def measure(number):
        return {"score": 1 / 3}

    run_cells(measure, [{"number": 1}], memory=memory)
    (path,) = entries(memory)
    content = path.read_bytes()
    for place in range(len(content)):
        spoiled = bytearray(content)
        spoiled[place] ^= 1 << place % 8
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(spoiled)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = run_cells(measure, [{"number": 1}], memory=memory)
        assert found.columns["score"] == [1 / 3]
        assert caught or path.read_bytes() == bytes(spoiled)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.ESTALE, "Stale file handle"),
        PermissionError(errno.EACCES, "Permission denied"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: str(error) or type(error).__name__,
)
def test_what_may_pass_is_raised_and_loses_no_cell(
    error, log, memory, whole, monkeypatch
):
    def fails(self):
        raise error

    logged_study(log, memory)
    before = {path: path.read_bytes() for path in entries(memory)}
    with monkeypatch.context() as patch, pytest.raises(type(error)):
        patch.setattr(Path, "read_bytes", fails)
        logged_study(log, memory)
    assert {path: path.read_bytes() for path in entries(memory)} == before
    assert_same_table(logged_study(log, memory), whole)
    assert len(fits(log)) == 24


class Fragile:
    """Cannot be unpickled while something is missing."""

    missing = None

    def __setstate__(self, state):
        if self.missing is not None:
            raise self.missing


class FragileRidge(LoggedRidge):
    def fit(self, X, y):
        self.part_ = Fragile()
        self.part_.state = 1
        return super().fit(X, y)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), ModuleNotFoundError("no module"), AttributeError("x"), OSError(24)],
    ids=lambda error: type(error).__name__,
)
def test_a_whole_cell_that_cannot_be_unpickled_stays(error, log, memory, monkeypatch):
    def study():
        return sample_complexity_curve(
            FragileRidge(log=str(log)),
            make_data,
            train_sizes=[10],
            n_features=2,
            n_repeats=2,
            n_test=50,
            random_state=0,
            memory=memory,
            return_estimators=True,
        )

    first = study()
    with monkeypatch.context() as patch, pytest.raises(type(error)) as raised:
        patch.setattr(Fragile, "missing", error)
        study()
    assert str(memory) in raised.value.__notes__[0]
    assert len(entries(memory)) == 2
    assert_same_table(study(), first)
    assert len(fits(log)) == 2


def test_cells_in_the_place_of_others_are_seen(log, memory, whole):
    logged_study(log, memory)
    first, *_, last = entries(memory)
    contents = first.read_bytes(), last.read_bytes()
    first.write_bytes(contents[1])
    last.write_bytes(contents[0])
    with pytest.warns(UserWarning, match="cannot be read: it is damaged") as said:
        assert_same_table(logged_study(log, memory), whole)
    assert len(said) == 2
    assert {warning.filename for warning in said} == {logged_study.__code__.co_filename}
    assert len(fits(log)) == 26


@pytest.mark.parametrize("at", ["write", "fsync"])
def test_on_a_full_disk_a_study_ends_and_leaves_nothing_half(
    at, log, memory, whole, full_disk, monkeypatch
):
    monkeypatch.setattr("sklearn_depth.studies._cells._WORTH_WAITING", 0)
    with full_disk(at), pytest.warns(UserWarning, match="No space left") as said:
        assert_same_table(logged_study(log, memory), whole)
    assert len(said) >= 24
    assert not [path for path in memory.rglob("*") if "unfinished" in path.name]
    assert not entries(memory)
    assert_same_table(logged_study(log, memory), whole)
    assert len(entries(memory)) == 24


def test_other_backends_of_joblib_are_refused():
    memory = joblib.Memory(None, verbose=0)
    memory.backend, memory.store_backend = "s3", object()
    with pytest.raises(ValueError, match=r"backend 's3'.*in directories\. Pass one"):
        run_cells(logged_half, [{"number": 1}], memory=memory)


def test_a_cell_without_its_file_is_computed_again(log, memory, whole):
    logged_study(log, memory)
    entries(memory)[0].unlink()
    assert_same_table(logged_study(log, memory), whole)
    assert len(fits(log)) == 25


def test_a_changed_parameter_computes_its_own_cells(log, memory):
    logged_study(log, memory)
    changed = logged_study(log, memory, alphas=(1.0, 4.0))
    assert fits(log)[24:] == [line for line in fits(log)[24:] if line[:4] == "4.0 "]
    assert len(fits(log)) == 36
    assert_same_table(changed, logged_study(log, alphas=(1.0, 4.0)))


def test_a_changed_parameter_in_a_pipeline_computes_its_own_cells(log, memory):
    def study(with_mean, alpha):
        ridge = partial(LoggedRidge, log=str(log))
        return sample_complexity_curve(
            {
                "a": make_pipeline(StandardScaler(with_mean=with_mean), ridge(alpha)),
                "b": make_pipeline(StandardScaler(), ridge(1.0)),
            },
            make_data,
            train_sizes=[10, 20],
            n_features=2,
            n_repeats=2,
            n_test=50,
            random_state=0,
            memory=memory,
        )  # fmt: skip

    study(False, 2.0)
    assert len(fits(log)) == 8
    study(False, 3.0)
    assert len(fits(log)) == 12
    study(True, 3.0)
    assert len(fits(log)) == 16
    study(False, 2.0)
    assert len(fits(log)) == 16


def test_other_sizes_repeats_and_dimensions_add_theirs(log, memory):
    logged_study(log, memory)
    more = {"train_sizes": [10, 20, 30, 40], "n_repeats": 3, "n_features": [1, 2, 3]}
    grown = logged_study(log, memory, **more)
    assert len(grown) == 72
    assert len(fits(log)) == 72
    assert_same_table(grown, logged_study(log, **more))
    assert len(logged_study(log, memory, train_sizes=[20], n_repeats=1)) == 4
    assert len(fits(log)) == 72 + 72


@pytest.mark.parametrize(
    "change", [{"n_test": 51}, {"random_state": 1}, {"scoring": "r2"}]
)
def test_other_draws_and_scores_are_other_cells(change, log, memory):
    arguments = {"n_test": 50, "random_state": 0, "scoring": "normalized_mse"}

    def study(**changes):
        sample_complexity_curve(
            LoggedRidge(log=str(log)),
            make_data,
            train_sizes=[10],
            n_features=2,
            memory=memory,
            **arguments | changes,
        )

    study()
    study(**change)
    assert len(fits(log)) == 10


SOURCE = """
import numpy as np

def make(n_samples, n_features, random_state):
    rng = np.random.default_rng(random_state)
    X = rng.standard_normal((n_samples, n_features))
    return X, X[:, 0] + {factor} * rng.standard_normal(n_samples)
"""


def test_a_changed_source_computes_all_again(log, memory, tmp_path, monkeypatch):
    """Also of a function behind a partial, and not where only its file has moved on."""
    monkeypatch.syspath_prepend(tmp_path)
    n_fits = []
    sources = [
        SOURCE.format(factor=1),
        "# a remark\n" + SOURCE.format(factor=1),
        SOURCE.format(factor=10),
    ]
    for source in sources:
        (tmp_path / "their_data.py").write_text(source)
        sys.modules.pop("their_data", None)
        sys.path_importer_cache.clear()
        for path in tmp_path.glob("__pycache__/*"):
            path.unlink()
        import their_data

        for make in (their_data.make, partial(their_data.make)):
            sample_complexity_curve(
                LoggedRidge(log=str(log)),
                make,
                train_sizes=[10],
                n_features=2,
                n_repeats=2,
                random_state=0,
                memory=memory,
            )
            n_fits.append(len(fits(log)))
    assert n_fits == [2, 4, 4, 4, 6, 8]


class Planted:
    """Data by a method, of what the object holds."""

    def __init__(self, slope):
        self.slope = slope

    def sample(self, n_samples, n_features, random_state):
        X = np.random.default_rng(random_state).normal(size=(n_samples, n_features))
        return X, self.slope * X[:, 0] + 1


def lambdas():
    # Two on one line, which is the source of both.
    return (lambda X: X, lambda X: 2 * X)


def test_functions_without_names_are_told_apart(log, memory):
    def study(function, factor):
        return sample_complexity_curve(
            make_pipeline(FunctionTransformer(function), LoggedRidge(log=str(log))),
            lambda **sizes: Planted(factor).sample(**sizes),
            train_sizes=[10],
            n_features=2,
            n_repeats=1,
            random_state=0,
            memory=memory,
        ).columns["normalized_mse"][0]

    cases = [(function, factor) for function in lambdas() for factor in (1, 2)]
    errors = [study(*case) for case in cases]
    assert len(fits(log)) == len(set(errors)) == 4
    assert [study(*case) for case in cases] == errors
    assert len(fits(log)) == 4


def test_methods_are_told_apart_by_their_objects(log, memory):
    def study(slope):
        sample_complexity_curve(
            LoggedRidge(log=str(log)),
            Planted(slope).sample,
            train_sizes=[10],
            n_features=2,
            n_repeats=1,
            random_state=0,
            memory=memory,
        )

    for slope in (1, 2, 1, 2):
        study(slope)
    assert len(fits(log)) == 2


def test_all_names_of_a_directory_are_one(log, memory, monkeypatch):
    monkeypatch.chdir(memory.parent)
    kept = joblib.Memory(str(memory), verbose=0)
    for form in (memory, str(memory), "cells", Path("cells"), kept):
        logged_study(log, form, n_repeats=1)
    assert len(fits(log)) == 12


def test_a_memory_without_a_place_keeps_nothing(log, tmp_path):
    for _ in range(2):
        logged_study(log, joblib.Memory(None, verbose=0), n_repeats=1)
    assert len(fits(log)) == 24
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


@pytest.mark.parametrize(
    ("place", "below"),
    [
        ("cells", ""),
        ("cells", "folder"),
        ("cells/joblib", ""),
        ("cells/joblib/sklearn_depth_cells", ""),
    ],
)
def test_what_cannot_be_written_to_is_told_before_any_fit(place, below, log, tmp_path):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file in the way")
    with pytest.raises(ValueError, match=r"cells.*cannot be written to.*Pass a dir"):
        logged_study(log, tmp_path / "cells" / below)
    assert not fits(log)
    assert path.read_text() == "a file in the way"


def test_failures_are_tried_again(log, memory):
    def study():
        return sample_complexity_curve(
            Failing(log=str(log)),
            make_data,
            train_sizes=[10, 20],
            n_features=2,
            n_repeats=3,
            random_state=0,
            memory=memory,
        )

    for n_fits in (6, 9):
        with pytest.warns(FitFailedWarning, match="3 of 6 cells"):
            found = study()
        assert (found.columns["error"] != "").sum() == 3
        assert len(fits(log)) == n_fits
        assert len(entries(memory)) == 3


class Locked(LoggedRidge):
    """Cannot be pickled once it is fitted."""

    def fit(self, X, y):
        self.key_ = lambda: None
        return super().fit(X, y)


def test_fitted_estimators_are_kept(log, memory):
    def study(model=LoggedRidge):
        return sample_complexity_curve(
            model(log=str(log)),
            make_data,
            train_sizes=[10],
            n_features=2,
            n_repeats=2,
            n_test=50,
            random_state=0,
            memory=memory,
            return_estimators=True,
        ).estimators

    coefs = [model.coef_ for model in study()]
    for model, coef in zip(study(), coefs, strict=True):
        np.testing.assert_array_equal(model.coef_, coef)
    assert len(fits(log)) == 2
    with pytest.warns(UserWarning, match="is not kept, as it cannot be pickled"):
        assert len(study(Locked)) == 2


def test_cells_of_any_function_are_kept(log, memory):
    cells = [{"number": number, "kind": "a, b"} for number in range(4)]
    measure = partial(logged_half, str(log))
    first = run_cells(measure, cells[:3], memory=memory)
    second = run_cells(measure, cells, memory=memory)
    assert fits(log) == ["0 a, b", "1 a, b", "2 a, b", "3 a, b"]
    assert second.rows()[:3] == first.rows()
    run_cells(partial(measure, kind="b"), [{"number": 0}], memory=memory)
    assert fits(log)[4:] == ["0 b"]


def test_a_worker_that_dies_loses_no_finished_cell(log, memory):
    cells = [{"number": number, "log": str(log)} for number in range(12)]
    with pytest.raises(TerminatedWorkerError):
        run_cells(dies_at_7_once, cells, memory=memory, n_jobs=2)
    kept = len(entries(memory))
    assert kept >= 3
    begun = len(fits(log))
    found = run_cells(dies_at_7_once, cells, memory=memory)
    assert found.columns["half"].tolist() == [number / 2 for number in range(12)]
    assert len(fits(log)) == begun + 12 - kept
