// A list of thousands takes a while: the server tells how far it is, and in the end what came of it.

const form = document.getElementById("import");
const busy = form.querySelector(".busy");
const bar = busy.querySelector("progress");
const phase = document.getElementById("phase");
const count = document.getElementById("count");
const result = document.getElementById("result");
const PHASES = {
  sending: "Sending the file",
  reading: "Reading and checking lines:",
  checking: "Looking for them in the directory:",
  writing: "Writing people:",
};
const written = (number) => number.toLocaleString("en");

function show({ phase: name, done, total }) {
  if (phase.textContent !== PHASES[name]) phase.textContent = PHASES[name];
  if (name === "checking" || !total) bar.removeAttribute("value");
  else {
    bar.max = total;
    bar.value = done;
  }
  count.textContent = !total
    ? ""
    : name === "checking"
      ? `${written(total)} people`
      : `${written(done)} of ${written(total)}`;
}

function wrong(text) {
  const said = document.createElement("p");
  said.className = "flash problem";
  said.setAttribute("role", "alert");
  said.textContent = text;
  result.replaceChildren(said);
}

function working(yes) {
  busy.hidden = !yes;
  for (const button of form.querySelectorAll("button")) button.disabled = yes;
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const parts = (left + value).split("\n\n");
    left = parts.pop();
    for (const part of parts) yield JSON.parse(part.slice("data: ".length));
  }
}

async function send() {
  const csrf = form.elements.csrf.value;
  const headers = { "X-CSRF-Token": csrf, Accept: "text/event-stream" };
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
  if (answer.redirected) return location.reload();
  if (!answer.headers.get("Content-Type").startsWith("text/event-stream"))
    throw new Error((await answer.json()).problem);
  let ended = false;
  for await (const event of events(answer.body)) {
    if (event.problem) throw new Error(event.problem);
    if (event.html === undefined) {
      show(event);
      continue;
    }
    // Made by our own templates, which escape what stands in the file.
    result.innerHTML = event.html;
    ended = true;
  }
  if (!ended) throw new Error("The connection was lost. Look into the directory before you import again.");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  result.replaceChildren();
  show({ phase: "sending", done: 0, total: 0 });
  working(true);
  try {
    await send();
  } catch (error) {
    wrong(error.message);
  }
  working(false);
  result.scrollIntoView({ block: "nearest" });
});
