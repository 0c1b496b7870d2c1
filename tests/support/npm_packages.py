"""Single files out of npm packages, pinned by their hash and kept in the cache."""

from __future__ import annotations

import base64
import hashlib
import tarfile
from pathlib import Path

from fieldline.settings import load_settings
from fieldline.stack.cache import Cache, run
from fieldline.stack.node import find_node


def bring(package: str, sha512: str, member: str, why: str) -> Path:
    """The file `member` of `package` (name@version), brought once.

    Raises:
        StackError: npm cannot be reached, or sent something else.
    """

    def make(folder: Path) -> None:
        run([*find_node().npm, "pack", package, "--loglevel=error"], doing="npm pack", cwd=folder)
        packed = next(folder.glob("*.tgz"))
        assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == sha512, package
        with tarfile.open(packed) as archive:
            archive.extract(f"package/{member}", folder, filter="data")
        packed.unlink()

    name = package.replace("/", "-").removeprefix("@")
    return Cache(load_settings().cache_dir).bring(name, why, make) / "package" / member
