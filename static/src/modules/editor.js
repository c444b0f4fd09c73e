/* CodeMirror over a textarea. The textarea stays the truth: it is filled at every change.
   The editor lives in a shadow root, where its styles are adopted sheets and need no leave from the page's policy. */
import { html } from "@codemirror/lang-html";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Decoration } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";

const look = EditorView.theme({
  "&": {
    border: "1px solid var(--control)",
    borderRadius: "8px",
    backgroundColor: "var(--bg-forms)",
    color: "var(--body-color)",
  },
  "&.cm-focused": { outline: "2px solid var(--link)" },
  ".cm-scroller": {
    minHeight: "18rem",
    maxHeight: "60dvh",
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, monospace",
    fontSize: "0.8125rem",
  },
  ".cm-content": { caretColor: "currentColor" },
  ".cm-cursor": { borderLeftColor: "currentColor" },
  ".cm-gutters": {
    borderRight: "1px solid var(--border-color)",
    backgroundColor: "transparent",
    color: "var(--secondary)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--tint)" },
  ".cm-fault": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "4px" },
});

const inks = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword], color: "var(--link)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--warn)" },
  { tag: [tags.string, tags.attributeValue, tags.number], color: "var(--good)" },
  { tag: [tags.comment, tags.processingInstruction, tags.angleBracket], color: "var(--secondary)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

/* Takes a text that was meant for the textarea, on a line of its own if it asks for one. */
function insert(view, event) {
  event.preventDefault();
  const { text, ownLine } = event.detail;
  const { from } = view.state.selection.main;
  const start = ownLine && from > view.state.doc.lineAt(from).from ? "\n" : "";
  view.dispatch(view.state.replaceSelection(start + text));
  view.focus();
}

function goto(view, event) {
  event.preventDefault();
  const line = view.state.doc.line(Math.min(event.detail.line, view.state.doc.lines));
  const at = Math.min(line.from + event.detail.column - 1, line.to);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}

/* The line at which an error points, until something is changed. */
function fault(view, area) {
  const { doc } = view.state;
  const number = Number(area.dataset.fault);
  if (!number || number > doc.lines) return Decoration.none;
  return Decoration.set(Decoration.line({ class: "cm-fault" }).range(doc.line(number).from));
}

export function cover(area) {
  const host = document.createElement("div");
  const label = area.labels[0];
  const writing = area === document.activeElement;
  const view = new EditorView({
    doc: area.value,
    selection: { anchor: writing ? area.selectionStart : 0 },
    root: host.attachShadow({ mode: "open" }),
    parent: host.shadowRoot,
    extensions: [
      basicSetup,
      area.dataset.code === "html" ? html() : [],
      look,
      syntaxHighlighting(inks),
      EditorView.lineWrapping,
      EditorView.decorations.of((view) => fault(view, area)),
      EditorView.contentAttributes.of({ "aria-label": label?.textContent.trim() ?? "Code", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        delete area.dataset.fault;
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
    ],
  });
  label?.addEventListener("click", () => view.focus());
  area.addEventListener("insert", (event) => insert(view, event));
  area.addEventListener("goto", (event) => goto(view, event));
  host.dataset.covers = area.id;
  area.before(host);
  area.hidden = true;
  if (writing) view.focus();
}
