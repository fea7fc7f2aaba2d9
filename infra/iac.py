"""The only door to cdktf: every name of it, and of the AWS provider, that the constructs use.

cdktf was archived by its maker in December 2025; its fork cdktn has the same API. To move, change the imports of this
file and two lines of 3rdparty/python/infra.txt (docs/infra.md).

Importing any module of the provider would first run its package's `__init__`, which loads 4,273 modules (half a
minute, half a gigabyte). The package is registered here without running it, so that only the modules named below load.
"""
# mypy: implicit-reexport

import importlib.util
import json
import os
import shutil
import sys
from typing import Any

from infra.errors import InfraError

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
if not shutil.which(os.environ.get("JSII_NODE", "node")):
    raise InfraError("node is not installed: cdktf runs on it. Install Node.js 20 or newer, then try again.")


def _register(package: str) -> None:
    """Makes `package` importable without running its __init__."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise InfraError(f"{package} is not installed: start by build-support/infra, which installs it.")
    sys.modules.setdefault(package, importlib.util.module_from_spec(spec))


_register("cdktf_cdktf_provider_aws")

from cdktf import App, LocalBackend, S3Backend, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
)
from cdktf_cdktf_provider_aws.data_aws_vpc_endpoint_service import DataAwsVpcEndpointService
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableTtl,
)
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags, AwsProviderEndpoints
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_object import S3Object
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.sfn_activity import SfnActivity
from cdktf_cdktf_provider_aws.sfn_alias import SfnAlias, SfnAliasRoutingConfiguration
from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
)
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct


def literal(text: str) -> str:
    """The text as Terraform must be given it to mean just that: ``${`` and ``%{`` begin no template."""
    return text.replace("${", "$${").replace("%{", "%%{")


def json_text(value: Any) -> str:
    """Compact JSON as a literal text: policies, definitions."""
    return literal(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
