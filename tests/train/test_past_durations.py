"""An estimate by finished runs, by hand: training goes by the seconds of the epochs, the rest by the images read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cgid.runs.run import Run
from cgid.train.duration import DEFAULTS, Work, estimate_from_past_runs

ASKED = dict(DEFAULTS)  # as canonical parameters: the defaults


def finished(
    name: str = "one", seconds: float = 130.0, epoch: float = 10.0, device: str = "cpu, 2 threads", **config
) -> Run:
    """100 images, four epochs, two cross-fit parts: 80 s of training of 130 s, and 200 images read."""
    data = {"name": "x", "train": 100, "val": 50, "test": 30, "external_other": 20}
    history = [{"epoch": n, "seconds": epoch} for n in range(1, 5)]
    manifest = {"config": {"cross_fit": 2, **config}, "device": device, "data": data, "history": history}
    return Run("model_a", name, Path("x"), {**manifest, "seconds": seconds})


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    monkeypatch.setenv("CGID_WORKERS", "2")


def test_twice_the_images_and_epochs_take_four_times_the_training_and_twice_the_rest():
    found = estimate_from_past_runs(ASKED, Work(200, 100, 60, 40, epochs=8, cross_fit=2), [finished()], on_gpu=False)
    assert found.total.expected == pytest.approx(4 * 80 + 2 * 50)
    assert found.images_per_second == pytest.approx(10) and found.runs == ("one",)


def test_without_cross_fit_the_training_takes_half():
    found = estimate_from_past_runs(ASKED, Work(100, 50, 30, 20, epochs=4, cross_fit=0), [finished()], on_gpu=False)
    assert found.total.expected == pytest.approx(40 + 50)


def test_several_runs_make_a_range():
    runs = [finished("slow", 260, 20), finished("fast", 130, 10)]
    found = estimate_from_past_runs(ASKED, Work(100, 50, 30, 20, epochs=4, cross_fit=2), runs, on_gpu=False)
    assert (found.total.low, found.total.high) == pytest.approx((80 + 50, 160 + 100))
    assert found.total.expected == pytest.approx(120 + 75) and found.runs == ("slow", "fast")


@pytest.mark.parametrize(
    "other",
    [
        finished(arch="efficientnet_b0"), finished(image_size=128), finished(batch_size=8), finished(augment="web"),
        finished(fit="crop"), finished(device="cpu, 16 threads"), finished(device="NVIDIA H100"),
        finished(epoch=0.0), finished(seconds=0.0),
    ],
)  # fmt: skip
def test_a_run_of_another_kind_or_without_times_says_nothing(other):
    assert estimate_from_past_runs(ASKED, Work(100, 50, 30, 20, 4, 2), [other], on_gpu=False) is None


def test_a_run_on_a_card_speaks_for_a_card():
    work = Work(100, 50, 30, 20, 4, 2)
    assert estimate_from_past_runs(
        ASKED, work, [finished(device="NVIDIA H100")], on_gpu=True
    ).total.expected == pytest.approx(130)
    assert estimate_from_past_runs(ASKED, work, [finished()], on_gpu=True) is None


def test_an_imported_detector_without_training_is_passed_over():
    bare = Run("model_a", "imported", Path("x"), {"imported": True, "data": {"test": 5}})
    assert estimate_from_past_runs(ASKED, Work(1, 1, 1, 0, 1, 0), [bare], on_gpu=False) is None
