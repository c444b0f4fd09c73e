/* Copies data-copy, and says so on the button and in the live region. */
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast("Copied.");
  } catch {
    toast("The browser did not allow copying. Mark the text and copy it by hand.", { tone: "warn" });
  }
});
