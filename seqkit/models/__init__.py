"""Model families, one a file, and the objects that an app uses.

Nothing is imported here: an app that uses a `bag` or a baseline never waits for torch.
"""
