"""The sub-commands of `seqkit`: each one function that reads options and calls the library."""
