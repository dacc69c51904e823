/* A row, a column or a block of the matrix, chosen to be rated at once on the page for several ratings. */
(() => {
  "use strict";
  const grid = window.matrixGrid;
  const work = document.querySelector("[data-shortcuts]");
  if (!grid || !work) return;
  const letters = work.dataset.shortcuts === "on";
  const body = grid.table.tBodies[0];
  const heads = grid.table.tHead.rows[1].cells;
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const VALUES = { Backspace: "not_assessed", Delete: "not_assessed" };
  const LETTERS = { g: "green", a: "amber", r: "red", l: "less_relevant" };
  const NAMED = 3;
  /* Room for the outline of what has the focus, in pixels. */
  const CLEAR = 6;
  const pages = document.querySelector(".matrix-pages");
  let anchor = null;
  let chosen = null;
  let extending = false;

  const announce = (text) => htmx.trigger(document.body, "announce", { text });
  const cellIn = (row, column) => row && row.cells[column] && row.cells[column].querySelector("a.cell");
  const spot = (cell) => ({ row: cell.closest("tr").sectionRowIndex, column: cell.closest("td").cellIndex });
  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  const bar = Object.assign(document.createElement("div"), { className: "chosen-bar", hidden: true });
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Chosen ratings");
  const words = document.createElement("p");
  const rate = Object.assign(document.createElement("a"), { className: "button button--small button--primary", textContent: "Rate them" });
  const none = Object.assign(document.createElement("button"), { className: "button button--small", type: "button", textContent: "Choose none" });
  bar.append(words, rate, none);
  grid.table.closest(".matrix-box").after(bar);

  const listed = (names) => names.length > NAMED ? plural(names.length, "borough") : names.join(", ");
  const clear = (say) => {
    for (const place of body.querySelectorAll(".chosen")) place.classList.remove("chosen");
    if (chosen && say) announce("None chosen");
    chosen = anchor = null;
    bar.hidden = true;
    document.documentElement.style.scrollPaddingBottom = "";
  };
  const draw = (top, bottom, left, right) => {
    for (const place of body.querySelectorAll(".chosen")) place.classList.remove("chosen");
    const subjects = [];
    const left_out = [];
    const codes = [];
    let count = 0;
    for (let column = left; column <= right; column += 1) codes.push(heads[column].textContent.trim());
    for (let at = top; at <= bottom; at += 1) {
      const row = body.rows[at];
      /* A row that takes no answers from this person has no versions. */
      if (row.dataset.v === undefined) { left_out.push(row.cells[0].textContent.trim()); continue; }
      subjects.push(row);
      for (let column = left; column <= right; column += 1) {
        if (!cellIn(row, column)) continue;
        row.cells[column].classList.add("chosen");
        count += 1;
      }
    }
    chosen = { subjects: subjects.map((row) => row.id.slice(4)), codes, count };
    const where = count ? `: ${listed(subjects.map((row) => row.cells[0].textContent.trim()))}, ${codes.length > 1 ? `${codes[0]} to ${codes.at(-1)}` : codes[0]}` : "";
    const without = left_out.length ? ` Left out, not yours to rate now: ${listed(left_out)}.` : "";
    /* A whole column is of the page: whoever chose it is told how many boroughs it does not hold. */
    const page = pages && top === 0 && bottom === body.rows.length - 1 ? ` Of this page alone: ${plural(Number(pages.dataset.elsewhere), "borough")} on other pages are not chosen.` : "";
    words.textContent = `${plural(count, "rating")} chosen${where}.${without}${page}`;
    rate.hidden = count === 0;
    if (count) rate.href = address();
    bar.hidden = false;
    /* The bar lies over the foot of the window: what has the focus is brought out from under it. */
    document.documentElement.style.scrollPaddingBottom = `${bar.offsetHeight + CLEAR}px`;
    if (grid.table.contains(document.activeElement)) document.activeElement.scrollIntoView({ block: "nearest", inline: "nearest" });
    announce(words.textContent);
  };
  const address = (value) => {
    const query = new URLSearchParams();
    for (const subject of chosen.subjects) query.append("borough", subject);
    for (const code of chosen.codes) query.append("criterion", code);
    if (value) query.append("value", value);
    return `${location.pathname}bulk/?${query}`;
  };
  const block = (to) => {
    const [from, end] = [spot(anchor), spot(to)];
    draw(Math.min(from.row, end.row), Math.max(from.row, end.row), Math.min(from.column, end.column), Math.max(from.column, end.column));
  };
  const columns = (row) => [...row.cells].filter((place) => place.querySelector("a.cell")).map((place) => place.cellIndex);
  const wholeRow = (row) => {
    const all = columns(row);
    if (!all.length) return;
    anchor = cellIn(row, all[0]);
    draw(row.sectionRowIndex, row.sectionRowIndex, all[0], all.at(-1));
  };
  const wholeColumn = (column) => {
    anchor = cellIn([...body.rows].find((row) => cellIn(row, column)), column);
    if (anchor) draw(0, body.rows.length - 1, column, column);
  };
  const extend = (to) => {
    if (!to) return;
    extending = true;
    to.focus();
    extending = false;
    block(to);
  };
  const next = (cell, step) => {
    let { row, column } = spot(cell);
    do {
      row += step[0];
      column += step[1];
      const found = cellIn(body.rows[row], column);
      if (found) return found;
      /* A row that is not signed off has no cells: step over it. */
    } while (step[0] && body.rows[row]);
    return null;
  };

  /* Before the keys that rate one cell: with several chosen the letters are about all of them. */
  grid.table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("a.cell");
    if (!cell || event.altKey || event.metaKey) return;
    const step = STEPS[event.key];
    let act = null;
    if (event.shiftKey && !event.ctrlKey && step) {
      act = () => { anchor = anchor || cell; extend(next(cell, step)); };
    } else if (event.key === " " && event.shiftKey !== event.ctrlKey) {
      act = () => event.shiftKey ? wholeRow(cell.closest("tr")) : wholeColumn(spot(cell).column);
    } else if (chosen && event.key === "Escape") {
      act = () => clear(true);
    } else if (chosen && chosen.count && !event.ctrlKey && !event.shiftKey) {
      const value = VALUES[event.key] || letters && LETTERS[event.key.toLowerCase()];
      if (value || event.key === "Enter") act = () => location.assign(address(value));
    }
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);

  grid.table.addEventListener("click", (event) => {
    if (!event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target.closest("tbody a.cell");
    const head = event.target.closest("tbody th[scope=row], thead tr:last-child th[scope=col]");
    if (!cell && (!head || head.matches(".corner, .red, .rated"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (cell) {
      anchor = anchor || grid.current() || cell;
      if (!anchor.matches("a.cell")) anchor = cell;
      extend(cell);
    } else if (head.scope === "row") {
      wholeRow(head.parentElement);
    } else {
      wholeColumn(head.cellIndex);
    }
  }, true);
  /* A press with Shift held would move the focus, and with it the end that the block starts from. */
  grid.table.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
  grid.table.addEventListener("focusin", () => { if (chosen && !extending) clear(false); });
  none.addEventListener("click", () => {
    const back = anchor;
    clear(true);
    if (back) back.focus();
  });
})();
