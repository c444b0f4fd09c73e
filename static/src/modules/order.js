/* Inside data-order each data-place is moved up by its data-up; forms are sent in the order that is seen. */
const PLACE = "[data-order] > [data-place]";

for (const button of document.querySelectorAll(`${PLACE} [data-up]`)) button.hidden = false;

document.addEventListener("click", (event) => {
  const button = event.target.closest(`${PLACE} [data-up]`);
  if (!button) return;
  const place = button.closest("[data-place]");
  const before = place.previousElementSibling;
  if (before?.matches("[data-place]")) before.before(place);
  button.focus();
});
