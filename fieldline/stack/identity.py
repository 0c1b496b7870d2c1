"""Who PostgreSQL runs as. It refuses root, and it wants a user that has a name.

1. An ordinary user runs it as themselves.
2. Root, and a container's user that /etc/passwd does not know, where user namespaces are allowed: `unshare`
   shows the process another uid while the kernel still sees the same one, so it works in folders that only
   root may enter.
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
        StackError: root or a nameless user, no namespaces and no unprivileged account.
    """
    uid = os.geteuid()
    if uid != 0 and _has_name(uid):
        return Identity()
    account = next(filter(None, map(_account, ACCOUNTS)), None)
    if account and namespaces_allowed(account):
        return Identity(prefix=_namespace(account))
    if account and uid == 0:
        spawn = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return Identity(spawn=spawn, account=account)
    raise StackError(
        "PostgreSQL refuses to run as root, and wants a user that has a name; "
        f"user {uid} here is neither, and this machine has no user namespaces or no account named "
        f"{' or '.join(ACCOUNTS)}.",
        hint="Run as an ordinary user with an entry in /etc/passwd.",
    )


def namespaces_allowed(account: pwd.struct_passwd) -> bool:
    """Whether a user namespace that shows `account` can be made here; containers often refuse it."""
    try:
        return subprocess.run([*_namespace(account), "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _namespace(account: pwd.struct_passwd) -> tuple[str, ...]:
    return ("unshare", "--user", f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}")


def _has_name(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def can_enter(path: Path) -> bool:
    """Whether everybody may walk to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists())
