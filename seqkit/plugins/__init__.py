"""seqkit inside other libraries: a component for spaCy, an estimator for scikit-learn.

Each module needs its library; this package imports neither, and nothing imports it.
"""
