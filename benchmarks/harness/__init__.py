"""What every benchmark needs: the machine, fresh processes, and results that are kept.

Nothing is imported here: a fresh process begins in this package, and what it holds is measured.
"""
