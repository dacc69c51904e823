/* The panel beside the matrix: the rating under the cursor in full, its texts saving themselves as they are typed. */
(() => {
  "use strict";
  const grid = window.matrixGrid;
  const saves = window.matrixSaves;
  const panel = document.getElementById("panel");
  if (!saves || !panel) return;
  const wide = matchMedia("(min-width: 1024px)");
  const [PAUSE, FOLLOW, TRY_AGAIN] = [1000, 250, 1500];
  let cell = null;
  let asked = null;
  let typing = null;
  let following = null;

  const field = (name) => panel.querySelector(`[name=${name}]`);
  const isOpen = () => !panel.hidden;
  const show = (on) => {
    panel.hidden = !on;
    panel.parentElement.classList.toggle("cols", on);
    panel.parentElement.classList.toggle("cols-panel", on);
  };
  const note = (text) => {
    let line = panel.querySelector(".panel-note");
    if (!line) panel.prepend(line = Object.assign(document.createElement("p"), { className: "panel-note" }));
    line.textContent = text;
  };
  const line = (one) => {
    const state = panel.querySelector(".states .save");
    if (!state || !one.said) return;
    state.className = `save save--${one.kind}`;
    state.textContent = one.said;
  };

  /* What is on its way, or met another's, is what its writer sees, not what the portal has. */
  const overlay = (one) => {
    const mine = { ...one.held, ...one.sent, ...one.wanted };
    if (mine.value && field("value")) field("value").form.elements.value.value = mine.value;
    for (const name of ["rationale", "next_step"]) if (name in mine && field(name)) field(name).value = mine[name];
    const place = panel.querySelector("[id^=conflict-]");
    keepFocus(() => { if (place) place.innerHTML = one.conflict; });
    if (one.kind !== "saved") line(one);
  };
  const focusOn = (where) => {
    const into = where === "reason" && field("rationale") || panel.querySelector("#panel-title");
    into.focus();
    if (into.setSelectionRange) into.setSelectionRange(into.value.length, into.value.length);
  };
  /* A button that was pressed may go with what it settled: whoever pressed it goes on at the reason. */
  const keepFocus = (act) => {
    const inside = panel.contains(document.activeElement);
    act();
    if (inside && !panel.contains(document.activeElement)) focusOn("reason");
  };

  const load = async (where) => {
    const wanted = cell;
    if (asked) asked.abort();
    asked = new AbortController();
    try {
      const response = await fetch(wanted.href, { headers: { "HX-Request": "true" }, redirect: "manual", cache: "no-store", signal: asked.signal });
      if (response.type === "opaqueredirect") { note("You are signed out. Sign in in another window, then open this again."); return; }
      if (!response.ok) throw new Error(response.status);
      const html = await response.text();
      if (wanted !== cell) return;
      panel.innerHTML = html;
      htmx.process(panel);
      const one = saves.entry(cell);
      const version = field("version") && Number(field("version").value);
      /* Asked before a save of this page arrived: it shows what stood then. */
      if (version < one.version && !saves.pending(one)) { load(where); return; }
      if (version > one.version && !saves.pending(one)) one.version = version;
      overlay(one);
      panel.dispatchEvent(new CustomEvent("panel:shown", { bubbles: true, detail: grid.place(cell) }));
      if (where) focusOn(where);
    } catch (error) {
      if (error.name === "AbortError" || wanted !== cell) return;
      note("No connection. Trying again.");
      setTimeout(() => { if (wanted === cell && isOpen()) load(where); }, TRY_AGAIN);
    }
  };
  const open = (link, where) => {
    if (!wide.matches) {
      saves.drop(saves.entry(link));
      location.assign(where === "less" ? `${link.href}?value=less_relevant#rationale` : link.href);
      return;
    }
    flush();
    const same = isOpen() && cell === link && panel.querySelector("#panel-title");
    cell = link;
    show(true);
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (same && where) { overlay(saves.entry(cell)); focusOn(where === "less" ? "reason" : where); return; }
    panel.innerHTML = "";
    note(`Opening ${grid.name(link)}…`);
    load(where === "less" ? "reason" : where);
  };
  const close = () => {
    flush();
    if (asked) asked.abort();
    show(false);
    panel.innerHTML = "";
    if (cell) cell.focus();
    cell = null;
  };

  /* A text saves itself a moment after its last letter, and when it is left. */
  const flush = () => {
    if (!typing) return;
    clearTimeout(typing.timer);
    const { link, name, area } = typing;
    typing = null;
    if (!saves.entry(link).conflict) saves.change(link, { [name]: area.value });
  };
  panel.addEventListener("input", (event) => {
    if (!event.target.matches("[form=rating-form]")) return;
    if (typing && typing.area !== event.target) flush();
    if (typing) clearTimeout(typing.timer);
    const area = event.target;
    const mine = area.name === "rationale" && panel.querySelector("[data-mine]");
    if (mine) mine.textContent = area.value;
    typing = { link: cell, name: area.name, area, timer: setTimeout(flush, PAUSE) };
  });
  panel.addEventListener("focusout", flush);
  panel.addEventListener("change", (event) => {
    if (event.target.name !== "value" || event.target.form.id !== "rating-form") return;
    document.dispatchEvent(new CustomEvent("matrix:rate", { detail: { cell, value: event.target.value } }));
  });
  panel.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    close();
  });
  panel.addEventListener("submit", (event) => {
    if (event.target.id !== "rating-form") return;
    event.preventDefault();
    const button = event.submitter || {};
    const value = event.target.elements.value.value;
    flush();
    if (button.name === "resolve") {
      const seen = field("seen").value;
      saves.resolve(cell, { value, rationale: field("rationale").value, next_step: field("next_step").value, resolve: button.value, seen });
    } else if (button.name === "again") {
      saves.change(cell, { again: "1" });
    } else if (button.name === "undo") {
      saves.change(cell, { value, undo: button.value });
    } else if ("confirm" in (button.dataset || {})) {
      document.dispatchEvent(new CustomEvent("matrix:confirm", { detail: { cell } }));
    } else if (button.name === "clear") {
      document.dispatchEvent(new CustomEvent("matrix:rate", { detail: { cell, value: "not_assessed" } }));
    } else {
      saves.change(cell, { value: value || "not_assessed" });
    }
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  });

  grid.table.addEventListener("click", (event) => {
    const link = event.target.closest("a.cell");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !wide.matches) return;
    event.preventDefault();
    open(link, event.detail ? "" : "reason");
    if (event.detail) link.focus();
  });
  grid.table.addEventListener("focusin", (event) => {
    const link = event.target.closest("a.cell");
    clearTimeout(following);
    if (link && isOpen() && link !== cell) following = setTimeout(() => open(link), FOLLOW);
  });

  document.addEventListener("matrix:state", (event) => {
    if (isOpen() && event.detail.one.cell === cell) line(event.detail.one);
  });
  document.addEventListener("matrix:saved", (event) => {
    const { one, found } = event.detail;
    if (!isOpen() || one.cell !== cell || one.wanted || !field("value")) return;
    /* Confirmed, or not any more: the panel offers the other now. Whoever writes in it is left to write. */
    if (found.carried === !panel.querySelector(".carried") && !panel.querySelector("textarea:focus")) {
      load(panel.contains(document.activeElement) ? "title" : "");
      return;
    }
    for (const name of ["rationale", "next_step"]) {
      const area = field(name);
      if (!(typing && typing.area === area) && area.value !== found[name]) area.value = found[name];
    }
    for (const radio of panel.querySelectorAll("#rating-form [name=value]")) radio.checked = radio.value === found.value;
    panel.querySelector(".why-head").textContent = found.why;
    const states = panel.querySelector(".states");
    for (const old of states.querySelectorAll(".move")) old.remove();
    if (found.move) states.append(Object.assign(document.createElement("span"), { className: `move move--${found.move}`, textContent: found.moved }));
    keepFocus(() => {
      for (const gone of panel.querySelectorAll(".carried, .panel-note, #error-rationale, [data-undo], [data-confirm]")) gone.remove();
      panel.querySelector("[id^=conflict-]").replaceChildren();
    });
  });
  document.addEventListener("matrix:dropped", (event) => {
    if (isOpen() && event.detail.one.cell === cell) load();
  });
  document.addEventListener("matrix:conflict", (event) => {
    const { one } = event.detail;
    if (isOpen() && one.cell === cell) overlay(one);
    else if (grid.current() === one.cell && wide.matches) open(one.cell);
  });
  document.addEventListener("matrix:refused", (event) => {
    const { one, sentence } = event.detail;
    if (grid.current() !== one.cell && one.cell !== cell) return;
    /* An answer that lacks its reason goes on in the panel, at the reason. */
    if (isOpen() && one.cell === cell && panel.contains(document.activeElement)) note(sentence);
    else open(one.cell, "less");
  });
  document.addEventListener("matrix:changed", (event) => {
    const { link, said } = event.detail;
    if (!isOpen() || link !== cell) return;
    if (typing || panel.contains(document.activeElement) || saves.pending(saves.entry(link))) note(`This was ${said}.`);
    else load();
  });

  window.matrixPanel = { open, close, isOpen, cell: () => cell };
})();
