/* What the page under test is measured by. Each function answers with a list of faults, as a person would find them. */
window.measures = (() => {
  const name = (element) => {
    const words = (element.getAttribute("aria-label") || element.textContent || element.name || "").trim().replace(/\s+/g, " ");
    const classes = [...element.classList].map((one) => `.${one}`).join("");
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${classes} "${words.slice(0, 40)}"`;
  };
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  /* Said to screen readers alone; what is beside the screen until it has the focus. */
  const isSpokenOnly = (element) => element.closest(".vh, .skip:not(:focus), thead") !== null && (() => {
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.clipPath === "inset(50%)" || one.getBoundingClientRect().right < 0) return true;
    }
    return false;
  })();
  /* The matrix, and the matrix and the tables of a paper as they are printed. */
  const ALLOWED_SIDEWAYS = ".matrix-box, .matrix-part, .screen-box";

  const sideways = (tablesMay) => {
    const found = [];
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over > 0) {
      const widest = [...document.querySelectorAll("main *, header *, footer *")].filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !one.closest(ALLOWED_SIDEWAYS) && !isSpokenOnly(one));
      found.push(`the page is ${over} px too wide: ${widest.slice(0, 2).map(name).join(" | ")}`);
    }
    for (const box of document.querySelectorAll("body *")) {
      if (box.scrollWidth <= box.clientWidth + 1 || !box.clientWidth || box.matches(ALLOWED_SIDEWAYS) || !isSeen(box)) continue;
      const style = getComputedStyle(box);
      if (tablesMay && box.matches(".table-box")) continue;
      if (/auto|scroll/.test(style.overflowX) && !/TEXTAREA|INPUT|SELECT/.test(box.tagName)) {
        found.push(`scrolls sideways by ${box.scrollWidth - box.clientWidth} px: ${name(box)}`);
      }
    }
    return found;
  };

  /* Words that a box hides: no part of a text lies outside a box that does not scroll. */
  const clipped = () => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const text = walker.currentNode;
      const parent = text.parentElement;
      if (!text.data.trim() || !isSeen(parent) || parent.closest("script, style, textarea, select, option, svg") || isSpokenOnly(parent)) continue;
      range.selectNodeContents(text);
      const size = parseFloat(getComputedStyle(parent).fontSize);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 1);
      if (!rects.length) continue;
      let [x, y] = [true, true];
      for (let box = parent; box && box !== document.documentElement && (x || y); box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.display === "inline") continue;
        const edge = box.getBoundingClientRect();
        const out = rects.some((rect) =>
          x && /hidden|clip/.test(style.overflowX) && (rect.right > edge.right + 2 || rect.left < edge.left - 2)
          || y && /hidden|clip/.test(style.overflowY) && (rect.bottom > edge.bottom + size * 0.3 || rect.top < edge.top - size * 0.3));
        /* A line cut off with an ellipsis is whole in what its summary opens. */
        if (out && !(style.textOverflow === "ellipsis" && box.closest("summary"))) found.add(`words are cut off: ${name(box)}`);
        /* A box of fixed height lets its words run over what stands below. */
        const drawn = style.borderBottomWidth !== "0px" || style.backgroundColor !== "rgba(0, 0, 0, 0)";
        if (box === parent && drawn && style.overflowY === "visible" && rects.some((rect) => rect.bottom > edge.bottom + size * 0.35 || rect.right > edge.right + 2)) {
          found.add(`words run out of their box: ${name(box)}`);
        }
        if (/auto|scroll/.test(style.overflowX)) x = false;
        if (/auto|scroll/.test(style.overflowY)) y = false;
        if (style.position === "fixed") break;
      }
    }
    return [...found];
  };

  const TARGETS = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [role=option], [role=tab]";
  const own = (element) => element.disabled || element.closest("[inert]");
  /* WCAG 2.5.8: a link in a sentence is as high as its line. Its block says more than its links do. */
  const isInSentence = (element) => {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    let block = element.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const copy = block.cloneNode(true);
    for (const link of copy.querySelectorAll("a, button, .vh")) link.remove();
    return /\p{L}{2,}/u.test(copy.textContent);
  };
  const boxOf = (element) => {
    const boxes = [element.getBoundingClientRect()];
    /* A drawn radio or tick is as large as the label that is pressed for it. */
    for (const label of element.labels || []) if (isSeen(label) && /radio|checkbox|file/.test(element.type)) boxes.push(label.getBoundingClientRect());
    return boxes.reduce((one, other) => (Math.min(one.width, one.height) >= Math.min(other.width, other.height) ? one : other));
  };
  const targets = (least) => {
    const found = [];
    let number = 0;
    for (const element of document.querySelectorAll(TARGETS)) {
      const radio = element.matches("[type=radio], [type=checkbox]");
      if (own(element) || !(isSeen(element) || radio && [...element.labels].some(isSeen)) || element.matches(".skip, .matrix-box")) continue;
      if (isSpokenOnly(element) && !radio) continue;
      const box = boxOf(element);
      if (!box.width || isInSentence(element)) continue;
      number += 1;
      if (box.width < least - 0.1 || box.height < least - 0.1) found.push(`${box.width.toFixed(1)} × ${box.height.toFixed(1)} px: ${name(element)}`);
    }
    return { found, number };
  };
  /* What the work is done with; on a phone what is filled in and chosen from, too. */
  const MAIN = ".button:not(.button--small), .ratings:not(.ratings--panel) .rating";
  const ON_PHONE = `${MAIN}, .menu-phone a, .input, .select, .textarea`;
  const mainTargets = () => {
    const found = [];
    for (const element of document.querySelectorAll(innerWidth <= 640 ? ON_PHONE : MAIN)) {
      if (!isSeen(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.height < 43.9) found.push(`${box.width.toFixed(1)} × ${box.height.toFixed(1)} px: ${name(element)}`);
    }
    return found;
  };

  /* Each stop of the Tab key, from the first to the last and back: it, or something in it, is what a finger would hit. */
  const STOPS = `${TARGETS}, [tabindex="0"]`;
  const isHit = (element) => {
    const rects = [...element.getClientRects()].filter((rect) => rect.width && rect.height);
    const label = element.labels && element.labels[0];
    if (label && /radio|checkbox|file/.test(element.type)) rects.push(label.getBoundingClientRect());
    return rects.some((rect) => {
      const [left, top] = [Math.max(rect.left, 0), Math.max(rect.top, 0)];
      const [right, bottom] = [Math.min(rect.right, innerWidth), Math.min(rect.bottom, innerHeight)];
      if (right - left < 2 || bottom - top < 2) return false;
      const points = [[(left + right) / 2, (top + bottom) / 2], [left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2]];
      return points.some(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return hit && (hit === element || element.contains(hit) || hit.contains(element) && hit !== document.body && hit !== document.documentElement && hit.tagName === "LABEL" || label && (label === hit || label.contains(hit)));
      });
    });
  };
  /* All four corners and the middle: nothing lies over any part of it. */
  const overIt = (element) => {
    const rect = element.getBoundingClientRect();
    const points = [[rect.left + 3, rect.top + 3], [rect.right - 3, rect.top + 3], [rect.left + 3, rect.bottom - 3], [rect.right - 3, rect.bottom - 3]];
    for (const [x, y] of points) {
      const hit = document.elementFromPoint(x, y);
      if (!hit) return `outside the window at ${x}, ${y}`;
      if (!element.contains(hit) && !hit.contains(element)) return `${name(hit)} lies over it`;
    }
    return "";
  };
  const stops = (selector) => {
    const found = [];
    let number = 0;
    const all = [...document.querySelectorAll(selector || STOPS)].filter((one) => isSeen(one) && !own(one) && (selector || one.tabIndex >= 0));
    for (const element of [...all, ...all.slice().reverse()]) {
      element.focus();
      if (document.activeElement !== element) continue;
      number += 1;
      const over = selector ? overIt(element) : isHit(element) ? "" : "hidden";
      if (over) found.push(`with the focus on it: ${name(element)}: ${over}`);
    }
    if (document.activeElement) document.activeElement.blur();
    scrollTo(0, 0);
    return { found: [...new Set(found)], number };
  };
  const hasRing = () => {
    const element = document.activeElement;
    /* The parts of a day are the browser's own, and so are their marks; a tile draws its ring. */
    if (element.matches("[type=date]")) return true;
    const drawn = element.querySelector(".t-ring");
    if (drawn) return getComputedStyle(drawn).display !== "none";
    const rings = [element, ...(element.labels || []), element.parentElement].map((one) => getComputedStyle(one));
    return rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  };

  /* What axe leaves undecided: one letter, a drawing, a picture behind the words. Measured by what is painted. */
  const colour = (text) => {
    const parts = (text.match(/[\d.]+(e-?\d+)?/g) || []).map(Number);
    const scale = text.startsWith("color(") ? 1 : 255;
    return { rgb: parts.slice(0, 3).map((one) => one / scale), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const light = ({ rgb }) => rgb.map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)).reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const OPAQUE = 0.99;
  const behind = (element) => {
    if (element.closest("svg")) {
      element.scrollIntoView({ block: "center", inline: "nearest" });
      const box = element.getBoundingClientRect();
      for (const one of document.elementsFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2)) {
        if (one === element || element.contains(one) || /^(text|tspan|a|g|line|path)$/.test(one.tagName)) continue;
        const style = getComputedStyle(one);
        const paint = one.closest("svg") && one.tagName !== "svg" ? style.fill : style.backgroundColor;
        if (/^(rgb|color)/.test(paint) && colour(paint).alpha >= OPAQUE) return [colour(paint)];
      }
      return [colour("rgb(255, 255, 255)")];
    }
    let [lines, one] = [[], element];
    for (; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage.includes("gradient")) lines = lines.concat((style.backgroundImage.match(/(rgba?|color)\([^)]*\)/g) || []).map(colour).filter((paint) => paint.alpha >= OPAQUE));
      if (colour(style.backgroundColor).alpha >= OPAQUE) return [colour(style.backgroundColor), ...lines];
    }
    return [colour("rgb(255, 255, 255)"), ...lines];
  };
  const isClear = (element) => {
    const style = getComputedStyle(element);
    const front = colour(element.closest("svg") ? style.fill : style.color);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700 ? 3 : 4.5;
    return behind(element).every((back) => ratio(front, back) >= least);
  };
  /* One letter or sign for a word: the name has the word, as a person would say it. */
  const isSign = (element) => element.matches(".cell, .heat-map a") && element.getAttribute("aria-label").length > 5;
  /* What lies under an opened list is not read until the list is closed. */
  const isUnderList = (element) => {
    const box = element.getBoundingClientRect();
    const hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const list = hit && hit.closest("details[open]");
    return Boolean(list) && !list.contains(element);
  };
  const decide = (rule, target) => {
    const element = document.querySelector(target);
    if (rule === "color-contrast") return isClear(element) || isUnderList(element);
    return rule === "label-content-name-mismatch" && isSign(element);
  };
  /* What is found is told by its place alone. */
  axe.configure({ noHtml: true });
  const axeRun = async (only, contrast) => {
    const found = await axe.run(document, {
      runOnly: only, resultTypes: ["violations", "incomplete"], elementRef: false, iframes: false,
      /* Each target is measured, and without the allowance that axe makes for room around it. */
      rules: { "color-contrast": { enabled: contrast }, "target-size": { enabled: false } },
    });
    const said = (rule, node) => {
      const data = [...node.any, ...node.all, ...node.none].map((check) => check.data && check.data.messageKey || check.id);
      return `${rule.id} (${data.join(", ")}): ${node.target.join(" ")}`;
    };
    const open = found.incomplete.flatMap((rule) => rule.nodes.map((node) => [rule, node]));
    const left = open.filter(([rule, node]) => !decide(rule.id, node.target[0]));
    return [
      found.violations.flatMap((rule) => rule.nodes.slice(0, 3).map((node) => said(rule, node))),
      left.map(([rule, node]) => said(rule, node)), open.length - left.length,
    ];
  };
  return { axe: axeRun, decide, isClear, sideways, clipped, targets, mainTargets, stops, isHit, hasRing, name };
})();
