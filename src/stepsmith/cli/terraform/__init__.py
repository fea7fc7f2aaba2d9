"""Terraform as the commands use it: found, given its provider, run in a folder, and understood.

    program     which Terraform runs: the one on PATH, else the one that PyPI has
    provider    where the AWS provider lies on this machine, so that nothing is downloaded
    root        one folder with one state: init, plan, apply
    events      what Terraform says while it works (`-json`), as values
    faults      an error of Terraform or AWS as one sentence that says what to do
    kept        a copy of the state, which a killed Terraform may leave in pieces
    adoption    what a killed apply had made without writing it down
    workplace   the folder, for one command at a time

Everything that Terraform needs to know about AWS or the local endpoint comes in its environment (`cli.target`).
"""
