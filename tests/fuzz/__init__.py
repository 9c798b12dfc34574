"""Whatever bytes may come: coverage-guided, for as long as one likes. `make fuzz SECONDS=60`."""
