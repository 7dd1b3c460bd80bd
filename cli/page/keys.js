"use strict";
(() => {
  const stops = (only) => [...document.querySelectorAll(only ? ".finding" : ".stop")]
    .filter((e) => e.closest("details:not([open])") === null);
  const here = () => document.activeElement.closest(".stop") ||
    document.querySelector(".stop:target");
  const go = (found, step) => {
    if (found.length === 0) return;
    const at = here();
    let next = 0;
    if (at) {
      const i = found.indexOf(at);
      if (i >= 0) next = Math.min(found.length - 1, Math.max(0, i + step));
      else {
        const after = found.findIndex(
          (e) => at.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
        const last = after < 0 ? found.length : after;
        next = step > 0 ? Math.min(found.length - 1, last) : Math.max(0, last - 1);
      }
    }
    found[next].focus({ preventScroll: true });
    found[next].scrollIntoView({ block: "center" });
  };
  const acts = {
    j: () => go(stops(false), 1), k: () => go(stops(false), -1),
    n: () => go(stops(true), 1), p: () => go(stops(true), -1),
    o: () => {
      const all = [...document.querySelectorAll("details")];
      const open = !all.every((d) => d.open);
      all.forEach((d) => { d.open = open; });
    },
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || !acts[e.key]) return;
    e.preventDefault();
    acts[e.key]();
  });
  document.querySelectorAll(".keys").forEach((e) => { e.hidden = false; });
})();
