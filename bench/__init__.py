"""The benchmark: trichat and its peers under the same load. `python -m bench`, or `make bench`."""
