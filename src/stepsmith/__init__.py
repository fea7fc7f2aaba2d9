"""Stepsmith: AI agents on AWS Step Functions, and the very same agents on a laptop. See docs/architecture.md."""
