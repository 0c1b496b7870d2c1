"""Homes for databases that are thrown away, in `scratch/` of the kept home."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from fieldline.stack.guard import sweep
from fieldline.stack.state import Home


def scratch_home(kept: Path) -> Home:
    """A new home under `kept`, prepared and locked; what killed stacks left there is removed first.

    Raises:
        StackError: the folder cannot be written.
    """
    Home(kept).prepare()
    folder = kept / "scratch"
    folder.mkdir(exist_ok=True)
    with FileLock(kept / "scratch.lock"):  # nobody takes a home for abandoned that is only not locked yet
        for left in folder.iterdir():
            _remove_if_abandoned(Home(left))
        home = Home(Path(tempfile.mkdtemp(dir=folder)))
        home.prepare()
        home.acquire()
    return home


def _remove_if_abandoned(home: Home) -> None:
    if home.is_running():
        return
    sweep(set(), home.database, home.read_state().get("mark", ""))
    shutil.rmtree(home.root, ignore_errors=True)
