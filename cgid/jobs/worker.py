"""Former name of `cgid.jobs.supervisor`, kept for one version: processes that run while cgid is updated call it."""

from __future__ import annotations

from cgid.jobs.supervisor import serve

if __name__ == "__main__":
    serve()
