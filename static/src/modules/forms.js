/* Forms: sent once, focus on what is wrong, parts that depend on a choice, unsaved changes. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// The back button brings the page as it was: let its forms be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

document.querySelector("[data-focus]")?.focus();

/* data-shows="name:value other" is shown while the control called `name` has one of the values. */
function arrange() {
  for (const part of document.querySelectorAll("[data-shows]")) {
    const [name, values] = part.dataset.shows.split(":");
    const picked = [...document.querySelectorAll(`[name="${CSS.escape(name)}"]`)]
      .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
      .map((control) => control.value);
    part.hidden = !values.split(" ").some((value) => picked.includes(value));
  }
}

document.addEventListener("change", arrange);
document.addEventListener("htmx:afterSettle", arrange);
arrange();
