"""The benchmarks of n-gram models; see benchmarks/README.md."""
