"""Our speed and correctness on real data, printed by commands: `python -m bench.history --help`."""
