"""A probe of one family stands on any table: rare values, empty columns, leaks on two sides."""

from __future__ import annotations

import numpy as np

from cgid.audit.probes import probe


def made(n: int = 120) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    return np.random.default_rng(5), np.tile([0, 1], n // 2), np.arange(n)


def test_a_value_that_only_one_held_out_row_has_does_not_end_the_probe():
    random, label, group = made()
    rare = np.full(len(label), np.nan)
    rare[7] = 3.0
    found = probe(np.column_stack([random.normal(size=len(label)), rare]), label, group, draws=0)
    assert 0.3 < found["balanced_accuracy"]["value"] < 0.7


def test_a_family_of_nothing_but_rare_values_is_at_chance():
    _, label, group = made()
    rare = np.full(len(label), np.nan)
    rare[7] = 3.0
    assert probe(rare[:, None], label, group, draws=0)["auc"]["value"] is not None


def test_a_two_sided_leak_is_found():
    random, label, group = made()
    value = np.where(label == 1, random.choice([-1, 1], len(label)) * 3.0, 0) + random.normal(0, 0.3, len(label))
    assert probe(value[:, None], label, group, draws=0)["balanced_accuracy"]["value"] > 0.95
