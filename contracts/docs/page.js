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
