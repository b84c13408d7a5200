"""CloudFormation stacks, kubeconfig and image registry, by the Makefile's verbs and the real AWS command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import fields
from fnmatch import fnmatchcase

import pytest
from cfnlint.decode import decode

from monitoring.records import MANIFEST_FILE, Record
from tests import servers
from tests.aws.conftest import BUCKETS, ROOT, make

pytestmark = [
    pytest.mark.aws,
    pytest.mark.skipif(not shutil.which("aws"), reason="the AWS command line is not installed"),
]

ISSUER = "https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE"
# What moto's CloudFormation does not make; cfn-lint has checked these resources.
NOT_IN_MOTO = ("AWS::EKS::", "AWS::QuickSight::", "AWS::IAM::OIDCProvider", "AWS::ApplicationAutoScaling::")


def load(name: str) -> dict:
    template, problems = decode(f"{ROOT}/aws/{name}.yaml")
    assert not problems
    return json.loads(json.dumps(template))


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """A folder with the templates, less what moto does not make."""
    folder = tmp_path_factory.mktemp("templates")
    for name in ("storage", "cluster", "reporting", "sagemaker"):
        template = load(name)
        resources = template["Resources"]
        template["Resources"] = {
            key: value for key, value in resources.items() if not value["Type"].startswith(NOT_IN_MOTO)
        }
        text = json.dumps(template).replace('{"Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"]}', f'"{ISSUER}"')
        text = text.replace("${IdentityProvider}", "arn:aws:iam::123456789012:oidc-provider/EXAMPLE")
        (folder / f"{name}.yaml").write_text(text)
    return f"TEMPLATES={folder}"


@pytest.fixture(scope="module")
def stored(moto):
    """The environment after ``make storage``."""
    finished = make("storage", moto)
    assert finished.returncode == 0, finished.stderr
    return moto


@pytest.mark.usefixtures("stored")
def test_the_buckets_and_the_image_repositories_are_made(aws):
    for bucket in BUCKETS.values():
        [rule] = aws("s3api", "get-bucket-encryption", f"--bucket={bucket}")["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    repositories = aws("ecr", "describe-repositories")["repositories"]
    assert {repository["repositoryName"] for repository in repositories} == {"oncology-webservice", "oncology-trainer"}
    assert {repository["imageTagMutability"] for repository in repositories} == {"IMMUTABLE"}


@pytest.mark.parametrize("name", ["Data", "Models", "Metrics", "Packages"])
def test_every_bucket_is_versioned_private_tls_only_and_has_a_life_cycle(name):
    resources = load("storage")["Resources"]
    bucket = resources[name]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert {rule["Id"] for rule in bucket["LifecycleConfiguration"]["Rules"]} == {"earlier-versions", "cut-uploads"}
    policy = resources[f"{name}Policy"]["Properties"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Ref": name}
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_network_and_the_roles_of_the_cluster_are_made(moto, aws, templates):
    finished = make("cluster", moto, "API_CIDR=203.0.113.7/32", templates)
    assert finished.returncode == 0, finished.stderr
    assert len(aws("ec2", "describe-subnets", "--filters=Name=cidr-block,Values=10.42.*")["Subnets"]) == 4
    roles = {role["RoleName"]: role for role in aws("iam", "list-roles")["Roles"]}
    for role in ("trainer", "webservice", "nexus", "load-balancer"):
        [statement] = roles[f"oncology-{role}"]["AssumeRolePolicyDocument"]["Statement"]
        condition = statement["Condition"]["StringEquals"]
        assert condition[f"{ISSUER.removeprefix('https://')}:aud"] == "sts.amazonaws.com"
    assert not aws("iam", "list-role-policies", "--role-name=oncology-webservice")["PolicyNames"]


def test_the_endpoint_of_sagemaker_is_made_of_our_image_and_model(moto, aws, templates):
    image, model = (
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/oncology-webservice:1",
        "s3://acme-models/model.tar.gz",
    )
    finished = make("sagemaker", moto, f"IMAGE_URI={image}", f"MODEL_URI={model}", templates)
    assert finished.returncode == 0, finished.stderr
    [endpoint] = aws("sagemaker", "list-endpoints")["Endpoints"]
    told = aws("sagemaker", "describe-endpoint", f"--endpoint-name={endpoint['EndpointName']}")
    configuration = aws("sagemaker", "describe-endpoint-config", f"--endpoint-config-name={told['EndpointConfigName']}")
    [variant] = configuration["ProductionVariants"]
    container = aws("sagemaker", "describe-model", f"--model-name={variant['ModelName']}")["PrimaryContainer"]
    assert (container["Image"], container["ModelDataUrl"]) == (image, model)


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", "acme-data/breast_cancer.csv", True),
        ("s3:PutObject", "acme-models/jobs/1/manifest.json", True),
        ("s3:PutObject", "acme-metrics/reports/1/metrics.json", True),
        ("s3:DeleteObject", "acme-models/jobs/1/model.joblib.next", True),
        ("s3:PutObject", "acme-data/breast_cancer.csv", False),
        ("s3:DeleteObject", "acme-models/jobs/1/model.joblib", False),
        ("s3:PutObject", "acme-metrics/trainer/0.1.1.json", False),
        ("s3:GetObject", "acme-packages/blob", False),
    ],
)
def test_the_trainer_may_do_what_it_needs_and_no_more(action, resource, allowed):
    [policy] = load("cluster")["Resources"]["TrainerRole"]["Properties"]["Policies"]
    granted = {
        (granted, _filled(arn["Fn::Sub"]))
        for statement in policy["PolicyDocument"]["Statement"]
        for granted in _list(statement["Action"])
        for arn in _list(statement["Resource"])
    }
    arn = f"arn:aws:s3:::{resource}"
    assert any(action == granted_action and fnmatchcase(arn, pattern) for granted_action, pattern in granted) is allowed


def _list(value):
    return value if isinstance(value, list) else [value]


def _filled(pattern):
    for name in ("Data", "Models", "Metrics"):
        pattern = pattern.replace(f"${{{name}Bucket}}", f"acme-{name.lower()}")
    return pattern.replace("${AWS::Partition}", "aws")


def test_reporting_gives_quicksight_its_manifest_and_a_role_to_read_with(stored, aws, templates):
    principal = "arn:aws:quicksight:eu-central-1:123456789012:user/default/ann"
    finished = make("reporting", stored, f"QUICKSIGHT_PRINCIPAL={principal}", templates)
    assert finished.returncode == 0, finished.stderr
    assert aws("s3api", "head-object", "--bucket=acme-metrics", f"--key={MANIFEST_FILE}")["ContentLength"] > 0
    assert any("ReaderRole" in role["RoleName"] for role in aws("iam", "list-roles")["Roles"])


def test_the_columns_of_the_data_sets_are_those_of_the_records():
    names = [field.name for field in fields(Record)]
    resources = load("reporting")["Resources"]
    for name in ("TrainerKpis", "ServiceKpis"):
        table = resources[name]["Properties"]["PhysicalTableMap"]["records"]["S3Source"]
        assert [column["Name"] for column in table["InputColumns"]] == names
    for configuration in resources["Page"]["Properties"]["Definition"]["DataSetConfigurations"]:
        assert [column["Name"] for column in configuration["DataSetSchema"]["ColumnSchemaList"]] == names


def test_kubectl_is_told_of_the_cluster(moto, aws, tmp_path):
    aws(
        *("eks", "create-cluster", "--name=oncology", "--role-arn=arn:aws:iam::123456789012:role/r"),
        "--resources-vpc-config=subnetIds=subnet-1,subnet-2",
    )
    config = tmp_path / "kubeconfig"
    assert make("kubeconfig", moto | {"KUBECONFIG": str(config)}).returncode == 0
    assert "cluster/oncology" in config.read_text()
    missing = make("kubeconfig", moto | {"KUBECONFIG": str(config)}, "CLUSTER_NAME=other")
    assert missing.returncode == 2
    assert "No cluster found for name: other" in missing.stderr


@pytest.mark.parametrize(
    ("verb", "change", "reason"),
    [
        ("storage", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Unable to locate credentials"),
        ("kubeconfig", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect to the endpoint URL"),
        ("kubeconfig", {"AWS_DEFAULT_REGION": ""}, "You must specify a region"),
    ],
)
def test_what_the_command_line_cannot_do_is_one_line(moto, verb, change, reason):
    environment = {name: value for name, value in (moto | change | {"AWS_MAX_ATTEMPTS": "1"}).items() if value}
    finished = make(verb, environment)
    assert finished.returncode == 2
    assert reason in finished.stderr
    assert "Traceback" not in finished.stderr


# moto's token for ECR, 123456789012-auth-token, as the registry wants it: bcrypt.
PASSWORDS = "AWS:$2y$05$abcdefghijklmnopqrstuu/4ofrUS75HrKu6f.iuRo0I/XlrmpqlC\n"


@pytest.mark.skipif(
    not (shutil.which("docker-registry") and shutil.which("podman")), reason="no docker-registry and podman here"
)
def test_an_image_is_pushed_after_the_login_and_not_before(stored, tmp_path):
    (tmp_path / "passwords").write_text(PASSWORDS)
    port = servers.free_port()
    (tmp_path / "registry.yml").write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/images}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: ecr, path: {tmp_path}/passwords}}}}\n"
    )
    (tmp_path / "podman").write_text('#!/bin/sh\nverb=$1; shift; exec podman "$verb" --tls-verify=false "$@"\n')
    (tmp_path / "podman").chmod(0o755)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    environment = stored | {"REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")}
    image = f"127.0.0.1:{port}/oncology-webservice:1"
    subprocess.run(["podman", "build", "--quiet", "--tag", image, tmp_path], check=True, capture_output=True)
    push = [tmp_path / "podman", "push", "--quiet", image]
    with servers.serving(["docker-registry", "serve", tmp_path / "registry.yml"], port, tmp_path / "log"):
        before = subprocess.run(push, env=os.environ | environment, capture_output=True, text=True, check=False)
        assert before.returncode != 0
        settings = (f"REGISTRY=127.0.0.1:{port}", "ECR=yes", f"CONTAINER_TOOL={tmp_path}/podman")
        login = make("registry.login", environment, *settings)
        assert "Login Succeeded" in login.stdout, login.stderr
        subprocess.run(push, env=os.environ | environment, check=True, capture_output=True)
