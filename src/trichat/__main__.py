"""`python -m trichat` is `trichat`."""

from trichat.cli import main

main()
