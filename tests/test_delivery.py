"""What leaves the house, by each way out: mail by SMTP, SMS by Twilio's own client, the mailbox of local mode."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from fieldline.delivery import MailSender, NotSetUp, SmsSender, senders
from fieldline.errors import NotSent
from fieldline.mailbox import Mailbox, empty, mails
from fieldline.settings import Settings, load_settings
from fieldline.twilio_client import twilio_client
from tests.support.post import a_delivery, mail_server, twilio_messages

LINE = "Fieldline <line@northgate.example>"
SMS = {"channel": "sms", "address": "+12025550110", "subject": None}
#: Nobody listens there.
NOWHERE = "127.0.0.1:9"


def by_twilio(url: str, sender: str = "+12025550100") -> SmsSender:
    token = SecretStr("0123456789abcdef0123456789abcdef")
    settings = load_settings(twilio_account_sid="AC" + "1" * 32, twilio_auth_token=token, twilio_base_url=url)
    return SmsSender(twilio_client(settings), sender)


async def failure(sender: MailSender | SmsSender | NotSetUp, **changes: object) -> NotSent:
    with pytest.raises(NotSent) as caught:
        await sender.send(a_delivery(**changes))
    return caught.value


async def test_mail_arrives_as_it_was_written() -> None:
    async with mail_server() as server:
        provider_id = await MailSender(server.url, LINE).send(a_delivery())
    (mail,) = server.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (LINE, "karen@northgate.example", "Message from Jane")
    assert mail["Message-ID"] == provider_id == "<delivery-7@northgate.example>"
    assert mail.get_content().strip().splitlines() == ["The gate is open – please call.", "— Northgate"]


async def test_mail_of_a_second_try_is_the_same_mail() -> None:
    async with mail_server() as server:
        sender = MailSender(server.url, LINE)
        assert await sender.send(a_delivery()) == await sender.send(a_delivery(attempt=2))


async def test_a_callers_name_adds_no_header() -> None:
    async with mail_server() as server:
        await MailSender(server.url, LINE).send(a_delivery(subject="Message from X\r\nBcc: all@example.org"))
    assert server.mails[0]["Bcc"] is None and server.mails[0]["Subject"] == "Message from X Bcc: all@example.org"


@pytest.mark.parametrize(
    ("verb", "answer", "for_good"),
    [
        ("RCPT", "550 no such mailbox", True),
        ("RCPT", "451 try later", False),
        ("DATA", "554 looks like spam", True),
        ("DATA", "452 disk full", False),
        ("MAIL", "550 you may not send", False),
        ("AUTH", "535 wrong password", False),
    ],
)
async def test_mail_server_that_refuses_says_whether_to_try_again(verb: str, answer: str, for_good: bool) -> None:
    async with mail_server(**{verb: answer}) as server:
        error = await failure(MailSender(server.url.replace("//", "//me:secret@"), LINE))
    assert error.for_good is for_good and answer[:3] in str(error)


async def test_mail_server_that_is_down_is_tried_again() -> None:
    assert (await failure(MailSender(f"smtp://{NOWHERE}", LINE))).for_good is False


async def test_password_does_not_leave_the_machine_in_the_clear() -> None:
    async with mail_server("127.0.0.2") as server:
        error = await failure(MailSender(server.url.replace("//", "//me:secret@"), LINE))
    assert "no encryption" in str(error) and "AUTH" not in server.verbs and server.mails == []


async def test_sms_is_sent_by_twilios_client() -> None:
    async with twilio_messages() as twilio:
        assert (await by_twilio(twilio.url).send(a_delivery(**SMS))).startswith("SM")
        await by_twilio(twilio.url, "MG" + "a" * 32).send(a_delivery(**SMS))
    plain, service = twilio.sent
    assert plain == {"To": "+12025550110", "From": "+12025550100", "Body": a_delivery().body}
    assert service["MessagingServiceSid"] == "MG" + "a" * 32 and "From" not in service
    assert set(twilio.accounts) == {"AC" + "1" * 32}


@pytest.mark.parametrize(
    ("refuses", "for_good"),
    [((400, 21211), True), ((400, 21610), True), ((401, 20003), False), ((429, 20429), False), ((503, 20503), False)],
)
async def test_twilio_that_refuses_says_whether_to_try_again(refuses: tuple[int, int], for_good: bool) -> None:
    async with twilio_messages() as twilio:
        twilio.refuses = refuses
        error = await failure(by_twilio(twilio.url), **SMS)
    assert error.for_good is for_good and str(refuses[1]) in str(error)


async def test_twilio_that_is_down_is_tried_again() -> None:
    assert (await failure(by_twilio(f"http://{NOWHERE}"), **SMS)).for_good is False


async def test_local_mode_puts_everything_into_the_mailbox(tmp_path: Path) -> None:
    keys = {"twilio_account_sid": "AC1", "sms_from": "+12025550100", "smtp_url": SecretStr(f"smtp://{NOWHERE}")}
    ways = senders(load_settings(home=tmp_path, mail_from=LINE, **keys))
    await ways["email"].send(a_delivery())
    await ways["sms"].send(a_delivery(id=8, **SMS))
    await ways["email"].send(a_delivery(attempt=2))
    found = {mail.channel: mail for mail in mails(tmp_path)}
    assert len(mails(tmp_path)) == 2
    assert found["email"].subject == "Message from Jane" and found["email"].body == a_delivery().body
    assert found["sms"].address == "+12025550110" and found["sms"].company == "Northgate Security"
    empty(tmp_path)
    assert mails(tmp_path) == [] and isinstance(ways["sms"], Mailbox)


async def test_production_without_a_way_out_keeps_and_says_what_is_missing() -> None:
    ways = senders(Settings.model_construct(**{**load_settings().model_dump(), "env": "production"}))
    assert isinstance(ways["sms"], NotSetUp) and isinstance(ways["email"], NotSetUp)
    assert "FIELDLINE_SMS_FROM" in str(await failure(ways["sms"]))
    assert "SMTP_URL" in str(await failure(ways["email"]))
