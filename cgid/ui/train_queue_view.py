"""What runs and waits before a training that is about to be started, in one line that keeps up to date."""

from __future__ import annotations

import streamlit as st

from cgid.jobs.job import Job
from cgid.jobs.queue import Queue, queue_of
from cgid.jobs.registry import kind_named
from cgid.train.params import TrainModelAParams
from cgid.train.progress import words as exact_duration
from cgid.ui import words

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
MACHINES = {"gpu": "the graphics card", "cpu": "the processor"}


def line(params: TrainModelAParams) -> None:
    """Of the slot that these parameters need."""
    slot = kind_named("train-model-a").slot_of(params)
    busy = bool(queue_of(slot).place)
    st.fragment(lambda: st.caption(f":material/groups: {sentence(queue_of(slot))}"), run_every="2s" if busy else None)()


def sentence(queue: Queue) -> str:
    """`1 job runs on the processor (…) and 2 jobs wait for it; yours would be third.`"""
    machine = MACHINES.get(queue.slot, queue.slot)
    if not queue.place:
        return f"Nothing waits for {machine}: yours would start at once."
    running, waiting = len(queue.running), len(queue.waiting)
    said = []
    if running:
        now = ", ".join(_now(job) for job in queue.running)
        said.append(f"{running} {'job runs' if running == 1 else 'jobs run'} on {machine} ({now})")
    if waiting:
        said.append(f"{waiting} {'job waits' if waiting == 1 else 'jobs wait'} for {'it' if said else machine}")
    place = PLACES[queue.place - 1] if queue.place <= len(PLACES) else f"number {queue.place}"
    return f"{' and '.join(said)}; yours would be {place} in line."


def _now(job: Job) -> str:
    """Its title and the time left: as the job says where it does, since it knows of the parts to come."""
    if job.seconds_left is not None:
        return f"{job.title}, about {exact_duration(job.seconds_left)} left"
    left = job.seconds_left_by_rate
    return job.title + (f", about {words.duration(left)} left" if left is not None else "")
