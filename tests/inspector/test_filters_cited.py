"""A filter that builds on published work tells people so, not only the reader of its file."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from cgid.inspector.filter import all_filters


@pytest.mark.parametrize("name", list(all_filters()))
def test_a_source_named_in_the_file_is_named_to_people(name: str) -> None:
    years = re.findall(r"\b(?:19|20)\d\d\b", import_module(f"cgid.inspector.filters.{name}").__doc__)
    assert not years or any(year in all_filters()[name].cite for year in years)
