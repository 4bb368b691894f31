"""The benchmarks of recurrent language models; see benchmarks/README.md."""
