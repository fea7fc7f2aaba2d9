"""Terraform, written in Python: what Stepsmith is on AWS, made from the folders of this repository.

    build-support/infra synth --env dev --account 123456789012 --out DIR      # Terraform JSON

    contents     what the folders hold: tools, model callers, agents (nothing is registered anywhere)
    site         where it goes: environment, account, AWS or an endpoint, where Terraform keeps state, a VPC of yours
    policy       IAM statements as values; nothing is allowed everywhere without a written reason
    iac          the only door to cdktf and the AWS provider
    constructs/  one per noun: ArtifactStore, Approvals, Secrets, Network, ToolFunction, ModelCaller, AgentMachine
    stacks/      foundation, tools, models, agents: what constructs there are, found from the folders
    root         the one Terraform root that holds the stacks: provider, state, versions
    synthesis    writes it, whole or not at all

ARNs are made of names (stepsmith.agent.Deployment), so that a plan shows them; artifacts are read when Terraform plans,
so a synthesis needs none.
"""
