"""The voice worker: `python -m agent.worker start`. Wiring only."""

from __future__ import annotations

import asyncio
import os
import sys

from fieldline.logs import set_up_logs
from fieldline.settings import Settings, get_settings


def main() -> None:
    """Answer calls until SIGTERM or SIGINT; calls that are going on may end first."""
    if sys.argv[1:] != ["start"]:
        sys.exit("usage: python -m agent.worker start")
    settings = get_settings()
    set_up_logs("worker", settings.log_level)
    share_metrics(settings)
    # Imported late: prometheus_client decides while it is imported whether it counts across processes.
    from agent.server import serve

    asyncio.run(serve(settings))


def share_metrics(settings: Settings) -> None:
    """Let job processes leave their figures where the worker adds them up."""
    folder = (settings.home / "metrics").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder))


if __name__ == "__main__":
    main()
