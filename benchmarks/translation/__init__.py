"""The benchmarks of sequence to sequence; see benchmarks/README.md."""
