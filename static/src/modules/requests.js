/* htmx without eval and without style tags of its own; our token goes with every request that changes something. */
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;

/* What went wrong with a part of the page is said, not left to be guessed. */
const BROKEN = "This part could not be loaded. Try again.";
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, () => {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: BROKEN, tone: "bad" } }));
  });
}

export const token = () => document.querySelector('meta[name="csrf-token"]').content;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

export default htmx;
