/* Dialogs are popovers in the page as served; here they become modal: the rest of the page is inert, focus stays in
   and goes back to where it came from. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[popovertarget]");
  const dialog = opener && document.getElementById(opener.getAttribute("popovertarget"));
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  if (opener.getAttribute("popovertargetaction") === "hide") dialog.close();
  else show(dialog);
});

export function show(dialog) {
  dialog.removeAttribute("popover");
  if (!dialog.open) dialog.showModal();
}

// A click beside the dialog closes it, as it does for a popover.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof HTMLDialogElement)) return;
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right
    && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.detail) event.target.close();
});

// A name that must be typed before something that cannot be undone.
document.addEventListener("input", (event) => {
  const wanted = event.target.dataset?.mustEqual;
  if (wanted === undefined) return;
  event.target.setCustomValidity(event.target.value.trim() === wanted ? "" : `Type ${wanted}`);
});
