"""Settings of every test: Hypothesis sets no deadline, since a slow machine is not a failure."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
