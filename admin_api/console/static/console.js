// What every page does: the menu on small screens, questions before what cannot be undone, forms that need one click.

const menu = document.querySelector("details.menu");
const small = matchMedia("(max-width: 55rem)");
const fit = () => { if (menu) menu.open = !small.matches; };
small.addEventListener("change", fit);
fit();

document.addEventListener("submit", (event) => {
  const sure = event.submitter?.dataset.sure;
  if (sure && !confirm(sure)) event.preventDefault();
}, true);

for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

// Long work says that it goes on, and is not started twice.
document.addEventListener("submit", (event) => {
  const { busy } = event.target.dataset;
  if (!busy || event.defaultPrevented) return;
  const note = event.target.querySelector(".busy");
  note.querySelector("span").textContent = busy;
  note.hidden = false;
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
});

addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-busy]")) location.reload();
});
