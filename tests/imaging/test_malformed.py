"""Broken and hostile files: each ends in values or in one clear reason, soon and in little memory."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("CGID_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
FOLDERS = ("malformed", "camera_exif/invalid", "c2pa_and_metadata/sd_parsers/bad_images")
SECONDS, MEGABYTES = 6.0, 900
PER_PROCESS = 80

MEASURE = """
import json, pathlib, re, sys, time
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.features.group import extract
from cgid.features.registry import all_groups
status = pathlib.Path("/proc/self/status")
groups = {k: g for k, g in all_groups().items() if k != "model_a"}
for path in sys.argv[1:]:
    started, values, problems, reason = time.process_time(), {}, {}, ""
    try:
        values, problems = extract(ImageFile.open(path), groups)
    except UnreadableImage as problem:
        reason = str(problem)
    taken = time.process_time() - started
    # Not getrusage: there a child starts with the peak of the process that started it.
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) // 1024 if status.exists() else 0
    print(json.dumps([path, list(values.values()), problems, reason, taken, peak]), flush=True)
"""


def files() -> list[Path]:
    return [p for folder in FOLDERS for p in sorted((SHARED / folder).rglob("*")) if p.is_file()]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple]:
    """{path: (values, failed groups, reason, seconds of processor time, peak megabytes)}, in fresh processes."""
    import json

    found, paths = {}, [str(p) for p in files()]
    for first in range(0, len(paths), PER_PROCESS):
        part = paths[first : first + PER_PROCESS]
        ran = subprocess.run(
            [sys.executable, "-c", MEASURE, *part],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=240,
        )
        for line in ran.stdout.splitlines():
            path, *rest = json.loads(line)
            found[path] = tuple(rest)
        missing = [p for p in part if p not in found]
        assert ran.returncode == 0 and not missing, (missing[:1], ran.stderr[-2000:])
    return found


@pytest.mark.real
def test_there_are_many(outcomes) -> None:
    assert len(outcomes) > 200


@pytest.mark.real
def test_each_ends_in_values_or_one_reason(outcomes) -> None:
    for path, (values, _, reason, _, _) in outcomes.items():
        assert bool(values) != bool(reason), path
        assert not any(math.isinf(v) for v in values), path


@pytest.mark.real
def test_no_group_fails_on_a_file_that_decodes(outcomes) -> None:
    assert {path: problems for path, (_, problems, *_) in outcomes.items() if problems} == {}


@pytest.mark.real
def test_a_reason_is_one_sentence_that_names_the_file(outcomes) -> None:
    for path, (_, _, reason, _, _) in outcomes.items():
        if reason:
            assert Path(path).name in reason, (path, reason)
            assert reason.endswith(".") and "\n" not in reason and "Traceback" not in reason, reason
            assert len(reason) < 400, reason


@pytest.mark.real
def test_time_and_memory_are_bounded(outcomes) -> None:
    slow = {path: seconds for path, (*_, seconds, _) in outcomes.items() if seconds > SECONDS}
    assert slow == {}
    assert max(peak for *_, peak in outcomes.values()) < MEGABYTES
