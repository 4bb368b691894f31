"""The benchmarks of word vectors; see benchmarks/README.md."""
