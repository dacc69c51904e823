/* Each cell saves itself. What was changed waits here until the portal has it: through a lost connection, a reload, a sign-in. */
(() => {
  "use strict";
  const grid = window.matrixGrid;
  const work = document.querySelector("[data-person]");
  if (!grid || !work) return;
  const KEEP = `matrix ${work.dataset.person} ${location.pathname}`;
  const WAITS = [500, 1000, 2000, 4000];
  const VALUES = {
    green: ["s-g", "G", "Green"], amber: ["s-a", "A", "Amber"], red: ["s-r", "R", "Red"],
    less_relevant: ["s-l", "L", "Less relevant"], not_assessed: ["s-n", "N", "Not assessed"],
  };
  const SHORT = { less_relevant: "Less rel.", not_assessed: "Not rated" };
  const entries = new Map();
  const inWords = grid.table.classList.contains("matrix--words");
  const announce = (text, urgent) => htmx.trigger(document.body, "announce", { text, urgent });
  const tell = (what, one, detail) => document.dispatchEvent(new CustomEvent(`matrix:${what}`, { detail: { one, ...detail } }));
  let token = work.dataset.token;
  /* The matrix's own address leads through the sign-in and back. */
  const signIn = Object.assign(document.createElement("p"), { className: "message message--warning", hidden: true });
  const back = Object.assign(document.createElement("a"), { href: location.pathname + location.search, textContent: "Sign in and come back" });
  back.dataset.keeps = "";
  signIn.append("You are signed out. What you changed is kept in this window and is saved once you have signed in, here or in another window. ", back);
  work.before(signIn);
  let outside = false;
  let leaving = false;
  /* The region for what was not saved, and the cell of which it speaks. */
  const alertPlace = document.getElementById("alert");
  let alarm = null;

  const begin = (key, cell, name, version) => {
    const one = { key, cell, name, version, mine: version, wanted: null, sent: null, conflict: "", tries: 0, said: "", kind: "none" };
    entries.set(key, one);
    return one;
  };
  const versionAt = ({ row, column }) => row.dataset.v === undefined ? NaN : Number(row.dataset.v.split(" ")[column - 1]);
  const entry = (cell) => {
    const place = grid.place(cell);
    const key = `${place.subject}/${place.code}`;
    const one = entries.get(key) || begin(key, cell, grid.name(cell), NaN);
    /* A row that took no answers when it was first looked at had no versions then. */
    if (Number.isNaN(one.version)) one.version = one.mine = versionAt(place);
    return one;
  };
  /* On another page of the matrix, or left out by its filters: what was changed is sent all the same. */
  const elsewhere = (key, name) => {
    const cell = Object.assign(document.createElement("a"), { className: "cell", href: `${location.pathname}${key}/` });
    cell.setAttribute("aria-label", `${name}: `);
    return begin(key, cell, name, 0);
  };
  const valueIn = (css) => Object.keys(VALUES).find((value) => css.split(" ").includes(VALUES[value][0]));
  const valueOf = (cell) => valueIn(cell.className);
  const pending = (one) => Boolean(one.wanted || one.sent || one.held || one.conflict);
  const all = () => [...entries.values()];

  /* A reload or a crash of the page loses nothing: the tab keeps what is on its way. */
  const keep = () => {
    const left = all().filter(pending).map(({ key, sent, wanted, held, version, name }) => [key, sent, wanted || held, version, name]);
    try {
      if (left.length) sessionStorage.setItem(KEEP, JSON.stringify(left)); else sessionStorage.removeItem(KEEP);
    } catch { /* A browser that keeps nothing still saves. */ }
  };

  const LOOKS = ["s-g", "s-a", "s-r", "s-l", "s-n", "up", "down", "off", "stale"];
  const look = (cell, css, text, words) => {
    cell.classList.remove(...LOOKS);
    cell.classList.add(...css.split(" "));
    cell.textContent = text;
    const said = cell.getAttribute("aria-label");
    cell.setAttribute("aria-label", `${said.slice(0, said.lastIndexOf(": "))}: ${words}`);
  };
  const plain = (value) => {
    const [css, letter, label] = VALUES[value];
    return { value, css, text: inWords ? SHORT[value] || label : letter, words: label };
  };
  const draw = (cell, { css, text, words }) => look(cell, css, text, words);
  const paint = (cell, value) => draw(cell, plain(value));
  /* What stands, with its arrow and its words. A cell of another page has no look to go back to. */
  const lookOf = (cell) => {
    const said = cell.getAttribute("aria-label");
    const css = LOOKS.filter((name) => cell.classList.contains(name)).join(" ");
    return valueIn(css) ? { value: valueIn(css), css, text: cell.textContent, words: said.slice(said.lastIndexOf(": ") + 2) } : null;
  };
  const say = (one, kind, text, urgent) => {
    one.kind = kind;
    one.said = text;
    one.cell.classList.toggle("saving", kind === "saving");
    one.cell.classList.toggle("unsaved", kind === "failed");
    if (kind === "failed") one.cell.setAttribute("aria-description", "Not saved"); else one.cell.removeAttribute("aria-description");
    tell("state", one, {});
    if (urgent) alarm = one;
    /* What was not saved and now is, or was taken back, is not said any longer. */
    if (alarm && !pending(alarm) && kind !== "failed" && kind !== "saving") {
      alertPlace.textContent = "";
      alarm = null;
    }
    if (kind !== "saving") announce(`${one.name}: ${text}`, urgent);
  };

  const later = (one) => {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => send(one), WAITS[Math.min(one.tries, WAITS.length - 1)]);
    one.tries += 1;
  };
  /* What cannot be saved is taken back, so that the cell shows what stands. */
  const drop = (one) => {
    one.sent = one.wanted = one.held = null;
    if (one.base) {
      draw(one.cell, one.base);
      one.version = one.base.version || one.version;
    }
    one.base = null;
    keep();
  };
  /* What somebody else saved while this waits is what it goes back to. */
  const learn = (one, { css, text, words, version }) => {
    if (one.base) one.base = { value: valueIn(css), css, text, words, version };
  };
  /* What lacks its reason is undone without the portal, which never had it. A text that goes with it is not lost. */
  const takeBack = (cell) => {
    const one = entry(cell);
    const { held, base } = one;
    if (!held || !held.value || !base || one.wanted || one.sent || "rationale" in held || "next_step" in held) return false;
    drop(one);
    say(one, "none", `${VALUES[held.value][2]} was not saved. It stays ${VALUES[base.value][2].toLowerCase()}.`);
    one.said = "";
    tell("dropped", one, {});
    return true;
  };
  const refuse = (one, text) => {
    drop(one);
    say(one, "failed", `Not saved: ${text}`, true);
    tell("stale", one, {});
  };
  const signedOut = (one) => {
    if (!outside) {
      announce("Not saved: you are signed out. Sign in; what you changed is kept here.", true);
      alarm = one;
    }
    outside = true;
    signIn.hidden = false;
    say(one, "failed", "Not saved: you are signed out. This is kept.");
    later(one);
  };
  /* After a new sign-in the page's token is an old one, and the person may be another. */
  const refresh = async () => {
    const response = await fetch(`${location.pathname}changes/`, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (response.type === "opaqueredirect" || !response.ok) return "out";
    const found = await response.json();
    if (String(found.person) !== work.dataset.person) return "other";
    token = found.csrf;
    outside = false;
    signIn.hidden = true;
    return "same";
  };

  const send = async (one) => {
    if (one.busy || one.conflict || !(one.sent || one.wanted)) return;
    one.busy = true;
    /* One that may have arrived is sent again as it was, so that it is not taken for somebody else's. */
    if (!one.sent) [one.sent, one.wanted] = [one.wanted, null];
    say(one, "saving", "Saving…");
    try {
      await deliver(one);
    } catch {
      say(one, "failed", "Not saved: no connection. Trying again.");
      later(one);
    }
    one.busy = false;
    keep();
    if (one.wanted && !one.sent) send(one);
  };
  const deliver = async (one) => {
    if (outside) {
      const who = await refresh();
      if (who === "out") { signedOut(one); return; }
      if (who === "other") { refuse(one, "somebody else is signed in now. Load the page again."); return; }
    }
    const { version = one.version, ...fields } = one.sent;
    const response = await fetch(one.cell.href, {
      method: "POST", redirect: "manual", body: new URLSearchParams({ ...fields, version }),
      headers: { Accept: "application/json", "X-CSRFToken": token },
    });
    if (response.type === "opaqueredirect") { signedOut(one); return; }
    if (response.status === 403 && !one.again) { one.again = outside = true; later(one); return; }
    one.again = false;
    if (response.status >= 500) throw new Error(response.status);
    one.tries = 0;
    if (response.status === 403 || response.status === 404) { refuse(one, "you may not change this any more."); return; }
    const found = await response.json();
    if (response.ok) { taken(one, found); return; }
    if (found.conflict) {
      one.conflict = found.conflict;
      say(one, "failed", `Not saved: ${found.sentence}`, true);
      tell("conflict", one, found);
    } else if (response.status === 422) {
      tell("lacking", one, { value: one.sent.value });
      /* What was given in the meantime may need no reason, or be it: it is sent at once. */
      if (one.wanted) {
        const { undo: _gone, ...kept } = one.sent;
        one.wanted = { ...kept, ...one.wanted };
        one.sent = null;
        return;
      }
      /* What lacks its reason waits for it: the next thing typed is sent with it. */
      one.held = one.sent;
      one.sent = null;
      say(one, "failed", `Not saved yet: ${found.sentence}`, true);
      tell("refused", one, found);
    } else {
      refuse(one, found.sentence);
    }
  };
  const taken = (one, found) => {
    const { base } = one;
    /* Where it stood so already, nothing moved: it looks as it did. */
    const before = base && one.version === found.version && base.value === found.value ? base : null;
    one.version = one.mine = found.version;
    one.sent = one.held = null;
    one.base = one.wanted && base ? before || plain(found.value) : null;
    one.conflict = "";
    if (!one.wanted) {
      if (before) draw(one.cell, before);
      else if (valueOf(one.cell) !== found.value) paint(one.cell, found.value);
      one.cell.classList.toggle("stale", found.stale);
    }
    say(one, "saved", found.said);
    tell("saved", one, { found });
  };

  const change = (cell, fields) => {
    const one = entry(cell);
    /* What is given after an undo is given, and not undone with it. */
    const { undo: _gone, ...kept } = { ...one.held, ...one.wanted };
    one.wanted = { ...kept, ...fields };
    one.held = null;
    one.base = one.base || lookOf(cell);
    if (fields.value) paint(cell, fields.value);
    keep();
    send(one);
  };
  const resolve = (cell, fields) => {
    const one = entry(cell);
    one.conflict = "";
    one.sent = null;
    one.wanted = fields;
    keep();
    send(one);
  };

  window.addEventListener("online", () => all().forEach((one) => { clearTimeout(one.timer); send(one); }));
  window.addEventListener("beforeunload", (event) => { if (!leaving && all().some(pending)) event.preventDefault(); });
  /* Whoever turns the page, or signs in and comes back, comes to what is kept: nothing is to be warned of. */
  document.addEventListener("click", (event) => { leaving = leaving || Boolean(event.target.closest("[data-keeps]")); });
  document.addEventListener("matrix:leave", () => { leaving = true; });

  const restore = () => {
    let left = [];
    try { left = JSON.parse(sessionStorage.getItem(KEEP) || "[]"); } catch { /* Nothing was kept. */ }
    for (const [key, sent, wanted, version, name] of left) {
      const cell = grid.find(...key.split("/"));
      const { value } = { ...sent, ...wanted };
      const one = Object.assign(cell ? entry(cell) : elsewhere(key, name), { sent, wanted, version });
      one.base = lookOf(one.cell);
      if (value) paint(one.cell, value);
      send(one);
    }
  };
  window.matrixSaves = { VALUES, entry, valueOf, pending, change, resolve, drop, takeBack, learn, look, say, announce };
  document.addEventListener("DOMContentLoaded", restore);
})();
