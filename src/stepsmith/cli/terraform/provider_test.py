"""Claims on where the provider is found."""

from pathlib import Path

import pytest

from stepsmith.cli.errors import UsageError

from .provider import AWS, Provider, mirror, system


def holding(folder: Path, packed: bool = False) -> Path:
    home = folder / "registry.terraform.io/hashicorp/aws"
    file = (
        home / f"terraform-provider-aws_5.100.0_{system()}.zip"
        if packed
        else home / "5.100.0" / system() / "terraform-provider-aws_v5.100.0_x5"
    )
    file.parent.mkdir(parents=True)
    file.touch()
    return folder


@pytest.mark.parametrize("source", ["aws", "hashicorp/aws", "registry.terraform.io/hashicorp/aws"])
def test_a_source_may_leave_out_the_namespace_and_the_registry(source: str) -> None:
    assert Provider.required({"source": source, "version": "5.100.0"}) == AWS


@pytest.mark.parametrize("packed", [False, True])
def test_the_folder_that_is_named_comes_first(tmp_path: Path, packed: bool) -> None:
    named = holding(tmp_path / "named", packed)
    holding(tmp_path / "shared/other")
    assert mirror(AWS, {"TF_PLUGIN_MIRROR": str(named)}, [tmp_path / "shared"]) == named


def test_a_named_folder_without_the_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"TF_PLUGIN_MIRROR: .* does not hold hashicorp/aws 5\.100\.0"):
        mirror(AWS, {"TF_PLUGIN_MIRROR": str(tmp_path)}, [])


def test_then_come_terraforms_own_folders_and_those_below_shared_ones(tmp_path: Path) -> None:
    shared = holding(tmp_path / "shared/tf-plugins")
    home = {"HOME": str(tmp_path / "home"), "XDG_DATA_DIRS": str(tmp_path / "data")}
    assert mirror(AWS, home, [tmp_path / "shared"]) == shared
    implied = holding(tmp_path / "home/.terraform.d/plugins")
    assert mirror(AWS, home, [tmp_path / "shared"]) == implied


def test_another_version_is_none(tmp_path: Path) -> None:
    holding(tmp_path / "shared/tf-plugins")
    nowhere = {"HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    assert mirror(Provider("hashicorp/aws", "6.0.0"), nowhere, [tmp_path / "shared"]) is None
