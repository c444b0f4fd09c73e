/* Counts down to the moment in data-until, as m:ss. With data-then="reload" the page that has counted to zero is shown
   anew, once: what had run out when it came is left alone. */
const counting = new WeakSet();

function show(element) {
  const left = Math.max(0, Math.ceil((Date.parse(element.dataset.until) - Date.now()) / 1000));
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (element.textContent !== text) element.textContent = text;
  if (left > 0) {
    counting.add(element);
    return;
  }
  if (counting.has(element) && element.dataset.then === "reload") setTimeout(() => location.reload(), 2000);
  counting.delete(element);
}

const tick = () => document.querySelectorAll("[data-until]").forEach(show);
tick();
setInterval(tick, 1000);
