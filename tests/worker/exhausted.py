"""A worker without a descriptor left: `full` on its input takes them all, `free` gives them back,
any other word does nothing.

It prints its port, answers each word with the word and the processor's seconds since the last one,
and logs to standard error.
"""

import logging
import os
import resource
import time
from contextlib import suppress

import trio

from tests.worker.echo import Echo
from tests.worker.serving import serving
from trichat.worker import WorkerLimits
from trichat.worker.descriptors import PROCESS

taken: list[int] = []


def take_all() -> None:
    with suppress(OSError):
        while True:
            taken.append(os.dup(0))


def give_back() -> None:
    while taken:
        os.close(taken.pop())


async def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    PROCESS.limit_to(-1)  # none is spared, so that accepting itself finds none
    PROCESS.hold()
    async with (
        serving(Echo(), limits=WorkerLimits(observe=logging.warning)) as server,
        trio.lowlevel.FdStream(os.dup(0)) as words,
    ):
        print(server.port, flush=True)
        used = time.process_time()
        while word := bytes(await words.receive_some()).strip().decode():
            if word == "full":
                take_all()
            elif word == "free":
                give_back()
            print(word, time.process_time() - used, flush=True)
            used = time.process_time()


if __name__ == "__main__":
    logging.basicConfig(format="%(name)s %(message)s")
    trio.run(main)
