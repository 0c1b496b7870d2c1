"""What the office's side and the worker's side of a live call agree on."""

from __future__ import annotations

#: LiveKit data on this topic, sent by the server API, means: the office wrote a command, look now.
COMMAND_TOPIC = "fieldline.command"
#: Rooms of calls that the office makes to try the line; `call_logs.is_test` reads it too.
TEST_ROOM_PREFIX = "test-"
#: Metadata of a job that speaks one text and leaves begins with this; what follows is the text.
SPEAK_PREFIX = "speak:"
