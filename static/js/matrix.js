/* The matrix from the keyboard: arrows go from cell to cell, the head of the column says where you are. */
(() => {
  "use strict";
  const table = document.querySelector(".matrix");
  if (!table) return;
  const heads = table.tHead.rows[1].cells;
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const cellAt = (row, column) => row && row.cells[column] && row.cells[column].querySelector(".cell");

  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const place = event.target.closest(".cell") && event.target.closest("td");
    if (!step || !place || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const rows = table.tBodies[0].rows;
    let row = place.parentElement.sectionRowIndex;
    let column = place.cellIndex;
    do {
      row += step[0];
      column += step[1];
      const next = cellAt(rows[row], column);
      if (next) {
        event.preventDefault();
        next.focus();
        return;
      }
      /* A row that is not signed off has no cells: step over it. */
    } while (step[0] && rows[row]);
  });

  const mark = (event, on) => {
    const place = event.target.closest(".cell") && event.target.closest("td");
    if (place) heads[place.cellIndex].classList.toggle("here", on);
  };
  table.addEventListener("focusin", (event) => mark(event, true));
  table.addEventListener("focusout", (event) => mark(event, false));
})();
