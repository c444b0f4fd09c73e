/* The bar between list and details: pointer, arrow keys, Home and End. The height is remembered on this device. */
const KEPT = "maestro-pane";
const LEAST = 160;
const MOST = 640;
const STEP = 24;

for (const bar of document.querySelectorAll("[data-split]")) {
  const pane = document.getElementById(bar.dataset.split);

  const set = (height) => {
    const kept = Math.round(Math.max(LEAST, Math.min(MOST, height)));
    pane.style.setProperty("--pane", `${kept}px`);
    bar.setAttribute("aria-valuenow", kept);
    localStorage.setItem(KEPT, kept);
  };

  if (localStorage.getItem(KEPT)) set(Number(localStorage.getItem(KEPT)));

  bar.addEventListener("keydown", (event) => {
    const wanted = {
      ArrowUp: pane.offsetHeight + STEP,
      ArrowDown: pane.offsetHeight - STEP,
      Home: LEAST,
      End: MOST,
    }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    set(wanted);
  });

  bar.addEventListener("pointerdown", (event) => {
    const start = event.clientY;
    const height = pane.offsetHeight;
    const drag = (moved) => set(height + start - moved.clientY);
    bar.setPointerCapture(event.pointerId);
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", drag), { once: true });
  });
}
