/* The code editor comes when a good part of its textarea is in sight: it is large, and on a phone it lies below. */
import "./modules/insert.js";

const SHARE = 0.3;
const seen = new IntersectionObserver((entries) => {
  entries.filter((entry) => entry.intersectionRatio >= SHARE).forEach(async ({ target }) => {
    seen.unobserve(target);
    const { cover } = await import("./modules/editor.js");
    cover(target);
  });
}, { threshold: SHARE });
document.querySelectorAll("textarea[data-code]").forEach((area) => seen.observe(area));
