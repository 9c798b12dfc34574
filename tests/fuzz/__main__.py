"""Every target in turn, each in a process of its own and with its share of the time.

Begins with the corpus that is kept here; what it finds on the way is forgotten, what it finds
wrong stays in tests/fuzz/found, to be tried again: `python -m tests.fuzz --again FILE`.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LONGEST = 2000  # bytes of an input


def main() -> int:
    """0 if nothing was found."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of all targets together")
    parser.add_argument("--targets", nargs="+", default=["frames", "decoders", "bodies"])
    parser.add_argument("--again", type=Path, help="an input that was kept")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    given, options = parser.parse_known_args()
    if given.only:
        return _fuzz(given.only, options)
    if given.again:
        return _again(given.again)
    found = [each for each in given.targets if not _try(each, given.seconds // len(given.targets))]
    print(f"found something in: {', '.join(found)}" if found else "nothing was found")
    return int(bool(found))


def _try(target: str, seconds: int) -> bool:
    """Whether it went well."""
    print(f"-- {target}, {seconds} s", flush=True)
    kept = HERE / "found"
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as fresh:
        options = [
            f"-max_total_time={max(seconds, 1)}", f"-max_len={LONGEST}", "-print_final_stats=1",
            "-timeout=20", f"-artifact_prefix={kept}/{target}-",
        ]  # fmt: skip
        command = [sys.executable, "-m", "tests.fuzz", "--only", target, *options]
        done = subprocess.run([*command, fresh, str(HERE / "corpus" / target)], check=False)
    return done.returncode == 0


def _fuzz(target: str, options: list[str]) -> int:
    import atheris  # it is no dependency of the tests

    with atheris.instrument_imports(include=["trichat", "wsproto"]):
        from tests.fuzz.targets import TARGETS

    atheris.Setup([sys.argv[0], *options], TARGETS[target])
    atheris.Fuzz()
    return 0


def _again(path: Path) -> int:
    from tests.fuzz.targets import TARGETS

    TARGETS[path.name.partition("-")[0]](path.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
