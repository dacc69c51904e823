/* The keyboard on a health check, and texts that save themselves. Without this file each row has its Save button. */
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("form.check-row")];
  const side = document.querySelector("[data-shortcuts]");
  const shortcuts = side !== null && side.dataset.shortcuts === "on";
  const timers = new WeakMap();
  const unsaved = new Set();
  const PAUSE = 1000;
  const TRY_AGAIN = 5000;
  let last = null;

  const answers = (row) => row.querySelector("[hx-trigger]");
  const reason = (row) => row.querySelector("[name=rationale]");
  const chosen = (row) => row.querySelector("[name=value]:checked");
  const carried = (row) => row.querySelector("[data-confirm]");
  const why = (row) => row.querySelector("details.why");
  const line = (row, kind, text) => {
    const state = row.querySelector(".save");
    state.className = `save save--${kind}`;
    state.textContent = text;
  };
  const announce = (text, urgent) => htmx.trigger(document.body, "announce", { text, urgent });

  const goTo = (row) => {
    if (!row) return;
    last = row.id;
    (chosen(row) || row.querySelector("[name=value]")).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const open = (row) => {
    why(row).open = true;
    reason(row).focus();
  };
  const current = () => document.activeElement.closest("form.check-row") || document.getElementById(last);
  const nextNotAnswered = () => {
    const all = rows();
    const from = all.indexOf(current()) + 1;
    return [...all.slice(from), ...all.slice(0, from)].find((row) => !chosen(row) || carried(row));
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    goTo(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  const rate = (letter) => {
    const row = current() || rows()[0];
    const radio = row.querySelector(`.s-${letter} [name=value]`);
    goTo(row);
    /* The answer that was carried, given again, is confirmed by its own button: then it can be undone. */
    if (radio.checked && carried(row)) { carried(row).click(); return; }
    radio.checked = true;
    radio.focus();
    htmx.trigger(radio, "change");
  };

  const press = (name) => {
    const row = current();
    const button = row && row.querySelector(`[data-${name}]`);
    if (button) button.click();
  };

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest("form.check-row");
    const typing = event.target.matches("textarea, select, input:not([type=radio])");
    if (event.key === "Escape" && row && why(row).open) {
      why(row).open = false;
      goTo(row);
      return;
    }
    if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
    const onRadio = row && event.target.matches("[type=radio]");
    if (event.key === "Enter" && onRadio) {
      event.preventDefault();
      open(row);
      return;
    }
    if (!shortcuts) return;
    const act = {
      ArrowDown: () => step(1), ArrowUp: () => step(-1), n: () => goTo(nextNotAnswered()),
      c: () => press("confirm"), u: () => press("undo"), g: () => rate("g"), a: () => rate("a"), r: () => rate("r"), l: () => rate("l"),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    /* Up and down move the page until a row has been entered. */
    if (!act || event.key.startsWith("Arrow") && !onRadio && !(row && event.target === row)) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-next]")) return;
    event.preventDefault();
    const row = nextNotAnswered();
    if (row) goTo(row);
    else announce("All are answered");
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("form.check-row");
    if (!row || row.id === last) return;
    last = row.id;
    for (const link of document.querySelectorAll("#themes a")) {
      if (link.hash === `#${row.id[0]}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  });

  /* A text saves itself a moment after its last letter, and when it is left. */
  document.addEventListener("input", (event) => {
    if (!event.target.matches("form.check-row textarea")) return;
    const row = event.target.closest("form.check-row");
    unsaved.add(row.id);
    const mine = event.target.name === "rationale" && row.querySelector("[data-mine]");
    if (mine) mine.textContent = event.target.value;
    clearTimeout(timers.get(row));
    timers.set(row, setTimeout(() => htmx.trigger(answers(row), "typed"), PAUSE));
  });

  const lacksReason = (row) => {
    const choice = chosen(row);
    return choice !== null && choice.value === "less_relevant" && !reason(row).value.trim();
  };
  const holdBack = (row) => {
    unsaved.add(row.id);
    line(row, "failed", "Not saved yet: say why it is less relevant");
  };
  document.addEventListener("htmx:confirm", (event) => {
    const row = event.target.closest("form.check-row");
    if (!row) return;
    clearTimeout(timers.get(row));
    const choice = chosen(row);
    const auto = event.target !== row;
    /* Until one of the two texts is chosen nothing is sent: an answer would move the buttons from under the hand. */
    if (auto && row.querySelector(".conflict")) {
      event.preventDefault();
      unsaved.add(row.id);
      return;
    }
    if (auto && lacksReason(row)) {
      event.preventDefault();
      holdBack(row);
      announce(`${row.dataset.name}: say why it is less relevant`);
      open(row);
    } else if (auto && event.detail.triggeringEvent && event.detail.triggeringEvent.target.type === "radio"
        && /^(amber|red)$/.test(choice && choice.value) && !reason(row).value.trim()) {
      why(row).open = true;
    }
  });

  const failed = (row, text) => {
    unsaved.add(row.id);
    line(row, "failed", text);
  };
  const again = (row) => {
    const now = document.getElementById(row.id);
    if (now && unsaved.has(row.id)) htmx.trigger(answers(now), "typed");
  };
  document.addEventListener("htmx:sendError", (event) => {
    const row = event.target.closest("form.check-row");
    if (!row) return;
    failed(row, "Not saved: no connection. Trying again.");
    setTimeout(() => again(row), TRY_AGAIN);
  });
  window.addEventListener("online", () => rows().filter((row) => unsaved.has(row.id)).forEach(again));

  document.addEventListener("htmx:afterRequest", (event) => {
    const row = event.target.closest("form.check-row") || document.getElementById(last);
    const xhr = event.detail.xhr;
    if (!row || !xhr || !xhr.status) return;
    /* Every answer of ours says something; one that says nothing is the sign-in page. */
    if (event.detail.successful && !xhr.getResponseHeader("HX-Trigger")) {
      failed(row, "Not saved: you are signed out. Sign in in another window, then save this row again.");
      announce("Not saved: you are signed out", true);
    } else if (event.detail.successful) {
      unsaved.delete(row.id);
      /* It answers what was sent before; what was chosen meanwhile and held back is still not saved. */
      if (row.isConnected && lacksReason(row)) holdBack(row);
    } else {
      unsaved.add(row.id);
    }
  });

  /* A row drawn anew takes the focus that its button had. */
  document.addEventListener("htmx:afterSettle", () => {
    if (document.activeElement === document.body && last) goTo(document.getElementById(last));
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size) event.preventDefault();
  });
})();
