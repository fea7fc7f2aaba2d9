"""moto's list of whose bucket is whose, which it keeps besides its backends and so does not come back with them.

A bucket that stands there and not in the backend (of another data folder, or removed by another process) sends moto in
circles. There is one account here, and its backend knows all its buckets.
"""

from typing import Any

from stepsmith.local.roles.permissions import ACCOUNT

PARTITION = "aws"


def know(backend: Any) -> None:
    """Lists the backend's buckets and no others."""
    from moto.s3.models import s3_backends

    s3_backends.bucket_accounts = dict.fromkeys(backend.buckets, (PARTITION, ACCOUNT))
