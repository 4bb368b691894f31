"""The parts of `benchmarks/classify.py`. What is measured runs in fresh processes, see `jobs`."""
