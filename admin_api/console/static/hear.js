// The greeting as it stands in the form, spoken by the voice that callers hear; in the end its length as it was heard.

const button = document.getElementById("hear");
const heard = document.getElementById("heard");
const csrf = document.querySelector("meta[name=csrf]").content;

// Amplitudes of quiet rooms and of codecs' own noise lie below, those of speech far above.
const AUDIBLE = 0.005;
const LOOK_MS = 40;

// Listens to a track; the function that it gives says for how many seconds there was sound, pauses within it included.
function listener(track) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let first, last;
  const looking = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    if (!samples.some((sample) => Math.abs(sample) > AUDIBLE)) return;
    last = context.currentTime;
    first ??= last;
  }, LOOK_MS);
  return () => {
    clearInterval(looking);
    context.close();
    return first === undefined ? 0 : last - first;
  };
}

button?.addEventListener("click", async () => {
  const { Room, RoomEvent, Track } = globalThis.LivekitClient;
  button.disabled = true;
  heard.textContent = "The agent is coming…";
  const body = new FormData();
  body.set("text", document.getElementById("f-greeting_message").value);
  const room = new Room();
  let heardFor;
  const done = (text) => {
    heard.textContent = text;
    button.disabled = false;
  };
  try {
    const answer = await fetch(button.dataset.address, { method: "POST", body, headers: { "X-CSRF-Token": csrf } });
    const leg = await answer.json();
    if (leg.problem) throw new Error(leg.problem);
    room.on(RoomEvent.TrackSubscribed, (track) => {
      if (track.kind !== Track.Kind.Audio) return;
      document.body.append(track.attach());
      heardFor = listener(track);
      heard.textContent = "Speaking…";
    });
    room.on(RoomEvent.TrackUnsubscribed, (track) => {
      for (const node of track.detach()) node.remove();
    });
    room.on(RoomEvent.Disconnected, () => {
      if (!heardFor) return done("Nobody came to speak.");
      const seconds = heardFor();
      done(
        seconds
          ? `That was it: ${seconds.toFixed(1)} seconds.`
          : "The voice came, but nothing could be heard. The worker's log says more.",
      );
    });
    await room.connect(leg.url, leg.token);
    await room.startAudio();
  } catch (error) {
    done(`It could not be played: ${error.message}`);
  }
});
