/* The matrix from the keyboard: one stop of the Tab key, arrows from link to link (docs/decisions/0011). */
(() => {
  "use strict";
  const table = document.querySelector(".matrix");
  if (!table) return;
  const heads = table.tHead.rows[1].cells;
  const body = table.tBodies[0];
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  /* Every row that has links under the criteria: their heads, the boroughs, the totals. */
  const rows = () => [table.tHead.rows[1], ...body.rows, ...(table.tFoot ? table.tFoot.rows : [])];
  const linkIn = (row, column) => row && row.cells[column] && row.cells[column].querySelector("a");
  const links = (row) => [...row.querySelectorAll("a")];
  const cells = () => [...body.querySelectorAll("a.cell")];
  const cellAt = (row, code) => {
    const column = [...heads].findIndex((head) => head.textContent.trim() === code);
    const link = column > 0 && linkIn(row, column);
    return link && link.matches(".cell") ? link : null;
  };
  const find = (subject, code) => cellAt(document.getElementById(`row-${subject}`), code);
  const place = (cell) => {
    const row = cell.closest("tr");
    const column = cell.closest("td").cellIndex;
    return { row, column, subject: row.id.slice(4), code: heads[column].textContent.trim() };
  };
  const name = (cell) => `${place(cell).row.cells[0].textContent.trim()}, ${place(cell).code}`;

  let active = null;
  const rove = (link) => {
    if (active) active.tabIndex = -1;
    active = link;
    active.tabIndex = 0;
  };
  /* What is drawn anew takes part as the rest does: nothing in the table is a stop but the active link. */
  const settle = () => {
    for (const link of table.querySelectorAll("a")) link.tabIndex = -1;
    if (!active || !table.contains(active)) active = body.querySelector("tr[data-v] a.cell") || cells()[0] || table.querySelector("a");
    if (active) active.tabIndex = 0;
  };
  settle();

  const page = () => {
    const row = active.closest("tr").getBoundingClientRect().height || 27;
    return Math.max(1, Math.floor(Math.min(table.parentElement.clientHeight, window.innerHeight) / row) - 4);
  };
  const across = (row, from, by) => {
    for (let column = from + by; row.cells[column]; column += by) {
      const link = linkIn(row, column);
      if (link) return link;
    }
    return null;
  };
  const down = (from, column, by) => {
    const all = rows();
    /* A row that is not signed off has no cells: step over it. */
    for (let at = all.indexOf(from) + Math.sign(by), left = Math.abs(by), last = null; ; at += Math.sign(by)) {
      if (!all[at]) return last;
      const link = linkIn(all[at], column);
      if (!link) continue;
      last = link;
      left -= 1;
      if (left <= 0) return link;
    }
  };
  /* A screenful ends with the page's last borough; from there on it is the next page's first, the column the same. */
  const turn = (row, column, by) => {
    const link = document.querySelector(`.matrix-pages [rel=${by > 0 ? "next" : "prev"}]`);
    const edge = (by > 0 ? [...body.rows].reverse() : [...body.rows]).map((one) => linkIn(one, column)).find(Boolean);
    const beyond = down(row, column, by);
    if (!link || beyond && body.contains(beyond)) return beyond;
    if (edge && body.contains(row) && edge.closest("tr") !== row) return edge;
    if (by > 0 ? row.closest("thead") : row.closest("tfoot")) return beyond;
    document.dispatchEvent(new Event("matrix:leave"));
    location.assign(`${link.href}#row-${by > 0 ? link.dataset.first : link.dataset.last}:${heads[column].textContent.trim()}`);
    return active;
  };
  const target = (event, row, column) => {
    const step = STEPS[event.key];
    if (event.ctrlKey) return { Home: cells()[0], End: cells().at(-1) }[event.key];
    if (step) return step[0] ? down(row, column, step[0]) : across(row, column, step[1]);
    if (event.key === "Home") return links(row)[0];
    if (event.key === "End") return links(row).at(-1);
    if (event.key === "PageDown") return turn(row, column, page());
    return event.key === "PageUp" ? turn(row, column, -page()) : null;
  };

  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a");
    if (!link || event.altKey || event.metaKey || event.shiftKey) return;
    const next = target(event, link.closest("tr"), link.closest("td, th").cellIndex);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  const mark = (event, on) => {
    const spot = event.target.closest(".cell") && event.target.closest("td");
    if (spot) heads[spot.cellIndex].classList.toggle("here", on);
  };
  table.addEventListener("focusin", (event) => {
    const link = event.target.closest("a");
    if (link) rove(link);
    mark(event, true);
  });
  table.addEventListener("focusout", (event) => mark(event, false));

  /* An address may name a cell: where a page was turned, or a borough of another page was gone to. */
  document.addEventListener("DOMContentLoaded", () => {
    const [, subject, code] = /^#row-([-\w]+):(\w+)$/.exec(location.hash) || [];
    const row = subject && document.getElementById(`row-${subject}`);
    if (!row) return;
    const link = find(subject, code) || links(row)[0] || down(row, 1, 1) || down(row, 1, -1);
    if (link) link.focus();
  });

  window.matrixGrid = { table, cells, cellAt, find, place, name, settle, current: () => active };
})();
