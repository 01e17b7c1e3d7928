"""Manifest in, manifest of usable images out; what was dropped is listed with its reason.

Zip of images in, folder and manifest out.

CIFAKE or GenImage as downloaded in, manifests to train on out.

Folder of images in, manifest out.

Cleaned manifest in, train / val / test out, no group on two sides.

Make the two embedded demo sets.
"""

from __future__ import annotations

from cgid.data.params import CleanParams, DemoDataParams, ImportZipParams, PrepareParams, ScanParams, SplitParams
from cgid.data.paths import images_stamp
from cgid.jobs.kind import JobKind

DATA_CLEAN = JobKind(
    name="data-clean",
    verb=("data", "clean"),
    title="Check every image",
    help="drop unreadable, duplicate and contradictory images, each with its reason",
    params=CleanParams,
    run="cgid.data.clean:clean",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output],
    stamp=lambda p: images_stamp([p.manifest]),
)


DATA_IMPORT_ZIP = JobKind(
    name="data-import-zip",
    verb=("data", "import-zip"),
    title="Unpack an archive of images",
    help="unpack a zip of images and list it as a manifest",
    params=ImportZipParams,
    run="cgid.data.archive:import_zip",
    inputs=lambda p: [p.archive],
    outputs=lambda p: [p.output_dir, p.output],
)


DATA_PREPARE = JobKind(
    name="data-prepare",
    verb=("data", "prepare"),
    title="Prepare CIFAKE or GenImage",
    help="list, clean, split and cap the folder of CIFAKE or GenImage in one go",
    params=PrepareParams,
    run="cgid.data.prepare:prepare",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split", "kept")],
)


DATA_SCAN = JobKind(
    name="data-scan",
    verb=("data", "scan"),
    title="List the images of a folder",
    help="list a folder of images as a manifest",
    params=ScanParams,
    run="cgid.data.scan:scan",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output],
)


DATA_SPLIT = JobKind(
    name="data-split",
    verb=("data", "split"),
    title="Split into train, validation and test",
    help="split by group into train, val and test",
    params=SplitParams,
    run="cgid.data.split:split",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split")],
)


DEMO_DATA = JobKind(
    name="demo-data",
    verb=("demo-data",),
    title="Make the demo images",
    help="make the embedded demo sets (simulated generators)",
    params=DemoDataParams,
    run="cgid.data.demo.build:build",
    inputs=lambda p: [],
    outputs=lambda p: [p.output_dir / "leaky", p.output_dir / "matched"],
)

KINDS = (
    DATA_CLEAN,
    DATA_IMPORT_ZIP,
    DATA_PREPARE,
    DATA_SCAN,
    DATA_SPLIT,
    DEMO_DATA,
)
