"""The soak's judgement: what is flat, what leaks, what is lost."""

from pathlib import Path
from xml.etree import ElementTree

import apsw
from attrs import evolve
from bench.soak.ledger import Ledger, lost_and_doubled
from bench.soak.plot import course
from bench.soak.samples import Sample
from bench.soak.verdict import faults, trends

IDLE = Sample(0, 80, 20, 15, 0, 0, 1, 5)
BUSY = Sample(0, 90, 250, 115, 100, 1000, 5, 50)


def run(rise: float = 0, spike: float = 0) -> list[Sample]:
    """Half an hour; the warm-up rises in any case."""
    return [
        evolve(
            BUSY,
            at=5.0 * n,
            rss=90 + min(n, 50) / 10 + rise * n / 360 + (spike if n % 90 == 7 else 0),
        )
        for n in range(361)
    ]


def well() -> Ledger:
    ledger = Ledger()
    ledger.acknowledged.add(ledger.text())
    return ledger


def test_a_warm_up_and_spikes_are_no_growth() -> None:
    samples = run(spike=60)
    assert abs(trends(samples)["rss"].rise) < 0.1
    assert faults(samples, IDLE, IDLE, well(), 0, 0) == []


def test_steady_growth_is() -> None:
    (fault,) = faults(run(rise=12), IDLE, IDLE, well(), 0, 0)
    assert fault.startswith("rss rises by 8.0")


def test_what_is_left_behind_is_a_fault() -> None:
    left = evolve(IDLE, tasks=26, descriptors=21, connections=1)
    assert [fault.split(" when")[0] for fault in faults(run(), IDLE, left, well(), 0, 0)] == [
        "26 tasks", "21 descriptors", "1 connections"
    ]  # fmt: skip


def test_messages_are_counted_in_the_history(tmp_path: Path) -> None:
    ledger = Ledger()
    told = [ledger.text() for _ in range(4)]
    ledger.acknowledged |= set(told[:3])
    db = apsw.Connection(str(tmp_path / "trichat.db"))
    db.execute("CREATE TABLE messages (text TEXT)")
    stored = [told[0], told[0].strip(), told[1], told[3], "another's"]
    db.executemany("INSERT INTO messages VALUES (?)", [(text,) for text in stored])
    db.close()
    assert lost_and_doubled(tmp_path / "trichat.db", ledger) == (1, 1)


def test_lost_messages_and_a_silent_server_are_faults() -> None:
    assert faults(run(), IDLE, IDLE, well(), 1, 2) == [
        "1 acknowledged messages are not in the history",
        "2 messages stand in the history twice",
    ]
    assert faults(run(), IDLE, IDLE, Ledger(), 0, 0) == ["nothing was acknowledged"]


def test_the_plot_is_xml_with_a_line_for_each_measure() -> None:
    root = ElementTree.fromstring(course(run(), 300))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 7
    assert all(len(line.attrib["points"].split()) == 361 for line in lines)
