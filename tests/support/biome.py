"""Biome, which lints and formats the console's scripts: `python -m tests.support.biome check --write`."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from tests.support.npm_packages import bring

ROOT = Path(__file__).parents[2]
VERSION = "2.6.8"
#: By machine, as Python names it: the package and its hash.
PACKAGES = {
    "x86_64": (
        "@biomejs/cli-linux-x64",
        "XIk3pLQT56I6Tti+u0DF8FtSNXjCMTPbxVTzfJ9cS2t1ImVKvrqV5b52GuEaJg6/wuiXvz0sjfb5saB4TPRjzA==",
    ),
    "aarch64": (
        "@biomejs/cli-linux-arm64",
        "0Bjim8lKwnrvXUHoI4k3Tb51BjoiLEwDnovCI8nSzkk6wj3dShiuAjrx6+X0Hjf4ejR1sRZgTQiSDHlpy9vB7w==",
    ),
}


def biome(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Biome in the repository; biome.json says on what.

    Raises:
        StackError: it cannot be brought.
    """
    package, sha512 = PACKAGES[platform.machine()]
    program = bring(f"{package}@{VERSION}", sha512, "biome", "lints and formats the console's scripts")
    return subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    done = biome(*sys.argv[1:])
    print(done.stdout + done.stderr)  # noqa: T201
    sys.exit(done.returncode)
