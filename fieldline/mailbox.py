"""The mailbox of local mode: what would have left the house lies in a folder, one file per delivery.

Files and not a table: mail programs open an `.eml`, anything reads the `.json`, and no production database carries
a table that only demos fill. The name holds the delivery's id, so one that is sent twice lies there once.
"""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fieldline.outgoing import Delivery, letter

FOLDER = "mailbox"


@dataclass(frozen=True)
class Mail:
    """Something that lies in the mailbox."""

    channel: str
    address: str
    subject: str | None
    body: str
    company: str
    file: Path


class Mailbox:
    """Delivers into a folder. `send` is what a real sender offers too."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    async def send(self, delivery: Delivery) -> str:
        """Put it there; the file's name is the answer."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if delivery.channel == "email":
            return self._write(delivery, ".eml", letter(delivery, "Fieldline <line@fieldline.local>").as_bytes())
        return self._write(delivery, ".json", json.dumps(asdict(delivery), indent=2, ensure_ascii=False).encode())

    def _write(self, delivery: Delivery, suffix: str, content: bytes) -> str:
        file = self._folder / f"{delivery.id:08d}{suffix}"
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.replace(file)
        return file.name


def mails(home: Path) -> list[Mail]:
    """What lies in the mailbox of a home, oldest first."""
    folder = home / FOLDER
    files = [file for file in folder.glob("*") if file.suffix in {".eml", ".json"}] if folder.is_dir() else []
    return [_read(file) for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))]


def mail_of(home: Path, delivery_id: int) -> Mail | None:
    """What lies in the mailbox of one delivery, if it is there."""
    files = (home / FOLDER / f"{delivery_id:08d}{suffix}" for suffix in (".eml", ".json"))
    return next((_read(file) for file in files if file.is_file()), None)


def empty(home: Path) -> None:
    """Throw away what lies there: a scratch database begins its ids anew."""
    for mail in mails(home):
        mail.file.unlink(missing_ok=True)


def _read(file: Path) -> Mail:
    if file.suffix == ".json":
        sms = json.loads(file.read_text())
        return Mail("sms", sms["address"], None, sms["body"], sms["company"], file)
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = message.get_body()
    return Mail(
        "email",
        str(message["To"]),
        str(message["Subject"]),
        str(body.get_content()).rstrip("\n") if body else "",
        str(message["Organization"] or ""),
        file,
    )
