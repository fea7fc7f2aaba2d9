"""What is set of a bucket besides its objects: policy, lifecycle, encryption, public access block, tags and so on.

Kept and shown by moto's S3, which knows the same bucket for that purpose alone: it is made there when its configuration
is first asked for, and goes with it. None of it acts on objects here: no policy of a bucket is evaluated, nothing
expires, no event is sent, an object has one version.
"""

import asyncio
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from .faults import not_here

NOUNS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
"""The parameter that names a part of the configuration, and IAM's noun for it."""

_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Put"}
_DELETED = ("policy", "website")  # to remove these is an action of its own
_MORE = ("id", "continuation-token")  # inventory, analytics and metrics have several each
_NOT_SENT = ("authorization", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")
_SMALLEST, _SMALLEST_HERE = "x-amz-transition-default-minimum-object-size", "all_storage_classes_128K"
"""Of lifecycles. moto does not keep it, and Terraform waits until it is as it was asked for: S3's default is."""

_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_NEW: Mapping[str, bytes] = {
    "encryption": f"""<ServerSideEncryptionConfiguration xmlns="{_XMLNS}"><Rule><ApplyServerSideEncryptionByDefault>
<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>
</ServerSideEncryptionConfiguration>""".encode(),
    "ownershipControls": f"""<OwnershipControls xmlns="{_XMLNS}"><Rule>
<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>""".encode(),
    "publicAccessBlock": f"""<PublicAccessBlockConfiguration xmlns="{_XMLNS}"><BlockPublicAcls>true</BlockPublicAcls>
<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>
<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>""".encode(),
}
"""What a new bucket has: "Default settings for new S3 buckets FAQ" and "Setting default server-side encryption"."""

_NONE: Mapping[str, str] = {}
Answer = tuple[int, Mapping[str, str], bytes]


class Keeper(Protocol):
    """Another S3 in this process, for configuration alone (moto)."""

    async def call(self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer: ...

    async def mark(self, service: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration of buckets that exist; None for `keeper`: nothing can be configured."""

    keeper: Keeper | None = None
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    """What a bucket is made with must not come after what it is given."""

    def keeps(self, method: str, parameters: Set[str]) -> bool:
        """Whether a request with these parameters is about configuration."""
        return method in _VERBS and len(parameters & NOUNS.keys()) == 1 and parameters <= {*NOUNS, *_MORE}

    async def answer(self, bucket: str, method: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Status, headers and body."""
        if self.keeper is None:
            raise not_here("the configuration of buckets needs `stepsmith up`")
        if headers.get(_SMALLEST, _SMALLEST_HERE) != _SMALLEST_HERE:
            raise not_here(f"{_SMALLEST}: {headers[_SMALLEST][:40]}")
        sent = {name: value for name, value in headers.items() if name not in _NOT_SENT}
        async with self._one_by_one:
            status, answered, document = await self._asked(bucket, method, query, sent, body)
        return status, {**answered, **({_SMALLEST: _SMALLEST_HERE} if "lifecycle" in query else {})}, document

    async def _asked(self, bucket: str, method: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = await self._call(method, f"{bucket}?{query}", headers, body)
        if answer[0] == 404 and b"<Code>NoSuchBucket</Code>" in answer[2]:
            await self._call("PUT", bucket)
            for part in _NEW:
                await self._reset(bucket, part)
            answer = await self._call(method, f"{bucket}?{query}", headers, body)
        if method == "DELETE" and query.partition("=")[0] == "encryption":
            await self._reset(bucket, "encryption")  # so DeleteBucketEncryption: there is no bucket without
        return answer

    async def _reset(self, bucket: str, part: str) -> None:
        await self._call("PUT", f"{bucket}?{part}", body=_NEW[part])

    async def _call(self, method: str, path: str, headers: Mapping[str, str] = _NONE, body: bytes = b"") -> Answer:
        assert self.keeper is not None
        return await self.keeper.call("s3", method, f"/{path}", headers, body)

    async def forget(self, bucket: str) -> None:
        """Everything that was set of the bucket."""
        if self.keeper is not None and await self.keeper.mark("s3"):
            await self._call("DELETE", bucket)


def action(method: str, parameters: Set[str]) -> str:
    """IAM's name for reading, setting or removing this part."""
    name = next(iter(parameters & NOUNS.keys()))
    verb = "Delete" if method == "DELETE" and name in _DELETED else _VERBS[method]
    return f"{verb}{NOUNS[name]}"
