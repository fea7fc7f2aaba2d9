"""The terminal: one module per command, and the only place that wires the layers together.

    __main__    the table of commands, and how an error becomes one sentence
    settings    what the environment, ``.env`` and ``stepsmith.toml`` say, read once
    project     the agents, tools and callers of this repository, found as folders
    native      artifacts of tools and callers, built where they are missing
    offline     stand-ins of outside services for scripted runs
    wiring      functions, roles and the local runtime, made from the project and the settings
    models      which model answers, and what is missing where none can
    target      where agents are deployed: AWS, or the running endpoint
    synthesis   what is deployed, written down for Terraform
    terraform   Terraform itself: found, run stack by stack, and understood
    changes     its plans, and how far they are carried out, for a person
    terminal    how text, tables and Markdown reach a person
    live        a run while it happens

Each command module has ``arguments(parser)`` and ``main(options) -> exit code``.
"""
