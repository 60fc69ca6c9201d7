"""The benchmarks: each a command that prints its tables."""
