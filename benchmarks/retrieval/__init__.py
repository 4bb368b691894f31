"""The benchmarks of the search index; see benchmarks/README.md."""
