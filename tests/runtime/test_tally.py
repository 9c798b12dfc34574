"""What is observed with every transaction is shown as Prometheus's own histogram would show it."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from trichat.runtime.tally import Tally

BOUNDS = (0.5, 1, 10)


def test_it_says_what_a_histogram_says() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("seconds", "How long.", BOUNDS, ours)
    histogram = Histogram("seconds", "How long.", buckets=BOUNDS, registry=theirs)
    for value in (0.0, 0.5, 0.50001, 1, 3, 10, 11, 1e9):
        assert generate_latest(ours) == generate_latest(theirs)
        tally.observe(value)
        histogram.observe(value)
    assert generate_latest(ours) == generate_latest(theirs)
