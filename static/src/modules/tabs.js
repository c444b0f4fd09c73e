/* Tabs over panels of the same page. As served they are links; here they switch at once and answer to the arrow keys. */
const tabs = (strip) => [...strip.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const other of tabs(tab.closest("[data-tabs]"))) {
    const on = other === tab;
    other.classList.toggle("active", on);
    other.setAttribute("aria-selected", String(on));
    other.tabIndex = on ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !on;
  }
  history.replaceState(null, "", tab.href);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tabs] [role=tab]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest("[data-tabs] [role=tab]");
  if (!tab) return;
  const all = tabs(tab.closest("[data-tabs]"));
  const at = all.indexOf(tab);
  const next = {
    ArrowRight: all[(at + 1) % all.length],
    ArrowLeft: all.at(at - 1),
    Home: all[0],
    End: all.at(-1),
    " ": tab,
  }[event.key];
  if (!next) return;
  event.preventDefault();
  choose(next);
  next.focus();
});
