"use strict";
const form = document.querySelector(".filters");
const rows = [...document.querySelectorAll("tbody tr")];

function filter() {
  const chosen = Object.fromEntries(new FormData(form));
  const model = chosen.model.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const fits = row.dataset.model.includes(model)
      && ["developer", "chip", "status", "grade"].every((name) => !chosen[name] || row.dataset[name] === chosen[name]);
    row.hidden = !fits;
    shown += fits;
  }
  form.querySelector("[role=status]").textContent = `${shown} of ${rows.length} links`;
}

if (rows.length) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
}

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  opened.forEach((part) => { part.open = true; });
});
window.addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
