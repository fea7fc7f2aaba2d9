"""One module per command: ``arguments(parser)`` and ``main(options) -> exit code``."""
