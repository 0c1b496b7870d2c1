"""A SIP softphone for tests: Debian's baresip, driven over its control socket.

It speaks a WAV file for ever, and keeps what it hears in another (`heard`). Events have baresip's own names.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any, Self

from fieldline.lab.audio import Pcm, read_wav

DEADLOCK_S = 60
CONFIG = """\
poll_method epoll
sip_listen {host}:{port}
call_local_timeout 120
call_max_calls 4
audio_source aufile,{voice}
audio_player aufile,{folder}/unused.wav
audio_alert aufile,{folder}/unused.wav
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_buffer 20-160
rtp_ports {rtp}-{rtp_end}
net_interface {interface}
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module aufile.so
module sndfile.so
module ctrl_tcp.so
module_app account.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:{control}
statmode_default off
snd_path {folder}
"""


class Softphone:
    """`async with Softphone(...) as phone:` then `dial`, `answer`, `press`, `hang_up`, and `until` an event comes."""

    def __init__(self, folder: Path, user: str, voice: Path, *, host: str, port: int, interface: str) -> None:
        self._folder = folder
        self._control = port + 1000
        self._events: list[str] = []
        self._came = asyncio.Condition()
        self._process: asyncio.subprocess.Process | None = None
        folder.mkdir(parents=True)
        (folder / "config").write_text(
            CONFIG.format(
                host=host,
                port=port,
                voice=voice,
                folder=folder,
                rtp=20_000 + port,
                rtp_end=20_040 + port,
                interface=interface,
                control=self._control,
            )
        )
        account = f"<sip:{user}@{host}:{port};transport=udp>;regint=0;answermode=manual;audio_codecs=PCMU/8000/1"
        (folder / "accounts").write_text(f"{account};dtmfmode=rtpevent\n")

    async def __aenter__(self) -> Self:
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        async with asyncio.timeout(DEADLOCK_S):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
                    break
                except ConnectionRefusedError:
                    await asyncio.sleep(0.05)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        self._writer.close()
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()

    async def dial(self, uri: str) -> None:
        """Call `uri`."""
        await self._do("dial", uri)

    async def answer(self) -> None:
        """Pick up the call that rings."""
        await self._do("accept")

    async def press(self, keys: str) -> None:
        """Send keys as RTP events, one after the other."""
        for key in keys:
            await self._do("sndcode", key)
            await asyncio.sleep(0.3)  # as fast as a thumb

    async def hang_up(self) -> None:
        """Put the telephone down."""
        await self._do("hangup")

    async def until(self, event: str, count: int = 1) -> None:
        """Wait until the event came `count` times since the beginning."""
        async with asyncio.timeout(DEADLOCK_S), self._came:
            await self._came.wait_for(lambda: self._events.count(event) >= count)

    def count(self, event: str) -> int:
        """How often the event came so far."""
        return self._events.count(event)

    def heard(self, call: int = -1) -> Pcm:
        """What the telephone heard in one of its calls, 16 kHz; complete once the call is over."""
        return read_wav(sorted(self._folder.glob("*-dec.wav"), key=lambda file: file.stat().st_mtime_ns)[call])

    async def _do(self, command: str, parameters: str = "") -> None:
        message = json.dumps({"command": command, "params": parameters}).encode()
        self._writer.write(b"%d:%b," % (len(message), message))
        await self._writer.drain()

    async def _listen(self) -> None:
        while True:
            length = await self._reader.readuntil(b":")
            message: dict[str, Any] = json.loads(await self._reader.readexactly(int(length[:-1])))
            await self._reader.readexactly(1)
            if message.get("event"):
                async with self._came:
                    self._events.append(message["type"])
                    self._came.notify_all()
