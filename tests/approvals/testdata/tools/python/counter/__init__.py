"""A tool Lambda of the tests."""
