"""The sound of a call that is kept, attached to its session: that of words which are only a guess."""

from __future__ import annotations

from livekit.agents import AgentSession

from agent.call import Call
from agent.kept_sound import Ears, KeptSound
from agent.sound_spool import SoundSpool, ship_once
from fieldline.storage import open_storage


def attach_sound(call: Call, session: AgentSession[Call], ears: Ears) -> None:
    """What is dictated to ears that are not sure is kept with its sound, and shipped while the call goes on."""
    spool, storage = SoundSpool(call.settings.spool), open_storage(call.settings)
    call.sound = KeptSound(
        f"messages/{call.id}/{call.facts['session_id'][:8]}",
        spool,
        ears,
        kept=lambda: call.work.background(ship_once(spool, storage, call.store)),
    )
    call.sound.attach(session)
