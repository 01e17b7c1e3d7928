"""Every check that is there answers every table with one of four results and a sentence."""

import numpy as np
import pandas as pd
import pytest

from cgid.audit.check import RESULTS, AuditInput, all_checks, graded
from cgid.audit.leakage import COLUMNS


def empty_table() -> AuditInput:
    return AuditInput(
        frame=pd.DataFrame({"target_label": np.empty(0, int)}),
        label=np.empty(0, int),
        codes=np.empty(0, int),
        fold=np.empty(0, int),
        features=pd.DataFrame(columns=list(COLUMNS)),
    )


@pytest.mark.parametrize("check", all_checks(), ids=lambda c: c.code)
def test_answers_even_an_empty_table(check):
    found = check.finding(empty_table())
    assert found["result"] in RESULTS
    assert found["finding"].endswith(".") and found["title"] and check.remedy.endswith(".")
    assert bool(found["remedy"]) == (found["result"] in ("issue", "warning"))


def test_grades_need_more_than_luck():
    assert graded(0.97, 200, "Size", {}).result == "issue"
    assert graded(0.7, 200, "Size", {}).result == "warning"
    assert graded(0.7, 8, "Size", {}).result == "passed"
    assert graded(0.52, 10_000, "Size", {}).result == "passed"
