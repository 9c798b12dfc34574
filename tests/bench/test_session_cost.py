"""`python -m bench.session_cost` measures, and does nothing else by mistake."""

from pathlib import Path

import pytest
from bench.session_cost import main


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), (["data"], 2), (["--serve"], 2)])
def test_words_that_it_does_not_know_show_the_usage(
    words: list[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It took any word for the name of a data directory, and made one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["session_cost", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    shown = capsys.readouterr()
    assert "usage: python -m bench.session_cost" in shown.out + shown.err
    assert list(tmp_path.iterdir()) == []
