"""The report that is written from results."""

from pathlib import Path
from xml.etree import ElementTree

from bench.report.findings import Spread
from bench.report.page import compose, write
from bench.report.plots import dots, lines
from bench.results import Recorder, Row
from bench.workloads.profiled import of_self

from bench import results
from tests.bench.campaigns import campaign, row


def test_the_report_names_who_is_missing_and_what_gave_no_number() -> None:
    found = campaign(
        row("trichat", "A100 W1", 0, 2.0, received=99), missing="the package fastapi is not there"
    )
    text, _ = compose(found)
    assert "- FastAPI: the package fastapi is not there" in text
    assert "- trichat, A100 W1, round 1: 1 of 100 lost" in text
    assert "| **trichat, SQLite** | failed | – |" in text


def test_the_report_has_medians_with_their_spread_and_each_plot_it_shows() -> None:
    rows = [row("trichat", "A100 W1", turn, us) for turn, us in enumerate((2.0, 4.0, 3.0))]
    rows += [row("fastapi", "A100 W1", turn, 10.0) for turn in range(3)]
    text, plots = compose(campaign(*rows))
    assert "| **trichat, SQLite** | 3.00 (2.00–4.00) | – |" in text
    assert (
        "| A | A100 W1: committing to SQLite, by FastAPI | ≤ 0.65 | 0.30 (0.20–0.40) | yes |"
        in (text)
    )
    assert "(performance/a100-w1.svg)" in text
    assert list(plots) == ["a100-w1"]


def test_a_page_is_written_with_its_plots_and_without_the_last_ones(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    write(campaign(row("trichat", "A100 W1", 0, 2.0)), page)
    write(campaign(row("trichat", "B", 0, 2.0)), page)
    assert [path.name for path in (tmp_path / "performance").iterdir()] == ["b.svg"]
    assert "(performance/b.svg)" in page.read_text()


def test_plots_are_well_formed_and_show_every_name_and_number() -> None:
    found = {"a & b": Spread(2.0, 1.0, 3.0, 3), "c": Spread(200.0, 200.0, 200.0, 1)}
    drawn = ElementTree.fromstring(dots("A title", "µs", found, ("c",)))
    texts = [
        "".join(element.itertext()) for element in drawn.iter() if element.tag.endswith("text")
    ]
    assert {"A title", "µs", "a & b", "c", "2.00", "200"} <= set(texts)
    series = {"one": [(10.0, Spread(1.0, 1.0, 1.0, 1)), (100.0, Spread(9.0, 8.0, 10.0, 3))]}
    drawn = ElementTree.fromstring(lines("Growth", "µs", "members", series))
    assert sum(element.tag.endswith("circle") for element in drawn.iter()) == 2


def test_what_is_recorded_is_read_again_also_of_a_run_that_was_broken_off(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "results" / "run.jsonl", campaign())
    recorder.add(row("trichat", "B", 0, 2.0))
    recorder.add(Row("F", "F search", "trichat", 0, values={"p50": 1.5}))
    assert results.load(recorder.path) == recorder.campaign


def test_a_profile_counts_each_sample_for_the_innermost_function() -> None:
    """Wherever the clone stands; a thread that waits for work is not at work."""
    stacks = (
        "run (/a/lib/site-packages/trio/_core/_run.py:1);put (/b/src/trichat/wire/outbox.py:2) 3\n"
        "run (trio/_core/_run.py:1) 1\n"
        "run (threading.py:5);Threads._work (trichat/store/sqlite/threads.py:9) 96\n"
    )
    shares = of_self(stacks)
    assert shares == {"put (trichat/wire/outbox.py)": 75, "run (trio/_core/_run.py)": 25}


def test_the_report_shows_the_largest_shares_of_a_profile() -> None:
    found = {f"f{number} (x.py)": float(number) for number in range(1, 31)}
    page, _ = compose(campaign(Row("B", "profile B", "trichat", 0, values=found)))
    assert "| `f30 (x.py)` | 30.0 |" in page
    assert "f10 (x.py)" not in page


def test_a_profile_is_told_by_packages_too() -> None:
    found = {
        "put (trichat/wire/outbox.py)": 30.0, "write_now (trichat/wire/direct.py)": 20.0,
        "run (trio/_core/_run.py)": 10.0, "wait (threading.py)": 2.0, "__init__ (<string>)": 1.0,
    }  # fmt: skip
    page, _ = compose(campaign(Row("C", "profile C", "trichat", 0, values=found)))
    assert "profile C" not in page  # it is no dialect's row
    assert "| `put (trichat/wire/outbox.py)` | 30.0 | trichat/wire | 50.0 |" in page
    assert "| `write_now (trichat/wire/direct.py)` | 20.0 | trio | 10.0 |" in page
    assert "| `run (trio/_core/_run.py)` | 10.0 | Python's library | 3.00 |" in page


def test_stuck_clients_stand_beside_such_that_read_and_beside_none() -> None:
    rows = [row("trichat", f"S {beside}", 0, 2.0) for beside in ("none", "reading", "stuck")]
    memory = {
        "connected_mib": 30.0, "peak_mib": 80.0, "kernel_mib": 50.0, "closed_1013": 1000.0,
        "closed_1006": 0.0,
    }  # fmt: skip
    rows.append(Row("S", "S stuck, memory", "trichat", 0, values=memory))
    text, _ = compose(campaign(*rows))
    assert "| 1000 that never read | 0 | 0 | – | – |" in text
    assert "| at its peak, MiB | – | 80.0 |" in text
    assert "| ended with 1013 | – | 1,000 |" in text
