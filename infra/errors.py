"""What stops a synthesis: one sentence that names the thing and says what to do."""


class InfraError(Exception):
    """Raised before anything is written."""
