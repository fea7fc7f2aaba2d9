"""S3 as the role of a state machine sees it: what the role may not do is refused as S3 refuses it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from stepsmith.local.s3 import Buckets
from stepsmith.local.s3.faults import Fault
from stepsmith.local.s3.records import About, Object

Refusal = Callable[[str, str], str | None]
"""Why an action may not be done to a resource, in AWS's words; None where it may."""


@dataclass(frozen=True, slots=True)
class Access:
    """The buckets, for one role. Raises Fault."""

    buckets: Buckets
    refusal: Refusal

    def open(self, bucket: str, key: str) -> BinaryIO:
        self._check("s3:GetObject", f"{bucket}/{key}")
        return self.buckets.open(bucket, key)[1]

    def keys(self, bucket: str, prefix: str) -> list[str]:
        self._check("s3:ListBucket", bucket)
        return self.buckets.keys(bucket, prefix)

    def find(self, bucket: str, key: str) -> Object:
        """One of the `keys`, as the listing tells of it."""
        return self.buckets.find(bucket, key)

    def temporary(self) -> BinaryIO:
        return self.buckets.temporary()

    def commit(self, written: BinaryIO, bucket: str, key: str, about: About) -> None:
        self._check("s3:PutObject", f"{bucket}/{key}")
        self.buckets.commit(written, bucket, key, about)

    def discard(self, written: BinaryIO) -> None:
        self.buckets.discard(written)

    def _check(self, action: str, path: str) -> None:
        why = self.refusal(action, f"arn:aws:s3:::{path}")
        if why is not None:
            raise Fault("AccessDenied", why)
