// The greeting as it stands in the form, spoken by the voice that callers hear.

const button = document.getElementById("hear");
const heard = document.getElementById("heard");
const csrf = document.querySelector("meta[name=csrf]").content;

button?.addEventListener("click", async () => {
  const { Room, RoomEvent, Track } = globalThis.LivekitClient;
  button.disabled = true;
  heard.textContent = "The agent is coming…";
  const body = new FormData();
  body.set("text", document.getElementById("f-greeting_message").value);
  const room = new Room();
  const done = (text) => { heard.textContent = text; button.disabled = false; };
  try {
    const answer = await fetch(button.dataset.address, { method: "POST", body, headers: { "X-CSRF-Token": csrf } });
    const leg = await answer.json();
    if (leg.problem) throw new Error(leg.problem);
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind !== Track.Kind.Audio) return;
      document.body.append(track.attach());
      heard.textContent = "Speaking…";
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => { for (const node of track.detach()) node.remove(); });
    room.on(RoomEvent.Disconnected, () => done(heard.textContent === "Speaking…" ? "That was it." : "Nobody came to speak."));
    await room.connect(leg.url, leg.token);
    await room.startAudio();
  } catch (error) {
    done(`It could not be played: ${error.message}`);
  }
});
