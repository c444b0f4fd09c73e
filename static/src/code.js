/* CodeMirror over every textarea with data-code. The textarea stays the truth: it is filled at every change. */
import { html } from "@codemirror/lang-html";
import { basicSetup, EditorView } from "codemirror";

function cover(area) {
  const label = area.labels[0]?.textContent.trim() ?? "Code";
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      html(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
    ],
  });
  area.before(view.dom);
  area.hidden = true;
}

document.querySelectorAll("textarea[data-code]").forEach(cover);
