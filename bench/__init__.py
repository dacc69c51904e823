"""The benchmarks of DESIGN §9: `python -m bench` measures on scratch databases and drops them again.

Each measure stands beside its floor, the same rows fetched and printed by the shortest code that could,
so that a slow machine and slow code can be told apart.
"""
