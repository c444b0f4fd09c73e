/* data-depends="name" on a select: only its groups named like what is chosen in `name` are offered. */
const folded = (text) => text.trim().toLowerCase();

function narrow(select) {
  const before = document.querySelector(`[name="${CSS.escape(select.dataset.depends)}"]:not([type=radio]), [name="${CSS.escape(select.dataset.depends)}"]:checked`);
  for (const group of select.querySelectorAll("optgroup")) {
    if (!group.label) continue;
    const fits = folded(group.label) === folded(before?.value ?? "");
    group.hidden = group.disabled = !fits;
    if (!fits && group.contains(select.selectedOptions[0])) select.value = "";
  }
}

function narrowAll() {
  document.querySelectorAll("select[data-depends]").forEach(narrow);
}

document.addEventListener("change", narrowAll);
narrowAll();
