// Live calls: pieces of HTML from the server's one feed, put in their places. The server has escaped every word in them.

const live = document.getElementById("live");
const quiet = document.getElementById("quiet");
const steps = document.querySelector(".steps");
const connection = document.getElementById("connection");
const controls = document.getElementById("controls");
const csrf = document.querySelector("meta[name=csrf]").content;
let ahead = 0;

const card = (id) => document.getElementById(`call-${id}`);
const part = (node, name) => node.querySelector(`[data-part=${name}]`);

function count() {
  const open = live.querySelectorAll(".call:not(.over)").length;
  quiet.hidden = live.children.length > 0;
  // What to do before the first call is no news while one is on the line.
  if (steps) steps.hidden = quiet.hidden;
  connection.textContent = open === 0 ? "Listening" : open === 1 ? "1 call on the line" : `${open} calls on the line`;
  connection.className = open ? "chip live" : "chip idle";
}

function over(node, isOver) {
  node.classList.toggle("over", isOver);
  if (isOver) part(node, "controls").replaceChildren();
}

function put(id, html, isOver) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const node = box.content.querySelector(".call");
  const old = card(id);
  const kept = old && part(old, "controls");
  if (controls && !isOver) {
    if (kept?.childElementCount) part(node, "controls").replaceWith(kept);
    else part(node, "controls").append(controls.content.cloneNode(true));
  }
  if (old) old.replaceWith(node);
  else live.prepend(node);
  over(node, isOver);
  toEnd(part(node, "items"));
}

function toEnd(list) {
  list.scrollTop = list.scrollHeight;
}

function refresh(id, name, html) {
  const node = card(id);
  if (!node) return;
  const place = part(node, name);
  const following = place.scrollHeight - place.scrollTop - place.clientHeight < 120;
  place.innerHTML = html;
  if (name === "items" && following) toEnd(place);
}

const on = {
  reset: ({ now }) => {
    ahead = Date.parse(now) - Date.now();
    live.replaceChildren();
  },
  call: ({ id, html, over: isOver }) => put(id, html, isOver),
  head: ({ id, html, over: isOver }) => {
    refresh(id, "head", html);
    if (card(id)) over(card(id), isOver);
  },
  items: ({ id, html }) => refresh(id, "items", html),
  commands: ({ id, html }) => refresh(id, "commands", html),
  gone: ({ id }) => card(id)?.remove(),
  trouble: ({ text }) => {
    connection.textContent = text;
    connection.className = "chip bad";
  },
};

const stream = new EventSource(live.dataset.stream);
for (const [name, act] of Object.entries(on)) {
  stream.addEventListener(name, (event) => {
    act(JSON.parse(event.data));
    if (name !== "trouble") count();
    tick();
  });
}
stream.addEventListener("error", () => {
  connection.textContent =
    stream.readyState === EventSource.CLOSED ? "Disconnected. Load the page again." : "Reconnecting…";
  connection.className = "chip warn";
});

function tick() {
  for (const node of live.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(node.dataset.since)) / 1000));
    node.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
setInterval(tick, 1000);

live.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const call = form.closest(".call");
  const status = call.querySelector(".controls .said");
  const body = new FormData(form);
  body.set("kind", event.submitter.value);
  status.textContent = "Sending…";
  const answer = await fetch(`/console/calls/${call.dataset.call}/commands`, {
    method: "POST",
    body,
    headers: { "X-CSRF-Token": csrf },
  })
    .then((response) => response.json())
    .catch(() => ({ problem: "The console cannot be reached." }));
  status.textContent = answer.problem ?? "";
  if (!answer.problem) form.reset();
});
