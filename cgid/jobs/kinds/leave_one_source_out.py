"""Manifests of several sources in, how a training does on sources it has never seen out."""

from cgid.data.stamp import images_stamp
from cgid.jobs.kind import JobKind
from cgid.jobs.kinds.train_model_a import KIND as TRAINING
from cgid.studies.leave_out_params import LeaveOneSourceOutParams

KIND = JobKind(
    name="leave-one-source-out",
    verb=("leave-one-source-out",),
    title="Leave one source out",
    help="train without each source in turn and judge it: how a recipe does on sources it has never seen",
    params=LeaveOneSourceOutParams,
    run="cgid.studies.leave_one_source_out:leave_one_source_out",
    inputs=lambda p: p.manifest,
    outputs=lambda p: [p.output_dir / f"leave_one_source_out.{ending}" for ending in ("json", "csv", "md")],
    stamp=lambda p: images_stamp(p.manifest),
    slot=TRAINING.slot,
)
