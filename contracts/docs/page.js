"use strict";
for (const box of document.querySelectorAll("input[data-rows]")) {
  const rows = [...document.querySelectorAll(box.dataset.rows)];
  const words = rows.map((row) => row.textContent.toLowerCase());
  const count = document.getElementById(box.dataset.count);
  const sift = () => {
    const wanted = box.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !wanted.every((word) => words[at].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = `${shown} / ${rows.length}`;
  };
  box.addEventListener("input", sift);
  sift();
}
for (const table of document.querySelectorAll("table.cards")) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, at) => { cell.dataset.th = heads[at]; });
  }
}
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
});
addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
});
