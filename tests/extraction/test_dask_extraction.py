"""A real Dask cluster on this machine: the same table as local processes write, whatever happens to a worker or an image."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgid.errors import InputError
from cgid.extraction.extract import extract
from cgid.extraction.params import ExtractParams
from dask_cluster import Cluster, kill_tree
from synthetic_images import encoded, photo, write_manifest

pytest.importorskip("distributed")
IMAGES = 150


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A manifest of small images of several kinds and sizes, one of them broken, one twice."""
    folder = tmp_path_factory.mktemp("images")
    kinds = (("PNG", {}), ("JPEG", {"quality": 85}), ("WEBP", {"quality": 80}))
    names = []
    for i in range(IMAGES):
        kind, options = kinds[i % 3]
        names.append(f"{i:03}.{kind.lower()}")
        (folder / names[-1]).write_bytes(encoded(photo(24 + i % 40, 40, seed=i), kind, **options))
    (folder / "broken.jpg").write_bytes(encoded(photo(), "JPEG")[:200])
    (folder / "twice.png").write_bytes((folder / names[0]).read_bytes())
    write_manifest(folder, [*names, "broken.jpg", "twice.png"])
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.worker()
    yield cluster
    cluster.stop()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CGID_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def local(made, tmp_path_factory) -> tuple[pd.DataFrame, str]:
    """What two local processes write: (table, failures.csv)."""
    home = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CGID_HOME", str(home))
        return written(made, home, "local", workers=2)


def written(made: Path, home: Path, executor: str, **more) -> tuple[pd.DataFrame, str]:
    extract(ExtractParams(made / "m.csv", home / "f.parquet", executor=executor, **more))
    return pd.read_parquet(home / "f.parquet"), (home / "failures.csv").read_text()


def assert_same(found: tuple[pd.DataFrame, str], expected: tuple[pd.DataFrame, str]) -> None:
    """Bit for bit: columns, order, values, failures."""
    assert list(found[0].columns) == list(expected[0].columns)
    for column in found[0]:
        one, other = found[0][column], expected[0][column]
        if one.dtype == np.float64:
            one, other = one.to_numpy().view(np.int64), other.to_numpy().view(np.int64)
        assert (np.asarray(one) == np.asarray(other)).all(), column
    assert found[1] == expected[1]


@contextmanager
def when_stored(home: Path, do: Callable[[], None]) -> Iterator[None]:
    """Call `do` once, as soon as the first values are in the store."""
    done = threading.Event()

    def watch() -> None:
        while not any((home / "artifacts" / "features" / "store").rglob("*.parquet")):
            if done.wait(0.005):
                return
        do()
        done.set()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
        happened = done.is_set()
    finally:
        done.set()
        watcher.join()
    assert happened, "the extraction ended before anything could happen to it"


def small_steps(monkeypatch) -> None:
    """So that a run of 150 images has a middle."""
    monkeypatch.setattr("cgid.extraction.dispatch.IMAGES_PER_CHUNK", 3)
    monkeypatch.setattr("cgid.extraction.dispatch.COMMIT_IMAGES", 12)


def test_one_local_process_writes_what_two_write(made, local, home):
    assert_same(written(made, home, "local", workers=1), local)


def test_a_cluster_writes_what_local_processes_write_also_when_a_worker_is_killed(
    made, local, home, monkeypatch, cluster
):
    small_steps(monkeypatch)
    doomed = cluster.worker("--no-nanny")
    cluster.wait_for_workers(2)
    with when_stored(home, lambda: kill_tree(doomed.pid)):
        found = written(made, home, cluster.executor)
    assert doomed.wait() == -signal.SIGKILL
    assert_same(found, local)
    progress = pd.read_json(home / "training_progress.json", typ="series")
    assert progress["done"] == IMAGES + 2 and progress["failed_count"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="a path that two processes see differently is made with /proc")
