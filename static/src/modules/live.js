/* Parts that change by themselves: asked for every 2 s while somebody looks, and morphed so that focus, open dialogs
   and ticks stay. The server answers 304 while nothing changed, and 205 when the whole page has to be loaded anew; a part
   without data-live is asked for no more. */
import { Idiomorph } from "idiomorph";
import { toast } from "./toasts.js";

const PERIOD = 2000; // milliseconds
const KEPT = new Set(["checked", "open", "hidden", "popover", "aria-current", "aria-selected", "tabindex"]);
const tags = new WeakMap();
let lost = false;

// Says whether an attribute may be overwritten: not what the reader has done with the page meanwhile.
function may(name, element) {
  if (name === "value") return element !== document.activeElement;
  if (name === "class") return element.role !== "tab";
  return !KEPT.has(name);
}

async function refresh(part) {
  const headers = { "X-Requested-With": "live" };
  if (tags.has(part)) headers["If-None-Match"] = tags.get(part);
  const response = await fetch(part.dataset.live, { headers, cache: "no-store" });
  lost = false;
  if (response.redirected || response.status === 205) location.reload(); // signed out, or all of the page is out of date
  if (response.status !== 200) return;
  tags.set(part, response.headers.get("ETag") ?? "");
  Idiomorph.morph(part, await response.text(), {
    callbacks: { beforeAttributeUpdated: may },
  });
}

function complain() {
  if (!lost) toast("No connection. The numbers on this page may be old.", { tone: "warn" });
  lost = true;
}

async function look() {
  if (document.visibilityState === "visible") {
    const parts = [...document.querySelectorAll("[data-live]")];
    await Promise.all(parts.map((part) => refresh(part).catch(complain)));
  }
  setTimeout(look, PERIOD);
}

setTimeout(look, PERIOD);
