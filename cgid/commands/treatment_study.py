"""`cgid treatment-study`: what did the file format tell? A chain of background jobs, watched from here."""

from __future__ import annotations

import argparse
import sys
import time

from cgid.cli_command import DONE, FAULT, INTERRUPTED, Command, ago, say_json
from cgid.cli_step import flags, params_from
from cgid.commands.demo import watch
from cgid.params import canonical, restore
from cgid.studies.treatment_params import TreatmentStudyParams


def _run(asked: argparse.Namespace) -> int:
    from cgid.jobs.submit import submit_chain
    from cgid.studies.treatment_study import chain

    params = restore(TreatmentStudyParams, canonical(params_from(TreatmentStudyParams, asked)))
    began = time.monotonic()
    ids = submit_chain(chain(params))
    if asked.queue:
        if asked.json:
            say_json({"ids": ids})
        else:
            print("\n".join(ids))
        return DONE
    try:
        done = watch(ids, sys.stderr if asked.json else sys.stdout)
    except KeyboardInterrupt:
        print("The study goes on in the background; `cgid jobs list` shows it.", file=sys.stderr)
        return INTERRUPTED
    failed = [job for job in done if job.status != "done"]
    result = done[-1].result or {} if done else {}
    if asked.json:
        jobs = [{n: getattr(j, n) for n in ("id", "kind", "status", "error", "seconds")} for j in done]
        say_json({"ok": not failed, "jobs": jobs, "report": result})
    elif failed:
        print(f"{len(failed)} of {len(done)} steps did not succeed; `cgid jobs logs ID` has the details.")
    else:
        print(f"The study is done ({ago(time.monotonic() - began)}): {params.output_dir / 'treatment_study.md'}")
        print(f"\n{result.get('table_text', '')}")
    return FAULT if failed else DONE


def _arguments(parser: argparse.ArgumentParser) -> None:
    flags(parser, TreatmentStudyParams)


COMMANDS = (
    Command(
        ("treatment-study",),
        "what did the file format tell? audit and models before and after treatments of the images",
        _arguments,
        _run,
    ),
)
