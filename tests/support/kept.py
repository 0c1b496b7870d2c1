"""A stack in a process of its own, for tests that kill it: `python -m tests.support.kept HOME PART...`.

Prints one line of JSON when everything is ready: `{"pids": {...}, "database_url": ...}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from fieldline.settings import Settings, load_settings
from fieldline.stack import Stack


async def main(home: str, *parts: str) -> None:
    Settings.model_config["env_file"] = None
    async with Stack(Path(home), parts=parts, settings=load_settings()) as stack:
        ready = {"pids": stack.supervisor.pids, "database_url": stack.info.database_url}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
