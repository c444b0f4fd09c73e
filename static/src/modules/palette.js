/* Ctrl K: search for a job, a list, a person or a page, or run a command. The server says what there is. */
import { token } from "./requests.js";

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("[role=combobox]");
const list = dialog?.querySelector("[role=listbox]");
const said = dialog?.querySelector("[role=status]");
let items = [];
let current = 0;
let asked = 0;
let timer;

export function openPalette() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  input.select();
  search();
}

async function search() {
  const turn = ++asked;
  const response = await fetch(`${dialog.dataset.source}?q=${encodeURIComponent(input.value.trim())}`);
  if (!response.ok || turn !== asked) return;
  items = (await response.json()).items;
  list.replaceChildren(...items.map(option));
  list.hidden = !items.length;
  input.setAttribute("aria-expanded", String(items.length > 0));
  said.textContent = items.length ? `${items.length} found` : "Nothing found. Try another word.";
  mark(0);
}

function option(item, index) {
  const row = document.createElement("li");
  row.id = `palette-${index}`;
  row.role = "option";
  row.dataset.index = index;
  row.append(drawing(item.icon ?? "arrow-right"), span(item.label), span(item.hint ?? "", "palette-hint"));
  return row;
}

function drawing(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon-line");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", dialog.dataset.icons + name);
  svg.append(use);
  return svg;
}

function span(text, name = "") {
  const element = document.createElement("span");
  element.textContent = text;
  element.className = name;
  return element;
}

function mark(index) {
  current = index;
  [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  const row = list.children[index];
  row?.scrollIntoView({ block: "nearest" });
  if (row) input.setAttribute("aria-activedescendant", row.id);
  else input.removeAttribute("aria-activedescendant");
}

function run(item) {
  if (!item) return;
  if (!item.post) {
    location.assign(item.url);
    return;
  }
  const form = document.createElement("form");
  form.method = "post";
  form.action = item.url;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "csrf_token", value: token() }));
  dialog.append(form);
  form.submit();
}

if (dialog) {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) mark((current + step + items.length) % items.length);
    else if (event.key === "Enter") run(items[current]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => run(items[event.target.closest("li")?.dataset.index]));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette-open]")) openPalette();
});
