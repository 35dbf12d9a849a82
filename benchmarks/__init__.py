"""Benchmarks: `make bench`. The workloads and their hand-written rivals are in `workloads.py`."""
