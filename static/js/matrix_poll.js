/* What other people save appears by itself: every ten seconds while the page is seen the portal is asked, mostly for nothing. */
(() => {
  "use strict";
  const grid = window.matrixGrid;
  const saves = window.matrixSaves;
  const work = document.querySelector("[data-since]");
  if (!saves || !work || !work.dataset.since) return;
  const [EVERY, SOON] = [10000, 400];
  let since = work.dataset.since;
  let timer = null;
  let asking = false;

  const cellChanged = (link, is) => {
    const one = saves.entry(link);
    /* One that is being changed here is not overwritten; saving it will show both. */
    if (saves.pending(one)) {
      if (is.version > one.version) {
        saves.learn(one, is);
        if (is.said) tell(link, is.said);
      }
      return;
    }
    if (is.version < one.version) return;
    const news = is.version > one.version;
    saves.look(link, is.css, is.text, is.words);
    one.version = is.version;
    if (news && is.said) tell(link, is.said);
  };
  const tell = (link, said) => {
    saves.announce(`${grid.name(link)}: ${said}`);
    document.dispatchEvent(new CustomEvent("matrix:changed", { detail: { link, said } }));
  };
  /* The link that has the focus stays, with what it says now. */
  const redraw = (place, html) => {
    const held = place.contains(document.activeElement) && place.querySelector("a");
    const drawn = Object.assign(document.createElement("template"), { innerHTML: html }).content;
    const now = drawn.querySelector("a");
    if (!held || !now) { place.replaceChildren(drawn); return; }
    held.textContent = now.textContent;
    held.setAttribute("aria-label", now.getAttribute("aria-label"));
  };
  const rowChanged = (row, is) => {
    if (is.why) {
      row.dataset.why = is.why;
      delete row.dataset.v;
    } else {
      delete row.dataset.why;
      row.dataset.v = is.versions;
    }
    const red = row.querySelector("td.red");
    if (!red) return;
    redraw(red, is.reds);
    row.querySelector("td.rated").textContent = is.rated;
    for (const [code, cell] of Object.entries(is.cells)) {
      const link = grid.cellAt(row, code);
      if (link) cellChanged(link, cell);
    }
  };
  const draw = (found) => {
    let unseen = false;
    for (const [subject, is] of Object.entries(found.rows)) {
      const row = document.getElementById(`row-${subject}`);
      if (row) rowChanged(row, is);
      unseen = unseen || !row || !row.querySelector("td.red");
    }
    const sentence = document.getElementById("matrix-sentence");
    if (sentence && !sentence.contains(document.activeElement)) sentence.innerHTML = found.sentence;
    const foot = grid.table.tFoot;
    if (foot && !foot.contains(document.activeElement)) foot.outerHTML = found.foot;
    grid.settle();
    document.getElementById("matrix-unseen").hidden = !unseen;
  };

  const ask = async () => {
    clearTimeout(timer);
    if (asking) { next(SOON); return; }
    asking = true;
    try {
      const query = new URLSearchParams(location.search);
      query.set("after", since);
      const response = await fetch(`${location.pathname}changes/?${query}`, {
        headers: { Accept: "application/json", "If-None-Match": `"${since}"` }, redirect: "manual", cache: "no-store",
      });
      if (response.status === 200) {
        const found = await response.json();
        if (String(found.person) === work.dataset.person) {
          draw(found);
          since = found.token;
        }
      }
    } catch { /* Without a connection there is no news; saving says so. */ }
    asking = false;
    next(EVERY);
  };
  const next = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!document.hidden) ask(); }, wait);
  };

  document.addEventListener("visibilitychange", () => { if (!document.hidden) next(SOON); });
  document.addEventListener("matrix:saved", () => next(SOON));
  document.addEventListener("matrix:stale", () => next(SOON));
  next(EVERY);
})();
