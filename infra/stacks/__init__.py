"""The four stacks of an environment: scopes of its one Terraform root, so that addresses begin with a stack's name.

foundation   the bucket, the secrets, the approvals
tools        a function for each tool.json
models       a function for each caller.json
agents       a state machine for each agent.py
"""
