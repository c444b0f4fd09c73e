/* Puts fields, links and blocks where the cursor was last: in the subject, the HTML or the text part. */
let last = null;

document.addEventListener("focusin", (event) => {
  const control = event.target.closest("[data-target]");
  if (control) last = control;
  else if (event.target.dataset?.covers) last = document.getElementById(event.target.dataset.covers);
});

const target = () => last ?? document.querySelector('[data-target="html"]');
const quoted = (value) => (/^[\w.-]+$/.test(value) ? value : `"${value.replaceAll('"', '""')}"`);

function put(text, { ownLine = false } = {}) {
  const control = target();
  if (!control) return;
  const covered = new CustomEvent("insert", { detail: { text, ownLine }, cancelable: true });
  if (!control.dispatchEvent(covered)) return; // an editor lies over it and has taken the text
  const at = control.selectionStart;
  const start = ownLine && at && control.value[at - 1] !== "\n" ? "\n" : "";
  control.setRangeText(start + text, at, control.selectionEnd, "end");
  control.focus();
}

function field(button) {
  const fallback = document.querySelector("[data-fallback]")?.value.trim();
  if (fallback && button.dataset.withFallback) return button.dataset.withFallback.replace("?", fallback);
  const html = target()?.dataset.target === "html";
  return html ? button.dataset.insert : (button.dataset.plain ?? button.dataset.insert);
}

const block = (condition) => put(`.BB ${condition}\n\n.EB\n`, { ownLine: true });

/* The condition that the three controls say, in the content language. */
function condition(parts) {
  const part = (name) => parts.querySelector(`[data-part=${name}]`);
  const [name, word, value] = ["field", "word", "value"].map((one) => part(one).value.trim());
  if (word.endsWith("isempty")) return `${word} &${name}`;
  const type = part("field").selectedOptions[0].dataset.type;
  return `&${name} ${word} ${["number", "date"].includes(type) ? value : quoted(value)}`;
}

function arrange(parts) {
  const type = parts.querySelector("[data-part=field]").selectedOptions[0]?.dataset.type;
  const words = parts.querySelector("[data-part=word]");
  for (const option of words.options) {
    option.hidden = option.disabled = Boolean(option.dataset.types) && !option.dataset.types.split(" ").includes(type);
  }
  if (words.selectedOptions[0]?.disabled) words.selectedIndex = 0;
  parts.querySelector("[data-part=value]").hidden = words.value.endsWith("isempty");
}

document.addEventListener("change", (event) => {
  const parts = event.target.closest("[data-condition]");
  if (parts) arrange(parts);
});
document.querySelectorAll("[data-condition]").forEach(arrange);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert], [data-block], [data-build]");
  if (!button) return;
  if (button.dataset.insert) put(field(button));
  else block(button.dataset.block ?? condition(button.closest("[data-condition]")));
  button.closest("details").open = false;
});

// A click beside an open menu, or Escape, closes it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.insert[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.insert[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// An error of the content language leads to its place.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (!link) return;
  const [part, line, column] = link.dataset.goto.split(":");
  const control = document.querySelector(`[data-target="${part}"]`);
  if (!control) return;
  event.preventDefault();
  const place = { line: Number(line) || 1, column: Number(column) || 1 };
  if (!control.dispatchEvent(new CustomEvent("goto", { detail: place, cancelable: true }))) return;
  const before = control.value.split("\n").slice(0, place.line - 1).join("\n").length + (place.line > 1 ? 1 : 0);
  control.focus();
  control.setSelectionRange(before + place.column - 1, before + place.column - 1);
});
