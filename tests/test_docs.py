"""The README is true: its verbs and flags exist, its example works, its picture is there and small."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np

from cgid.settings import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_every_verb_and_flag_in_the_readme_is_one_of_the_command_line():
    text = re.sub(r"\\\n\s*", " ", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.S)))
    calls = [line.split() for line in text.splitlines() if line.startswith("cgid ")]
    assert len(calls) >= 8
    for words in calls:
        verb = words[1:3] if words[1] in ("data", "jobs") else words[1:2]
        done = subprocess.run([sys.executable, "-m", "cgid", *verb, "--help"], capture_output=True, text=True)
        assert done.returncode == 0, words
        for flag in (w for w in words if w.startswith("--")):
            assert flag in done.stdout, (verb, flag)


def test_the_feature_group_in_ten_lines_is_a_working_group():
    from cgid.features.image import ImageFile
    from cgid.features.measure import measure

    source = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    scope: dict = {}
    exec(source, scope)
    group = scope["GROUP"]
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.full((16, 16, 3), 200, np.uint8)).save(buffer, "PNG")
    values, problems = measure(ImageFile.from_bytes(buffer.getvalue(), "a.png"), {group.key: group})
    assert not problems and abs(values["brightness_mean"] - 200) < 0.01


def test_every_feature_group_stands_in_the_readme_with_its_family_and_number_of_features():
    from cgid.features.registry import all_groups

    for key, group in all_groups().items():
        assert f"| `{key}` | {len(group.features)} | {group.family} |" in README, key
    total = sum(len(g.features) for g in all_groups().values())
    assert f"{total} forensic features of {len(all_groups())} groups" in README.replace("\n", " ")


def test_pictures_of_the_readme_are_there_and_small():
    paths = [REPOSITORY / p for p in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)]
    assert paths
    for path in paths:
        assert path.is_file() and path.stat().st_size < 300_000


def test_readme_states_no_unfilled_figure():
    assert not re.search(r"\b(RESULTS|SPEED|SCALE_\w+|TBD|TODO|XX)\b", README)


def test_pins_are_exact():
    for name in ("requirements.txt", "tests/requirements.txt"):
        lines = [x for x in (REPOSITORY / name).read_text().splitlines() if x and not x.startswith("#")]
        assert lines and all(re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[\w.]+", line) for line in lines)
