"""The rules of the house, read from the source: imports point down, heavy libraries stay where they belong."""

from __future__ import annotations

import subprocess
import sys

from source_tree import (
    ROOT,
    cycles,
    imports,
    internal_imports,
    layers,
    loaded_with,
    modules,
    room_of,
)

# Rooms that compute on arrays and frames alone: what of cgid they may use besides themselves.
PURE = {
    "evaluate": {"cgid.errors", "cgid.progress", "cgid.schema", "cgid.formatting"},
    "charts": {"cgid.errors", "cgid.schema", "cgid.formatting", "evaluate"},
}
TORCH = {"torch", "torchvision"}
MAY_IMPORT_TORCH = ("cgid.train.", "cgid.model_b.", "cgid.models.", "cgid.data.demo.")
NOT_WHEN_CHECKING = TORCH | {"sklearn", "pandas", "skimage", "streamlit", "plotly", "altair"}

# Where a reader who knows the field looks first, and what is there.
EXPECTED_PLACES = {
    "features/signals/jpeg_ghosts.py": "def requantisation_error",
    "evaluate/delong.py": "def delong",
    "audit/verdict.py": "def ",
    "jobs/claims.py": "def claim",
    "charts/confusion.py": "def ",
    "train/checkpoint.py": "def ",
    "imaging/image_file.py": "class ImageFile",
    "forensics/verdict.py": "def ",
}


def test_every_room_has_a_layer():
    assert {room_of(name) for name in modules()} == set(layers())


def test_imports_point_down():
    wrong = []
    for each in internal_imports():
        source, target = room_of(each.source), room_of(each.target)
        if each.source == "cgid" and each.typing:
            continue  # what `import cgid` offers is named there for type checkers and loaded when it is used
        if source != target and layers()[target] >= layers()[source]:
            wrong.append(str(each))
    assert wrong == []


def test_no_modules_import_one_another_in_a_circle():
    assert cycles() == []


def test_evaluation_and_charts_know_arrays_and_frames_only():
    wrong = [
        str(each)
        for each in internal_imports()
        if (allowed := PURE.get(room_of(each.source))) is not None
        and room_of(each.target) != room_of(each.source)
        and each.target not in allowed
        and room_of(each.target) not in allowed
    ]
    assert wrong == []


def test_the_job_engine_knows_no_domain():
    wrong = [
        str(i)
        for i in internal_imports()
        if room_of(i.source) == "jobs" and room_of(i.target) not in ("jobs", "db", "root")
    ]
    assert wrong == []
    named = [str(f) for f in (ROOT / "cgid" / "jobs").glob("*.py") if "cgid.pipelines" in f.read_text("utf-8")]
    assert named == []


def test_only_the_dashboard_imports_streamlit():
    assert [
        str(i) for i in imports() if i.target.split(".")[0] == "streamlit" and room_of(i.source) not in ("ui", "pages")
    ] == []


def test_torch_only_where_networks_are_trained():
    torch = [i for i in imports() if i.target.split(".")[0] in TORCH and not i.typing]
    assert [str(i) for i in torch if not i.source.startswith(MAY_IMPORT_TORCH)] == []


def test_no_page_and_no_command_loads_torch():
    loaded = loaded_with([m for m in modules() if room_of(m) in ("pages", "ui", "cli", "api", "root")])
    assert {name: loaded[name] for name in TORCH if name in loaded} == {}


def test_checking_an_image_loads_nothing_slow():
    path = ("cgid.features.groups.", "cgid.forensics.")
    starts = [m for m in modules() if m.startswith(path) or m in ("cgid.models.onnx_model", "cgid.model_b.linear")]
    loaded = loaded_with(["cgid", "cgid.api", "cgid.cli.main", "cgid.cli.commands.check", *starts])
    assert {name: loaded[name] for name in NOT_WHEN_CHECKING if name in loaded} == {}


def test_help_loads_nothing_slow():
    heavy = sorted(NOT_WHEN_CHECKING | {"numpy", "scipy", "sqlalchemy", "cv2", "onnxruntime", "PIL"})
    script = (
        "import sys; from cgid.cli.main import main; code = main(['--help']); "
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_well_known_concepts_have_the_expected_module():
    for path, text in EXPECTED_PLACES.items():
        assert text in (ROOT / "cgid" / path).read_text("utf-8"), path
