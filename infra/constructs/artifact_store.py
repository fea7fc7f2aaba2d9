"""ArtifactStore: the bucket of an environment.

    code/         the functions' artifacts, by the hash of what they hold
    artifacts/    what tools make, one prefix per run
    transcripts/  conversations, one prefix per run; no tool's role can read here

Encrypted, closed to the public and to plain HTTP, without ACLs. Runs' objects go when Step Functions forgets the run.
"""

from infra.iac import (
    Construct,
    S3Bucket,
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
    S3BucketPolicy,
    S3BucketPublicAccessBlock,
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
    json_text,
)
from infra.policy import Statement, document
from infra.site import Site

RUN_DAYS = 90
"""How long Step Functions keeps the history of an execution that has ended."""
UPLOAD_DAYS = 7


class ArtifactStore(Construct):
    def __init__(self, scope: Construct, site: Site) -> None:
        super().__init__(scope, "store")
        deployment = site.deployment
        bucket = S3Bucket(self, "bucket", bucket=deployment.bucket, force_destroy=site.is_disposable)
        self.bucket: str = bucket.id
        closed = S3BucketPublicAccessBlock(
            self,
            "closed",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        # S3 refuses two changes of one bucket's access at once: one after the other.
        owner = S3BucketOwnershipControls(
            self,
            "owner",
            bucket=bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
            depends_on=[closed],
        )
        S3BucketPolicy(
            self,
            "policy",
            bucket=bucket.id,
            policy=json_text(document(_tls_only(deployment.bucket_arn))),
            depends_on=[owner],
        )
        self._encrypt(bucket)
        if not site.is_local:
            self._forget(bucket)

    def _encrypt(self, bucket: S3Bucket) -> None:
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        sse_algorithm="AES256"
                    )
                )
            ],
        )

    def _forget(self, bucket: S3Bucket) -> None:
        """Not on a laptop, where nothing expires. To be sure of it the provider asks S3 ten times, in 50 seconds."""
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=bucket.id,
            rule=[_expires("artifacts/"), _expires("transcripts/"), _ABANDONED],
        )


def _expires(prefix: str) -> S3BucketLifecycleConfigurationRule:
    return S3BucketLifecycleConfigurationRule(
        id=prefix.rstrip("/"),
        status="Enabled",
        filter=[S3BucketLifecycleConfigurationRuleFilter(prefix=prefix)],
        expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=RUN_DAYS)],
    )


_ABANDONED = S3BucketLifecycleConfigurationRule(
    id="uploads",
    status="Enabled",
    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
    abort_incomplete_multipart_upload=[
        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=UPLOAD_DAYS)
    ],
)


def _tls_only(bucket: str) -> Statement:
    """Nobody may come over plain HTTP. A Deny takes rights away, so here every action is meant."""
    return Statement(
        ("s3:*",),
        (bucket, f"{bucket}/*"),
        where={"Bool": {"aws:SecureTransport": "false"}},
        principal="*",
        effect="Deny",
    )