def test_workers_that_see_neither_images_nor_model_a_are_sent_both(made, home, monkeypatch, cluster):
    """/proc/self/cwd is another folder for the workers."""
    monkeypatch.chdir(made)
    model_a(made / "run")
    unseen = Path("/proc/self/cwd")
    names = [f"{i:03}.{('png', 'jpeg', 'webp')[i % 3]}" for i in range(9)]
    write_manifest(made, [str(unseen / n) for n in names], name="unseen.csv")
    groups = "noise,container,model_a"

    def run(executor: str, place: str) -> pd.DataFrame:
        monkeypatch.setenv("CGID_HOME", str(home / place))
        output = home / place / "f.parquet"
        extract(ExtractParams(made / "unseen.csv", output, 1, groups, executor, model_a=unseen / "run"))
        return pd.read_parquet(output)

    local, remote = run("local", "here"), run(cluster.executor, "there")
    assert local["ml_probability"].notna().all() and local["ml_probability"].nunique() > 5
    assert_same((remote, ""), (local, ""))


@pytest.mark.skipif(sys.platform != "linux", reason="a path that two processes see differently is made with /proc")
def test_what_one_worker_does_not_see_is_sent_after_all(made, local, home, monkeypatch, cluster):
    """As with a worker that joins after the others were asked."""
    from cgid.compute.cluster import Survey

    monkeypatch.chdir(made)
    monkeypatch.setattr("cgid.compute.cluster.survey", lambda executor, files: Survey(threads=1, seen=True))
    write_manifest(made, ["/proc/self/cwd/000.png", str(made / "003.png")], name="late.csv")
    extract(ExtractParams(made / "late.csv", home / "late.parquet", groups="noise", executor=cluster.executor))
    found = pd.read_parquet(home / "late.parquet")
    assert list(found["noise_variance"]) == list(local[0]["noise_variance"][[0, 3]])


def test_a_scheduler_that_goes_away_is_one_clear_line_and_what_was_stored_stays(made, home, monkeypatch, tmp_path):
    small_steps(monkeypatch)
    brief = Cluster(tmp_path / "brief")
    try:
        brief.worker()
        with (
            when_stored(home, lambda: kill_tree(brief.processes[0].pid)),
            pytest.raises(InputError, match="disconnected"),
        ):
            written(made, home, brief.executor)
    finally:
        brief.stop()
    assert any((home / "artifacts" / "features" / "store").rglob("*.parquet"))


def test_a_cluster_without_workers_or_with_others_versions_says_so(made, home, monkeypatch, cluster, tmp_path):
    monkeypatch.setattr("cgid.compute.cluster.__version__", "99.0")
    with pytest.raises(
        InputError, match=r"worker tcp://127.0.0.1:\d+ has cgid 0\.\d+\.\d+ where this machine has 99\.0"
    ):
        written(made, home, cluster.executor)
    monkeypatch.setattr("cgid.compute.cluster.CONNECT_SECONDS", 2)
    empty = Cluster(tmp_path / "empty")
    try:
        with pytest.raises(InputError, match="has no workers; start some with `dask worker"):
            written(made, home, empty.executor)
    finally:
        empty.stop()


def model_a(folder: Path) -> None:
    """A run whose network says the mean of its input."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from cgid.files import sha256_of, write_json
    from cgid.models.onnx_model import METADATA
    from cgid.models.preprocess import Preprocess

    node = helper.make_node("ReduceMean", ["image", "axes"], ["logit"], keepdims=0)
    axes = numpy_helper.from_array(np.array([1, 2, 3]), "axes")
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 16, 16])
    logit = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["batch"])
    graph = helper.make_graph([node], "mean", [image], [logit], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA, json.dumps({"preprocess": Preprocess(16, "crop").to_json()})
    folder.mkdir()
    onnx.save(model, folder / "model.onnx")
    onnx_file = {"file": "model.onnx", "sha256": sha256_of(folder / "model.onnx")}
    write_json(folder / "run_manifest.json", {"kind": "model_a", "onnx": onnx_file})
