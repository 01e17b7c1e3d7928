"""The registry: groups are found by being there, each after those it reads, and the old column names are kept."""

import subprocess
import sys

import pytest

from cgid.errors import InputError
from cgid.features.registry import all_groups, family_of, select_groups

KEPT = [
    "rule_forensic_score",
    "ml_probability",
    "metadata_anomaly_score",
    "metadata_findings_count",
    "hashes_match",
    "jpeg_structure_valid",
    "c2pa_present",
    "c2pa_signature_valid",
    "c2pa_score",
    "c2pa_ai_assertion_count",
    "c2pa_ai_flag",
    "jpeg_qtable_anomaly_score",
    "jpeg_quality_estimate",
    "jpeg_double_compression",
    "jpeg_inconsistency_score",
    "jpeg_combined_anomaly_score",
    "noise_variance",
    "noise_spectral_flatness",
    "noise_anomaly_score",
    "noise_inconsistency_score",
    "ela_mean_error",
    "ela_max_error",
    "ela_anomaly_score",
    "watermark_detected",
    "watermark_confidence",
]


@pytest.mark.parametrize("column", KEPT)
def test_columns_of_the_earlier_system_are_there(column):
    assert column in {c for g in all_groups().values() for c in g.columns}
    assert family_of(column) != "unknown"


def test_groups_come_after_those_they_read():
    order = list(all_groups())
    for key, group in all_groups().items():
        assert all(order.index(other) < order.index(key) for other in group.after)


def test_choosing_brings_what_is_read_and_refuses_what_is_not_there():
    assert list(select_groups("ela, noise")) == ["ela", "noise"]
    assert set(all_groups()["rules"].after) < set(select_groups("rules"))
    assert select_groups("") == all_groups()
    with pytest.raises(InputError, match="No feature group is called elephant"):
        select_groups("elephant")


def test_there_are_at_least_a_hundred_named_features():
    assert sum(len(g.features) for g in all_groups().values()) >= 100


SCIENCE = [
    "container",
    "metadata",
    "c2pa",
    "watermark",
    "jpeg_structure",
    "jpeg_history",
    "ela",
    "noise",
    "cfa",
    "spectrum",
    "dct",
    "wavelet",
    "residual_npr",
    "cooccurrence",
    "texture",
    "colour",
    "resampling",
    "rules",
    "model_a",
]


def test_every_group_of_the_field_is_there():
    assert set(SCIENCE) <= set(all_groups())


@pytest.mark.parametrize("key", SCIENCE)
def test_a_group_says_what_fools_it_when_it_has_nothing_to_say_and_in_which_units(key):
    group = all_groups()[key]
    assert group.weakness and group.not_applicable.endswith(".")
    assert [f.name for f in group.features if not f.unit] == []
    assert group.maps or group.family != "content", "what the pixels say can be shown"


def test_listing_groups_loads_nothing_heavy():
    script = (
        "import sys; from cgid.features.registry import all_groups; all_groups();"
        "print([m for m in ('torch', 'sklearn', 'pandas', 'skimage', 'streamlit') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
