"""A source that changes while it is read, simulated: the product's own walks against it, by seed, and what they lost.

`python -m tests.simulation --seeds 100000` prints a table; a seed replays byte for byte.
"""
