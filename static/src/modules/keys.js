/* Keys. Those without Ctrl can be switched off in the account (WCAG 2.1.4). */
import { show } from "./dialogs.js";
import { openPalette } from "./palette.js";
import { act } from "./rows.js";

let going = 0; // when `g` was pressed

const off = document.body.dataset.keys === "off";
const help = () => show(document.getElementById("shortcut-list"));

const single = {
  "?": help,
  "/": () => document.querySelector("[data-filter]")?.focus(),
  n: () => document.querySelector("[data-new]")?.click(),
  g: () => { going = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const typing = event.composedPath()[0].closest("input:not([type=checkbox]), textarea, select, [contenteditable=true]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || off) return;
  if (document.querySelector("dialog[open]")) return;
  if (press(event.key, event)) event.preventDefault();
});

function press(key, event) {
  if (Date.now() - going < 1000) {
    going = 0;
    document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
    return true;
  }
  if (Object.hasOwn(single, key)) {
    single[key]();
    return true;
  }
  return act(key, event);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-shortcuts-open]")) return;
  event.target.closest("[popover]")?.hidePopover();
  help();
});
