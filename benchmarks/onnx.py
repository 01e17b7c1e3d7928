"""Speed of the exported ONNX file in onnxruntime compared with the network in eager torch, on the processor.

Run: python -m benchmarks.onnx [--archs resnet18 mobilenet_v3_large] [--sides 128 224] [--batches 1 32] [--threads 0]

The same network, threads and images in one process, in turns, best of several rounds; both start from uint8 inputs and
end in logits, as in `cgid check` and `cgid evaluate` (OnnxModel) and in validation during training (eager). Eager runs
in both memory layouts, and the faster one counts. Compare ratios of wall-clock time on an otherwise idle machine; the
ratio of processor time is valid under load too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cgid.models.networks.network import NetworkSpec
from cgid.models.onnx_model import OnnxModel
from cgid.models.preprocess import Preprocess
from cgid.train.export_onnx import metadata, write_onnx
from cgid.train.loop import predict

UNTUNED = {"temperature": 1.0, "bias": 0.0, "thresholds": {}, "inconclusive": {}}
LAYOUTS = {"eager": torch.contiguous_format, "eager, channels last": torch.channels_last}
CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archs", nargs="+", default=["resnet18", "mobilenet_v3_large"])
    parser.add_argument("--sides", nargs="+", type=int, default=[128, 224], help="pixels (default: 128 224)")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 32], help="images at a time (default: 1 32)")
    parser.add_argument("--threads", type=int, default=0, help="of both (default: 0 = all processors)")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each way and row (default: 4)")
    args = parser.parse_args()
    threads = args.threads or os.cpu_count() or 1
    torch.set_num_threads(threads)
    waiting = os.environ.get("OMP_WAIT_POLICY", "its default")
    print(f"{threads} threads, load before {os.getloadavg()[0]:.1f}, torch {torch.__version__}, waiting by {waiting}")
    print(f"{'network':20}{'side':>5}{'batch':>6}{'torch im/s':>12}{'onnx im/s':>11}{'ratio':>7}{'processor time':>16}")
    for arch in args.archs:
        for side in args.sides:
            ways = ways_of(arch, side, threads)
            for batch in args.batches:
                row(arch, side, batch, best_of(ways, side, batch, args.seconds))


def ways_of(arch: str, side: int, threads: int) -> dict[str, Callable[[np.ndarray], object]]:
    """{name: uint8 (n, S, S, 3) to logits}: the network in both layouts, and its exported file."""
    torch.manual_seed(0)
    plan, preprocess = NetworkSpec.from_options(arch, side, "rgb", "standard"), Preprocess(side)
    network = plan.build().eval()
    images = list(np.random.default_rng(0).integers(0, 256, (4, side, side, 3), dtype=np.uint8))
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "model.onnx"
        write_onnx(network, preprocess, file, images, metadata("benchmark", plan, preprocess, UNTUNED))
        model = OnnxModel(file, threads)
    ways: dict[str, Callable[[np.ndarray], object]] = {"onnx": lambda inputs: model.logits_of_inputs(list(inputs))}
    for name_, layout in LAYOUTS.items():
        ways[name_] = _eager(plan, network, preprocess, layout)
    return ways


def _eager(plan: NetworkSpec, network: nn.Module, preprocess: Preprocess, layout: torch.memory_format):
    own = plan.build().eval()
    own.load_state_dict(network.state_dict())
    own = own.to(memory_format=layout)
    if layout is torch.channels_last:
        return lambda inputs: predict(own, inputs, preprocess, CPU)

    def plain(inputs: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return own(torch.from_numpy(preprocess.normalise(inputs))).reshape(-1).double().numpy()

    return plain


def best_of(
    ways: dict[str, Callable[[np.ndarray], object]], side: int, batch: int, seconds: float
) -> dict[str, tuple[float, float]]:
    """{name: least (wall, processor) seconds}, one after the other until each had its share, at least five each."""
    inputs = np.random.default_rng(1).integers(0, 256, (batch, side, side, 3), dtype=np.uint8)
    best = {name: (float("inf"), float("inf")) for name in ways}
    for way in ways.values():
        way(inputs)
    ends, rounds = time.perf_counter() + seconds * len(ways), 0
    while rounds < 5 or time.perf_counter() < ends:
        rounds += 1
        for name, way in ways.items():
            time.sleep(0.002)  # so that threads still spinning from the way before do not cost this one
            wall, cpu = time.perf_counter(), time.process_time()
            way(inputs)
            taken = (time.perf_counter() - wall, time.process_time() - cpu)
            best[name] = (min(best[name][0], taken[0]), min(best[name][1], taken[1]))
    return best


def row(arch: str, side: int, batch: int, best: dict[str, tuple[float, float]]) -> None:
    wall, cpu = (min(best[name][k] for name in LAYOUTS) for k in (0, 1))
    ours = best["onnx"]
    print(
        f"{arch:20}{side:5}{batch:6}{batch / wall:12.1f}{batch / ours[0]:11.1f}{wall / ours[0]:7.2f}{cpu / ours[1]:16.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
