"""What runs inside a function's process, one file a language; started by path, never imported there."""
