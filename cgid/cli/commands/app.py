"""`cgid app`: the dashboard in a browser on this machine."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys

from cgid.cli.command import DONE, Command
from cgid.errors import InputError
from cgid.extras import require
from cgid.settings import app_folder, settings


def _run(args: argparse.Namespace) -> int:
    require("app")
    if not (app_folder() / "app.py").exists():
        raise InputError(f"{app_folder()} holds no app.py; install cgid again.")
    _check_port(args.port)
    from cgid.jobs.submit import resume_pending

    resume_pending()  # jobs that were interrupted by a restart of the machine
    print(f"The dashboard is at http://localhost:{args.port} (Ctrl-C ends it; background jobs go on)", flush=True)
    flags = ["--server.port", str(args.port), "--server.address", "localhost", "--server.headless", "true"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # terminated from outside, it stops the server too
    # started next to app.py, so that .streamlit/config.toml is read, with the CGID_HOME of the directory cgid runs in
    command = [sys.executable, "-m", "cgid.ui.serve", "run", "app.py", *flags]
    environment = os.environ | {"CGID_HOME": str(settings().home)}
    server = subprocess.Popen(command, cwd=app_folder(), env=environment)
    try:
        return server.wait()
    except KeyboardInterrupt:
        return DONE
    finally:
        server.terminate()
        server.wait()


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise InputError(f"{port} is not a port; choose one from 1024 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InputError(f"Port {port} cannot be used ({error.strerror}); choose another with --port.") from error


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, metavar="N", help="port on localhost (default: 8501)")


COMMANDS = (Command(("app",), "open the dashboard on this machine", _arguments, _run),)
