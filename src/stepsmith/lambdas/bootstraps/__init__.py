"""What runs inside a function's process, one file a language. Python's is started by its path, never as this package."""
