// Dragging somebody to another place of the department. The buttons beside do the same, for keys and for fingers.

for (const list of document.querySelectorAll("[data-order]")) {
  let dragged = null;
  let before = -1;
  const place = () => [...list.rows].indexOf(dragged);
  for (const grip of list.querySelectorAll(".grip")) grip.hidden = list.rows.length < 2;

  list.addEventListener("dragstart", (event) => {
    if (!event.target.classList?.contains("grip")) return;
    dragged = event.target.closest("tr");
    before = place();
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged, 0, 0);
  });

  // Rows change places under the pointer, and whoever lets go that instant has entered a row but not been over it.
  list.addEventListener("dragenter", (event) => {
    if (dragged) event.preventDefault();
  });

  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("tr");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const { top, height } = over.getBoundingClientRect();
    over[event.clientY > top + height / 2 ? "after" : "before"](dragged);
  });

  list.addEventListener("drop", (event) => event.preventDefault());

  list.addEventListener("dragend", (event) => {
    if (!dragged) return;
    const [row, now] = [dragged, place()];
    row.classList.remove("dragged");
    dragged = null;
    if (event.dataTransfer.dropEffect === "none") {
      // Let go outside: back to where it was.
      row.remove();
      list.insertBefore(row, list.rows[before] ?? null);
    } else if (now !== before) {
      const form = row.querySelector("form.order");
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "to", value: now }));
      form.submit();
    }
  });
}
