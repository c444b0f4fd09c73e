/* Messages in the live region: good ones leave after 6 s unless looked at, the others stay until they are closed. */
const STAY = 6000; // milliseconds

const region = document.getElementById("toasts");

function expire(card) {
  if (!card.classList.contains("toast-good")) return;
  const leave = () => card.matches(":hover, :focus-within") ? setTimeout(leave, STAY) : card.remove();
  setTimeout(leave, STAY);
}

export function toast(text, { tone = "good", undo = "" } = {}) {
  const card = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  card.classList.add(`toast-${tone}`);
  card.querySelector("[data-toast-text]").textContent = text;
  if (undo) {
    const form = card.querySelector("form");
    form.action = undo;
    form.hidden = false;
  }
  region.append(card);
  expire(card);
}

// A live region speaks what is put into it, not what was there at the start: put the first ones in again.
if (region) {
  const first = [...region.children];
  setTimeout(() => {
    for (const card of first) {
      region.append(card);
      expire(card);
    }
  }, 100);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
});

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
