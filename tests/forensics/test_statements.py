"""The right statements for every public file: `statements.csv` says what must be said of each, a row a file.

Columns: file; verdict (`declared_ai`, `not declared`: never called AI on the file's own word, `unreadable`);
credentials (`fits`, what does not fit, `absent`; an ingredient's trouble apart); accounts in their history; a generator
that is named; the camera that is named; words of one statement, or of the sentence that says why it is unreadable.
Nothing here depends on the clock: a certificate runs out, the statements stay.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from cgid.forensics.evidence.evidence import Evidence, Material, all_kinds
from cgid.forensics.provenance.camera import camera_name
from cgid.forensics.provenance.summary import provenance
from cgid.forensics.verdict import decide
from cgid.imaging.image_file import ImageFile, UnreadableImage
from cgid.schema import RuleResult

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of each broken tag

TABLE = Path(__file__).with_name("statements.csv")
ROWS = list(csv.DictReader(TABLE.open(newline="", encoding="utf-8")))
KINDS = ("camera", "credentials", "generator", "oddities", "silence", "thumbnail", "trailing")
ACCUSING = ("tamper", "forg", "alter", "fake", "manipulat")
SECONDS = 2.0


def told(path: Path) -> tuple[dict, list[Evidence]]:
    image = ImageFile.open(path)
    said = provenance(image)
    material = Material(image, {"provenance": said, "features": {}})
    return said, [piece for kind in KINDS for piece in all_kinds()[kind].find(material)]


def accusations(said: dict, pieces: list[Evidence]) -> list[str]:
    shown = [*said["statements"], *(f"{e['integrity']} {e['trust']}" for e in said["timeline"])]
    for piece in pieces:
        shown += [piece.title, piece.sentence, piece.limitations, *(f"{label} {text}" for label, text in piece.rows)]
    plain = [text.lower().replace("no sign of tampering", "") for text in shown]
    return [text for text in plain if any(word in text for word in ACCUSING)]


@pytest.mark.real
@pytest.mark.parametrize("row", ROWS, ids=[row["file"].rsplit("/", 1)[-1] for row in ROWS])
def test_the_right_statements_for_every_public_file(shared_data, row: dict[str, str]) -> None:
    path = shared_data / row["file"]
    started = time.process_time()
    if row["verdict"] == "unreadable":
        with pytest.raises(UnreadableImage) as problem:
            told(path)
        assert row["statement"] in str(problem.value) and "\n" not in str(problem.value)
        assert time.process_time() - started < SECONDS
        return
    said, pieces = told(path)
    assert time.process_time() - started < SECONDS
    verdict = decide(said, None, None, RuleResult()).verdict
    assert (verdict == "declared_ai") == (row["verdict"] == "declared_ai")
    assert any(p.points_to == "ai" and p.strength == 1 for p in pieces) == (row["verdict"] == "declared_ai")
    assert credentials(said) == row["credentials"]
    assert len(said["timeline"]) == int(row["accounts"] or 0)
    named = [t["generator"] for t in said["traces"]] + [(said["credentials"] or {}).get("generator", "")]
    assert not row["generator"] or row["generator"] in named
    assert camera_name(said["camera"]["make"], said["camera"]["model"]) == row["camera"]
    assert any(row["statement"] in s for s in said["statements"]) or not row["statement"]
    assert not (said["credentials"] or {}).get("trusted"), "no trust list is configured here"
    if not row["credentials"].startswith(("signature", "data_hash", "assertion")):
        assert accusations(said, pieces) == []


def credentials(said: dict) -> str:
    found = said["credentials"]
    if found is None:
        return "absent"
    state = "fits" if found["fits_picture"] else "+".join(found["does_not_fit"]) or "unreadable"
    return state + (", an ingredient broken" if found["broken_ingredients"] else "")


@pytest.mark.real
def test_the_table_leaves_no_public_file_out(shared_data) -> None:
    listed = {row["file"] for row in ROWS}
    for folder in ("c2pa_and_metadata", "camera_exif"):
        there = [p for p in (shared_data / folder).rglob("*") if p.is_file() and p.suffix != ".py"]
        assert [str(p.relative_to(shared_data)) for p in there if str(p.relative_to(shared_data)) not in listed] == []


@pytest.mark.real
def test_every_malformed_file_ends_in_a_value_or_one_sentence_soon(shared_data) -> None:
    for path in sorted(p for p in (shared_data / "malformed").rglob("*") if p.is_file()):
        started = time.process_time()
        try:
            said, pieces = told(path)
            assert said["declares"] == "" and pieces, path.name
        except UnreadableImage as problem:
            text = str(problem)
            assert text.startswith(path.name) and "\n" not in text and len(text) < 300, path.name
        assert time.process_time() - started < SECONDS, path.name
