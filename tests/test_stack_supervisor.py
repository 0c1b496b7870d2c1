"""Parts are waited for, started again, and never outlive the stack."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fieldline.errors import StackError
from fieldline.stack.guard import is_alive
from fieldline.stack.supervisor import Part, Supervisor, until

#: Long enough that only a deadlock reaches it.
DEADLOCK_S = 30


def build_part(code: str, ready: Path, *, within: float = DEADLOCK_S) -> Part:
    async def probe() -> bool:
        return ready.exists()

    return Part("sample", [sys.executable, "-c", code], probe=probe, env=dict(os.environ), within=within)


def writes(path: Path, then: str = "import signal; signal.pause()") -> str:
    """A program that appends its pid to `path`, then goes on with `then`."""
    return f"import os; open({str(path)!r}, 'a').write(f'{{os.getpid()}}\\n'); {then}"


async def gone(*pids: int) -> bool:
    async def probe() -> bool:
        return not any(is_alive(pid) for pid in pids)

    return await until(probe, DEADLOCK_S)


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    one = Supervisor(tmp_path, tmp_path / "no-database")
    yield one
    await one.close()


async def test_part_that_ends_early_shows_the_end_of_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    code = "[print('line', n) for n in range(50)]; raise SystemExit(3)"
    with pytest.raises(StackError) as caught:
        await supervisor.start(build_part(code, tmp_path / "never"))
    text = str(caught.value)
    assert "sample ended with code 3" in text
    assert "line 49" in text and "line 30" in text and "line 29" not in text
    assert "sample" not in supervisor


async def test_part_that_never_gets_ready_is_stopped(supervisor: Supervisor, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(StackError, match="was not ready within"):
        await supervisor.start(build_part(writes(pids), tmp_path / "never", within=1.5))
    assert await gone(*map(int, pids.read_text().split()))


async def test_program_that_is_missing_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    part = Part("sample", [tmp_path / "nothing"], probe=lambda: asyncio.sleep(0, True))
    with pytest.raises(StackError, match=r"Cannot run .*nothing for sample: No such file"):
        await supervisor.start(part)


async def test_part_that_dies_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    changes: list[int] = []
    supervisor = Supervisor(tmp_path, tmp_path / "none", told.append, lambda: changes.append(1))
    pids = tmp_path / "pids"
    await supervisor.start(build_part(writes(pids), pids))
    first = supervisor.pids["sample"]
    os.kill(first, signal.SIGKILL)

    async def replaced() -> bool:
        return len(pids.read_text().split()) == 2 and bool(changes)

    assert await until(replaced, DEADLOCK_S)
    assert supervisor.pids["sample"] != first
    assert told == [f"sample ended with code -9; it is started again. See {tmp_path / 'sample.log'}"]
    await supervisor.close()
    assert await gone(*map(int, pids.read_text().split()))


async def test_part_that_ignores_the_signal_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
    part = build_part(f"import signal; signal.signal(15, signal.SIG_IGN)\n{writes(pids, deaf)}", pids)
    await supervisor.start(Part(**{**vars(part), "grace": 0.2}))
    await supervisor.stop("sample")
    assert await gone(*map(int, pids.read_text().split()))


PARENT = """
import asyncio, os, sys
from pathlib import Path
from fieldline.stack.supervisor import Part, Supervisor
folder = Path(sys.argv[1])
child = '''
import os, pathlib, signal, subprocess, sys
if len(sys.argv) == 1:  # and a grandchild in a session of its own, which no group signal reaches
    subprocess.Popen([sys.executable, "-c", sys.orig_argv[2], "again"], start_new_session=True)
with open("pids", "a") as file:
    file.write(f"{os.getpid()}\\\\n")
signal.pause()
'''
async def both():
    return (folder / "pids").exists() and len((folder / "pids").read_text().split()) == 2
async def main():
    supervisor = Supervisor(folder, folder / "none")
    await supervisor.start(Part("sample", [sys.executable, "-c", child], both, env=dict(os.environ), cwd=folder))
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by their environment on Linux only")
async def test_kill_9_of_the_stack_leaves_no_orphan(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await asyncio.wait_for(parent.stdout.readline(), DEADLOCK_S) == b"ready\n"
    parent.kill()
    await parent.wait()
    assert await gone(*map(int, (tmp_path / "pids").read_text().split()))
