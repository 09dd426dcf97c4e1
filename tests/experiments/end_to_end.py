"""What holds of every experiment: its rows, what is published, the report."""

import numpy as np

from sklearn_depth.studies import StudyResult
from sklearn_depth.studies.__main__ import main
from sklearn_depth.studies._config import read_study


class EndToEnd:
    """Tests of an experiment, which says what is its own.

    ``again`` are the places of the cells that are measured twice, None for all,
    ``table`` says how often texts are in the report, and ``picture`` is the file of its
    figure.
    """

    again = None

    def test_every_cell_has_a_row(self, results, cells):
        for of_size in cells.values():
            assert len(set(map(str, of_size))) == len(of_size)
        assert labels_of(results, cells["quick"]) == cells["quick"]

    def test_the_published_table_is_that_of_the_full_size(self, config):
        check_published(config)

    def test_finished_rows_are_not_computed_again(self, resumed, cells):
        measured, before, after = resumed
        assert measured == cells["quick"][-1:]
        assert after[:-1] == before[:-1]
        assert len(after) == len(before)

    def test_a_measurement_depends_on_its_seed_alone(
        self, modules, results, cells, n_test
    ):
        run, _ = modules
        for place in range(len(results)) if self.again is None else self.again:
            cell, row = cells["quick"][place], results[place]
            measured = run.measure(**cell, n_test=n_test)
            measured["cpu_seconds"] = row["cpu_seconds"]
            np.testing.assert_equal(measured, {name: row[name] for name in measured})

    def test_the_report_has_tables_and_a_figure(self, config, folder, capsys):
        check_report(config, folder, capsys, self.table, self.picture)


def labels_of(rows, cells):
    """What tells rows apart, as cells have it."""
    return [{name: row[name] for name in cells[0]} for row in rows]


def check_published(config):
    """The experiment's folder has the whole table of the full size."""
    study = read_study(config)
    published, cells = StudyResult.load(study.table), study.plan.labels
    assert labels_of(published.rows(), cells) == cells
    assert set(published.columns["error"]) == {""}


def check_report(config, folder, capsys, table, picture):
    """The small size has its texts in a table, which is printed, and a figure."""
    main(["plot", str(config), "--quick", "--output", str(folder)])
    text = (folder / "table.md").read_text()
    assert capsys.readouterr().out.endswith(text + "\n")
    assert {part: text.count(part) for part in table} == table
    assert (folder / picture).read_bytes().startswith(b"\x89PNG")
