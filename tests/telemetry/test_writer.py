"""A thread writes the log: nobody waits for it, it is bounded, and what is lost is counted."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from trichat.telemetry.sinks import Descriptor, LogFile
from trichat.telemetry.writer import LineWriter

PATIENCE = 10.0


class Held:
    """A sink that writes nothing until it may, or fails while it has to."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.busy = threading.Event()
        self.failing = False
        self.lines: list[bytes] = []

    def write(self, line: bytes) -> None:
        self.busy.set()
        assert self.may.wait(PATIENCE)
        if self.failing:
            raise OSError("no reader")
        if line:
            self.lines.append(line)

    def reopen(self) -> None:
        raise OSError(2, "No such file or directory")


def notice(lost: int) -> bytes:
    return b"%d lost\n" % lost


@pytest.fixture
def held() -> Iterator[Held]:
    sink = Held()
    yield sink
    sink.may.set()


def numbered(many: int) -> list[bytes]:
    return [b"%04d\n" % number for number in range(many)]


def test_nobody_waits_for_a_reader_and_what_is_lost_is_told_in_its_place(held: Held) -> None:
    writer = LineWriter(held, bound=50)
    lines = numbered(20)
    for line in lines:
        writer.put(line, notice)  # would wait for ever if it waited
    assert writer.lost == 10  # ten of five bytes fit, and not one more
    held.may.set()
    assert writer.drain(PATIENCE)
    assert held.lines == [*lines[:10], b"10 lost\n"]
    writer.put(b"and on\n", notice)
    assert writer.drain(PATIENCE)
    assert held.lines[-1] == b"and on\n"


def test_a_full_queue_takes_lines_again_when_half_of_it_is_written(tmp_path: Path) -> None:
    """Behind a reader that takes line by line there is one notice, not one for each line."""
    reading, writing = os.pipe()
    os.set_blocking(reading, True)
    writer = LineWriter(Descriptor(writing), bound=1_000_000)
    big = b"x" * 99_999 + b"\n"
    for _ in range(15):
        writer.put(big, notice)
    assert writer.lost == 5
    got = b""
    while got.count(b"\n") < 3:
        got += os.read(reading, 65_536)
    writer.put(b"too early\n", notice)
    assert writer.lost == 6
    while got.count(b"\n") < 10:
        got += os.read(reading, 65_536)
    while writer.lost and b"6 lost\n" not in got:
        got += os.read(reading, 65_536)
    writer.put(b"in time\n", notice)
    while b"in time\n" not in got:
        got += os.read(reading, 65_536)
    assert got == big * 10 + b"6 lost\nin time\n"
    for number in (reading, writing):
        os.close(number)


def test_lines_that_cannot_be_written_are_counted_and_told_when_they_can(held: Held) -> None:
    writer = LineWriter(held)
    held.failing = True
    held.may.set()
    for line in numbered(3):
        writer.put(line, notice)
        assert writer.drain(PATIENCE)
    assert (writer.lost, held.lines) == (3, [])
    held.failing = False
    writer.put(b"and on\n", notice)
    assert writer.drain(PATIENCE)
    assert held.lines == [b"3 lost\n", b"and on\n"]
    assert writer.lost == 3


def test_who_drains_waits_no_longer_than_they_said_and_only_once(held: Held) -> None:
    writer = LineWriter(held)
    writer.put(b"one\n")
    began = time.monotonic()
    assert not writer.drain(0.2)
    assert 0.1 < time.monotonic() - began < 5
    began = time.monotonic()
    assert not writer.drain(60)
    assert time.monotonic() - began < 5
    held.may.set()
    while not writer.drain(0.1):
        pass
    assert held.lines == [b"one\n"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_replaced_with_the_next_line(held: Held) -> None:
    held.may.set()
    faults = [RuntimeError("a bug")]

    def broken(lost: int) -> bytes:
        raise faults.pop()

    writer = LineWriter(held, bound=5)
    held.failing = True
    writer.put(b"one\n", broken)  # lost, so that the next one comes with a notice
    assert writer.drain(PATIENCE)
    held.failing = False
    writer.put(b"two\n", broken)
    assert writer.drain(PATIENCE)
    assert not faults
    while writer._thread is not None and writer._thread.is_alive():
        time.sleep(0.001)
    writer.put(b"tri\n", notice)
    assert writer.drain(PATIENCE)
    assert held.lines[-1] == b"tri\n"


def test_a_pipe_without_a_reader_loses_lines_and_nothing_else() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = LineWriter(Descriptor(writing))
    for line in numbered(3):
        writer.put(line, notice)
    assert writer.drain(PATIENCE)
    assert writer.lost == 3
    os.close(writing)


def test_a_stream_that_was_closed_at_the_start_loses_lines_and_nothing_else() -> None:
    writer = LineWriter(Descriptor(None))
    writer.put(b"one\n")
    assert writer.drain(PATIENCE)
    assert writer.lost == 1


def test_a_descriptor_that_does_not_block_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    writer = LineWriter(Descriptor(writing))
    line = b"x" * 300_000 + b"\n"
    writer.put(line)
    got = b""
    while not got.endswith(b"\n"):
        got += os.read(reading, 65_536)
    assert (got, writer.lost) == (line, 0)
    for number in (reading, writing):
        os.close(number)


def test_a_line_that_was_written_in_part_spoils_no_other(tmp_path: Path) -> None:
    sink = LogFile(tmp_path / "log")
    real = os.write
    left = [3]

    def full(number: int, data: bytes) -> int:
        if not left:
            return real(number, data)
        room = left.pop()
        if not room:
            raise OSError(28, "No space left on device")
        left.append(0)
        return real(number, data[:room])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(OSError, match="No space"):
            sink.write(b"first\n")
    sink.write(b"second\n")
    sink.write(b"third\n")
    assert (tmp_path / "log").read_bytes() == b"fir\nsecond\nthird\n"


# Reopening


def test_a_log_file_that_was_renamed_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n")
    writer = LineWriter(LogFile(path))
    writer.put(b"one\n")
    assert writer.drain(PATIENCE)
    path.rename(tmp_path / "log.1")
    writer.put(b"two\n")
    assert writer.drain(PATIENCE)
    told: list[OSError | None] = []
    writer.reopen(told.append)
    assert writer.drain(PATIENCE)
    writer.put(b"three\n")
    assert writer.drain(PATIENCE)
    assert told == [None]
    assert (tmp_path / "log.1").read_bytes() == b"before\none\ntwo\n"
    assert path.read_bytes() == b"three\n"
    assert oct(path.stat().st_mode & 0o137) == "0o0"


def test_a_log_file_that_cannot_be_opened_anew_is_written_on(tmp_path: Path) -> None:
    place = tmp_path / "logs"
    place.mkdir()
    writer = LineWriter(LogFile(place / "log"))
    place.rename(tmp_path / "old")
    told: list[OSError | None] = []
    writer.reopen(told.append)
    assert writer.drain(PATIENCE)
    writer.put(b"still here\n")
    assert writer.drain(PATIENCE)
    assert [type(error) for error in told] == [FileNotFoundError]
    assert (tmp_path / "old" / "log").read_bytes() == b"still here\n"
