"""Terraform, written in Python: what Stepsmith is on AWS, made from the folders of this repository.

    build-support/infra synth --env dev --account 123456789012 --out DIR      # one folder of Terraform JSON per stack

    contents     what the folders hold: tools, model callers, agents (nothing is registered anywhere)
    site         where it goes: environment, account, AWS or a local endpoint, where Terraform keeps its state
    policy       IAM statements as values; nothing is allowed everywhere without a written reason
    iac          the only door to cdktf and the AWS provider
    constructs/  one per noun: ArtifactStore, Approvals, Secrets, ToolFunction, ModelCaller, AgentMachine
    stacks/      foundation, tools, models, agents: each its own Terraform root with its own state
    synthesis    writes them, whole or not at all

Stacks refer to each other by names (stepsmith.agent.Deployment), never by each other's state, and artifacts are read
when Terraform plans: so one stack can be synthesised, reviewed and applied without the others.
"""
