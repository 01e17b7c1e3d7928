"""The gate before Model B refuses a table whose format or metadata give the label away, and says by how much."""

import pytest

from cgid.audit import gate
from cgid.errors import InputError
from model_b_cases import groups, run, table  # noqa: F401


@pytest.mark.parametrize("wrong", [-0.1, 0.3, 1, 5])
def test_a_gate_is_a_share_between_chance_and_certainty(wrong):
    with pytest.raises(InputError, match="--gate must be 0"):
        gate.check_gate(wrong)


def test_model_b_refuses_a_leaking_table_and_names_the_family_with_its_interval(tmp_path):
    with pytest.raises(
        InputError, match=r"leakage gate refuses.*`provenance` alone with 9\d\.\d % \(.* to .*\).*allows 60%"
    ):
        run(tmp_path, table(leak=4.0), gate=0.6)
    assert not (tmp_path / "artifacts" / "runs" / "model_b" / "run" / "run_manifest.json").exists()


def test_model_b_passes_where_the_leaking_columns_are_left_out_or_say_nothing(tmp_path):
    left_out = run(tmp_path, table(leak=4.0), "left_out", gate=0.6, exclude_prefixes=("metadata_",))
    assert left_out.manifest["gate"] == {"limit": 0.6, "probes": {}}
    quiet = run(tmp_path, table(leak=0.0), "quiet", gate=0.75)
    assert quiet.manifest["gate"]["probes"]["provenance"]["balanced_accuracy"]["value"] < 0.75


def test_without_a_gate_nothing_is_asked(tmp_path):
    assert run(tmp_path, table(leak=4.0)).manifest["gate"] == {"limit": 0.0, "probes": None}
