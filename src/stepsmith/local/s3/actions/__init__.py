"""What clients ask of S3, action by action, and the table that finds an action for a request.

    buckets     make, remove, find
    lists       what a bucket holds
    objects     put, get, remove, describe
    copies      objects and parts made of other objects
    parts       uploads in parts
    tagging     tags of objects
    configured  what is set of a bucket

Each action checks the caller's role for the very bucket and keys that it touches.
"""

from .table import act

__all__ = ["act"]
