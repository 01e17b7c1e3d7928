"""Job kinds that make manifests: scan, import, prepare, clean, split, and the demo images."""

from __future__ import annotations

from cgid.data.params import CleanParams, DemoDataParams, ImportZipParams, PrepareParams, ScanParams, SplitParams
from cgid.data.paths import images_fingerprint
from cgid.jobs.kind import JobKind

DATA_CLEAN = JobKind(
    name="data-clean",
    command=("data", "clean"),
    title="Check every image",
    help="drop unreadable, duplicate and contradictory images, each with its reason",
    params=CleanParams,
    run="cgid.data.clean:clean",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output],
    fingerprint=lambda p: images_fingerprint([p.manifest]),
)


DATA_IMPORT_ZIP = JobKind(
    name="data-import-zip",
    command=("data", "import-zip"),
    title="Unpack an archive of images",
    help="unpack a zip of images and list it as a manifest",
    params=ImportZipParams,
    run="cgid.data.archive:import_zip",
    inputs=lambda p: [p.archive],
    outputs=lambda p: [p.output_dir, p.output],
)


DATA_PREPARE = JobKind(
    name="data-prepare",
    command=("data", "prepare"),
    title="Prepare CIFAKE or GenImage",
    help="scan, clean, split and cap CIFAKE or GenImage in one step",
    params=PrepareParams,
    run="cgid.data.prepare:prepare",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split", "kept")],
)


DATA_SCAN = JobKind(
    name="data-scan",
    command=("data", "scan"),
    title="List the images of a folder",
    help="list a folder of images as a manifest",
    params=ScanParams,
    run="cgid.data.scan:scan",
    inputs=lambda p: [p.root],
    outputs=lambda p: [p.output],
)


DATA_SPLIT = JobKind(
    name="data-split",
    command=("data", "split"),
    title="Split into train, validation and test",
    help="split into train, val and test, whole groups",
    params=SplitParams,
    run="cgid.data.split:split",
    inputs=lambda p: [p.manifest],
    outputs=lambda p: [p.output_dir / f"{s}.csv" for s in ("train", "val", "test", "split")],
)


DEMO_DATA = JobKind(
    name="demo-data",
    command=("demo", "data"),
    aliases=(("demo-data",),),
    title="Make the demo images",
    help="make the embedded demo images (simulated generators)",
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
