"""The stacks: what is applied together, and after what.

A stack is a Terraform root with a state of its own. It knows the others by names only.
"""
