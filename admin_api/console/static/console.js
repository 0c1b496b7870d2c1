// What every page does: the menu on small screens, questions before what cannot be undone, forms that need one click.

const menu = document.querySelector("details.menu");
const small = matchMedia("(max-width: 55rem)");
const fit = () => {
  if (menu) menu.open = !small.matches;
};
small.addEventListener("change", fit);
fit();

document.addEventListener(
  "submit",
  (event) => {
    const sure = event.submitter?.dataset.sure;
    if (sure && !confirm(sure)) event.preventDefault();
  },
  true,
);

for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
