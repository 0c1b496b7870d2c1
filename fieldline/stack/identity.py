"""Who PostgreSQL runs as. It refuses root, so root needs another identity that can still reach its files.

1. An ordinary user runs it as themselves.
2. Root, where user namespaces are allowed: `unshare` shows the process uid 1000 while the kernel still sees
   root, so it works in folders that only root may enter.
3. Root without namespaces: an unprivileged account, its files under a folder that it owns; programs and data
   are moved to /var/lib/fieldline when the account could not reach them where they are.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldline.errors import StackError

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
ACCOUNTS = ("postgres", "nobody")
SHARED = Path("/var/lib/fieldline")


@dataclass(frozen=True)
class Identity:
    """A command prefix, arguments for the process, and the account that must own the files (None: ours)."""

    prefix: tuple[str, ...] = ()
    spawn: dict[str, Any] = field(default_factory=dict)
    account: pwd.struct_passwd | None = None

    def own(self, path: Path) -> None:
        """Give a file or folder to the account, where there is one."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def place(self, data: Path) -> Path:
        """Where the database may live: `data` itself when it can be reached, else its own shared folder."""
        if self.account is None or can_enter(data.parent):
            return data
        folder = SHARED / hashlib.sha256(str(data).encode()).hexdigest()[:12]
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.own(folder)
        return folder / data.name

    def programs(self, native: Path) -> Path:
        """Programs that the account can run: `native`, else a copy of it that everyone may read."""
        if self.account is None or can_enter(native):
            return native
        copy = SHARED / f"postgres-{hashlib.sha256(str(native.resolve()).encode()).hexdigest()[:12]}"
        if not copy.exists():
            beside = copy.with_suffix(f".{os.getpid()}")
            shutil.copytree(native, beside, symlinks=True)
            beside.chmod(0o755)
            beside.rename(copy)
        return copy


def choose_identity() -> Identity:
    """The identity for PostgreSQL on this machine.

    Raises:
        StackError: root, no namespaces and no unprivileged account.
    """
    if os.geteuid() != 0:
        return Identity()
    if namespaces_allowed():
        return Identity(prefix=NAMESPACE)
    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        spawn = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return Identity(spawn=spawn, account=account)
    raise StackError(
        "PostgreSQL refuses to run as root, and this machine allows neither user namespaces nor has an "
        f"account named {' or '.join(ACCOUNTS)}.",
        hint="Run as an ordinary user.",
    )


def namespaces_allowed() -> bool:
    """Whether root may make a user namespace here; containers often refuse it."""
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def can_enter(path: Path) -> bool:
    """Whether everybody may walk to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists())
