/* Letters rate, and find, undo and list what the keys do. Without single-key shortcuts the arrows and the panel remain. */
(() => {
  "use strict";
  const grid = window.matrixGrid;
  const saves = window.matrixSaves;
  const panel = window.matrixPanel;
  const work = document.querySelector("[data-shortcuts]");
  if (!saves || !panel || !work) return;
  const letters = work.dataset.shortcuts === "on";
  const keysDialog = document.getElementById("matrix-keys");
  const findDialog = document.getElementById("matrix-find");
  const stateLine = document.getElementById("matrix-state");
  const pages = document.querySelector(".matrix-pages");
  const done = [];

  const whyNot = (cell) => {
    const { why, v } = grid.place(cell).row.dataset;
    return v === undefined ? why || work.dataset.why : "";
  };
  const say = (cell, text) => {
    saves.announce(`${grid.name(cell)}: ${text}`);
    stateLine.className = "save save--none";
    stateLine.textContent = `${grid.name(cell)}: ${text}`;
  };
  const rate = (cell, value) => {
    const before = saves.valueOf(cell);
    const why = whyNot(cell);
    if (why) { say(cell, `not changed. ${why}`); return; }
    if (before === value && !cell.classList.contains("stale")) { say(cell, `already ${saves.VALUES[value][2].toLowerCase()}`); return; }
    give(cell, value);
  };
  /* What may be hatched because nobody has confirmed it is undone to the version that was not. */
  const give = (cell, value) => {
    const { held, base, version } = saves.entry(cell);
    /* What waits for its reason has not been saved: what stands is what it was given over. */
    const before = { value: held && held.value && base ? base.value : saves.valueOf(cell) };
    if (cell.classList.contains("stale")) before.undo = version;
    done.push({ cell, before, value });
    saves.change(cell, { value });
  };
  /* What was refused for want of a reason never stood, unless the reason is given later. */
  document.addEventListener("matrix:lacking", (event) => {
    const { one, value } = event.detail;
    const step = done.findLast(({ cell, value: given }) => cell === one.cell && given === value);
    if (step) step.refused = true;
  });
  document.addEventListener("matrix:saved", (event) => {
    const { one, found } = event.detail;
    const step = done.findLast(({ cell }) => cell === one.cell);
    if (step && step.value === found.value) step.refused = false;
  });
  const confirm = (cell) => {
    const already = saves.valueOf(cell) === "not_assessed" ? "not assessed. Rate it first." : "confirmed already";
    if (!cell.classList.contains("stale") || whyNot(cell)) { say(cell, whyNot(cell) || already); return; }
    give(cell, saves.valueOf(cell));
  };
  /* The last change, and with it what was refused before it: nobody goes back to what never stood. */
  const lastStep = () => {
    let step = done.pop();
    while (step) {
      const at = done.findLastIndex(({ cell }) => cell === step.cell);
      if (at < 0 || !done[at].refused) return step;
      [step] = done.splice(at, 1);
    }
    return step;
  };
  /* Back to what stood, over this page's own save: what somebody else saved since is met as a conflict. */
  const undo = () => {
    const last = lastStep();
    if (!last) { saves.announce("Nothing to undo"); return; }
    const one = saves.entry(last.cell);
    last.cell.focus();
    if (last.refused && saves.takeBack(last.cell)) return;
    saves.change(last.cell, saves.pending(one) ? last.before : { ...last.before, version: one.mine });
  };
  const next = () => {
    const all = grid.cells().filter((cell) => !whyNot(cell));
    /* The cell that the Tab key would come to is the first to be looked at, the one that has the focus the last. */
    const from = all.indexOf(grid.current()) + (grid.current() === document.activeElement ? 1 : 0);
    const found = [...all.slice(from), ...all.slice(0, from)].find((cell) => cell.classList.contains("s-n"));
    if (found) found.focus(); else saves.announce(`All that you may rate ${pages ? "on this page" : "here"} are rated`);
  };
  document.addEventListener("matrix:rate", (event) => rate(event.detail.cell, event.detail.value));
  document.addEventListener("matrix:confirm", (event) => {
    /* The panel has just been told that it is carried; the cell may have been drawn before. */
    event.detail.cell.classList.add("stale");
    confirm(event.detail.cell);
  });

  const onCell = {
    g: (cell) => rate(cell, "green"), a: (cell) => rate(cell, "amber"), r: (cell) => rate(cell, "red"),
    l: (cell) => rate(cell, "less_relevant"), c: confirm,
  };
  const anywhere = { n: next, u: undo, "?": () => keysDialog.showModal(), "/": () => openFind() };
  grid.table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("a.cell");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Backspace" || event.key === "Delete") { event.preventDefault(); rate(cell, "not_assessed"); return; }
    if (event.key === "Escape" && panel.isOpen()) { panel.close(); return; }
    const act = letters && !event.shiftKey && onCell[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act(cell);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea, select, input:not([type=radio])") || event.target.closest("dialog")) return;
    if (event.ctrlKey && event.key.toLowerCase() === "z") { event.preventDefault(); undo(); return; }
    if (!letters || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = anywhere[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) ({ keys: anywhere["?"], find: () => openFind(), undo })[button.dataset.do]();
  });
  document.addEventListener("matrix:state", (event) => {
    const { one } = event.detail;
    stateLine.className = `save save--${one.kind}`;
    stateLine.textContent = `${one.name}: ${one.said}`;
  });

  /* Type-ahead: "cam e1". Words that begin a borough's name, then the beginning of a code or of a word of its title. */
  const input = findDialog.querySelector("input");
  const list = findDialog.querySelector("[role=listbox]");
  const answer = findDialog.querySelector("[role=status]");
  const MOST = 8;
  const words = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  const begins = (of, typed) => of.some((word) => word.startsWith(typed));
  const matches = () => {
    const typed = words(input.value);
    const found = [];
    if (!typed.length) return found;
    for (const cell of grid.cells()) {
      const { row, code } = grid.place(cell);
      const borough = words(row.cells[0].textContent);
      const title = words(cell.getAttribute("aria-label").split(", ").slice(1).join(" ").split(": ")[0]);
      const left = typed.filter((word) => !begins(borough, word));
      if (left.length === typed.length && !typed.every((word) => begins(title, word))) continue;
      if (!left.every((word) => begins([code.toLowerCase(), ...title], word))) continue;
      found.push({ text: cell.getAttribute("aria-label"), go: () => cell.focus() });
      if (found.length === MOST) return found;
    }
    return [...found, ...matchesElsewhere(typed)].slice(0, MOST);
  };
  /* Of another page only the boroughs' names are known here: one of the words must be of them. */
  const columns = [...grid.table.tHead.rows[1].querySelectorAll("a")].map((link) => link.getAttribute("aria-label"));
  const boroughs = pages ? [...pages.querySelectorAll("[data-rows]")].flatMap((link) => link.dataset.rows.split("|").map((row) => {
    const [slug, borough] = row.split(/:(.*)/s);
    return { link, slug, borough, names: words(borough) };
  })) : [];
  const matchesElsewhere = (typed) => {
    const found = [];
    for (const { link, slug, borough, names } of boroughs) {
      const left = typed.filter((word) => !begins(names, word));
      if (left.length === typed.length) continue;
      for (const title of columns.filter((one) => left.every((word) => begins(words(one), word)))) {
        const go = () => {
          document.dispatchEvent(new Event("matrix:leave"));
          location.assign(`${link.href}#row-${slug}:${title.split(" ")[0]}`);
        };
        found.push({ text: `${borough}, ${title} (on another page)`, go });
        if (found.length === MOST) return found;
      }
    }
    return found;
  };
  let found = [];
  let at = 0;
  const draw = () => {
    list.replaceChildren(...found.map(({ text }, index) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `find-${index}`, textContent: text });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", index === at);
      return option;
    }));
    input.setAttribute("aria-expanded", found.length > 0);
    if (found.length) input.setAttribute("aria-activedescendant", `find-${at}`); else input.removeAttribute("aria-activedescendant");
  };
  const go = (one) => {
    if (!one) {
      answer.textContent = words(input.value).length ? "No borough or criterion shown here is called that." : "Type the beginning of a name first.";
      input.focus();
      return;
    }
    findDialog.close();
    one.go();
  };
  const openFind = () => {
    input.value = answer.textContent = "";
    found = [];
    draw();
    findDialog.showModal();
    input.focus();
  };
  input.addEventListener("input", () => {
    answer.textContent = "";
    found = matches();
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      at = (at + step + found.length) % found.length;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(found[at]);
    }
  });
  findDialog.querySelector("[data-go]").addEventListener("click", () => go(found[at]));
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(found[[...list.children].indexOf(option)]);
  });
})();
