// A telephone: the token makes this browser a caller; words come and go as LiveKit text, sound as tracks.

const dial = document.getElementById("dial");
const csrf = document.querySelector("meta[name=csrf]").content;
const state = document.getElementById("state");
const talk = document.getElementById("talk");
const typing = document.getElementById("type");
const stop = document.getElementById("stop");
const start = document.getElementById("start");
const keypad = document.getElementById("keypad");
const lines = new Map();
let room;

function show(text, tone) {
  state.textContent = text;
  state.className = `chip ${tone}`;
}

function connected(yes) {
  stop.disabled = !yes;
  start.disabled = yes;
  if (!yes) listening(false);
}

// Words and keys that are sent before somebody is there would be lost.
function listening(yes) {
  for (const node of [...keypad.children, ...typing.elements]) node.disabled = !yes;
}

function answered() {
  show("Answered", "live");
  listening(true);
}

function line(id, who, text) {
  let node = lines.get(id);
  if (!node) {
    node = document.createElement("li");
    node.className = `said ${who === "You" ? "user" : "agent"}`;
    const speaker = document.createElement("span");
    speaker.className = "speaker";
    speaker.textContent = who;
    node.append(speaker, document.createElement("p"));
    lines.set(id, node);
    talk.append(node);
  }
  node.lastChild.textContent = text;
  talk.scrollTop = talk.scrollHeight;
}

async function hear(reader, from) {
  const who = from.identity === room.localParticipant.identity ? "You" : "Agent";
  const id = reader.info.attributes["lk.segment_id"] ?? reader.info.id;
  let text = "";
  for await (const piece of reader) {
    text += piece;
    line(id, who, text);
  }
}

async function call(form) {
  const { Room, RoomEvent, Track, DisconnectReason } = globalThis.LivekitClient;
  show("Calling…", "warn");
  const answer = await fetch(form.dataset.address, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-CSRF-Token": csrf },
  });
  const leg = await answer.json();
  if (leg.problem) throw new Error(leg.problem);
  talk.replaceChildren();
  lines.clear();
  room = new Room();
  room.registerTextStreamHandler("lk.transcription", hear);
  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === Track.Kind.Audio) document.body.append(track.attach());
  });
  room.on(RoomEvent.TrackUnsubscribed, (track) => {
    for (const node of track.detach()) node.remove();
  });
  room.on(RoomEvent.ParticipantConnected, answered);
  room.on(RoomEvent.Disconnected, (reason) => {
    show(reason === DisconnectReason.CLIENT_INITIATED ? "You hung up" : "The call has ended", "idle");
    connected(false);
  });
  await room.connect(leg.url, leg.token);
  connected(true);
  if (room.remoteParticipants.size) answered();
  else show("Ringing…", "live");
  await room.startAudio();
  if (form.elements.microphone.checked) await room.localParticipant.setMicrophoneEnabled(true);
}

dial?.addEventListener("submit", async (event) => {
  event.preventDefault();
  start.disabled = true;
  try {
    await call(dial);
  } catch (error) {
    show(`The call did not go through: ${error.message}`, "bad");
    connected(false);
  }
});

stop?.addEventListener("click", () => room?.disconnect());
keypad?.addEventListener("click", (event) => {
  const key = event.target.value;
  if (key) room?.localParticipant.publishDtmf("0123456789*#".indexOf(key), key);
});
typing?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = typing.elements.words;
  if (!words.value.trim() || !room) return;
  try {
    await room.localParticipant.sendText(words.value, { topic: "lk.chat" });
  } catch (error) {
    show(`That was not sent: ${error.message}`, "bad");
    return;
  }
  line(`typed-${lines.size}`, "You", words.value);
  words.value = "";
});
addEventListener("pagehide", () => room?.disconnect());
