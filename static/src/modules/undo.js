/* Counts down to the moment in data-until, as m:ss; data-then="reload" shows the page anew at the end. */
const clocks = () => document.querySelectorAll("[data-until]");

function show(element) {
  const left = Math.max(0, Math.ceil((Date.parse(element.dataset.until) - Date.now()) / 1000));
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (element.textContent !== text) element.textContent = text;
  if (left > 0) return;
  const reload = element.dataset.then === "reload";
  element.removeAttribute("data-until");
  if (reload) setTimeout(() => location.reload(), 1000);
}

const tick = () => clocks().forEach(show);
tick();
setInterval(tick, 1000);
