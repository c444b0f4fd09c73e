/* Lists: j and k move, x selects, Enter opens; a click anywhere in a row opens it. A table with data-pane shows the row
   in that pane and keeps its address in the page's own. */
import htmx from "./requests.js";

const CONTROLS = "a, button, input, label, select, summary";
let timer;

const table = () => document.querySelector("[data-rows]");
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const chosen = (all) => all.findIndex((row) => row.getAttribute("aria-current") === "true");
const inPane = () => table()?.dataset.pane && matchMedia("(min-width: 768px)").matches;

/* Does what `key` means for the list, and says whether it meant anything. */
export function act(key, event) {
  const all = rows();
  const at = chosen(all);
  const keys = {
    j: () => move(all, Math.min(at + 1, all.length - 1)),
    k: () => move(all, Math.max(at - 1, 0)),
    x: () => all[at]?.querySelector("[data-select]")?.click(),
    Enter: () => location.assign(all[at].querySelector("[data-open]").href),
  };
  if (!all.length || !Object.hasOwn(keys, key)) return false;
  if (key === "Enter" && (at < 0 || event.target.closest(CONTROLS))) return false;
  keys[key]();
  return true;
}

function move(all, to) {
  mark(all, all[to]);
  all[to].scrollIntoView({ block: "nearest" });
  if (inPane()) {
    clearTimeout(timer);
    timer = setTimeout(() => load(all[to]), 120);
  }
}

function mark(all, row) {
  for (const other of all) {
    if (other === row) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
}

function load(row) {
  const { href } = row.querySelector("[data-open]");
  history.replaceState(null, "", href);
  htmx.ajax("GET", href, { target: table().dataset.pane, swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = row.querySelector("[data-open]");
  const control = event.target.closest(CONTROLS);
  if (!link || (control && control !== link)) return;
  if (inPane()) {
    event.preventDefault();
    mark(rows(), row);
    load(row);
  } else if (!control) {
    location.assign(link.href);
  }
});

document.addEventListener("change", (event) => {
  const boxes = [...document.querySelectorAll("[data-select]")];
  if (event.target.matches("[data-select-all]")) boxes.forEach((box) => { box.checked = event.target.checked; });
  else if (!event.target.matches("[data-select]")) return;
  const picked = boxes.filter((box) => box.checked).length;
  const all = document.querySelector("[data-select-all]");
  if (all) {
    all.checked = picked > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  }
  for (const bar of document.querySelectorAll("[data-bulk]")) {
    bar.hidden = !picked;
    bar.querySelector("[data-count]").textContent = picked;
  }
});
