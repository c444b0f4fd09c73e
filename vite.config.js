import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { PurgeCSS } from "purgecss";
import { defineConfig } from "vite";

const ENTRIES = {
  tabler: "static/src/tabler.scss",
  admin: "static/src/admin.js",
  code: "static/src/code.js",
  public: "static/src/public.css",
};

/* Drops what no template uses, from the framework sheet only: classes of our own may be made in Python.
   It runs before the file is named after its contents, so that a changed template means a new name. */
const purge = {
  postcssPlugin: "purge",
  async OnceExit(root, { postcss }) {
    if (!root.source.input.file?.endsWith("tabler.scss")) return;
    const [{ css }] = await new PurgeCSS().purge({
      content: ["templates/**/*.html", "maestro/**/*.py", "static/src/**/*.js"],
      css: [{ raw: root.toString() }],
      safelist: { standard: [/^htmx-/], greedy: [/data-bs-theme/] },
    });
    root.removeAll();
    root.append(postcss.parse(css, { from: root.source.input.file }));
  },
};

/* One SVG with a symbol for each icon named in icons.json. */
const sprite = {
  name: "sprite",
  buildStart() {
    const list = "static/src/icons.json";
    this.addWatchFile(list);
    const symbols = JSON.parse(readFileSync(list, "utf8")).map((name) => {
      const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
      const drawing = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${drawing.replace(/\s*\n\s*/g, "")}</symbol>`;
    });
    this.emitFile({
      type: "asset",
      name: "icons.svg",
      originalFileName: list,
      source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
    });
  },
};

/* Beside each text file its compressed twins, which the web server hands out to those who take them. */
const squeeze = {
  name: "squeeze",
  writeBundle({ dir }, bundle) {
    for (const [name, { code, source }] of Object.entries(bundle)) {
      if (!/\.(css|js|svg)$/.test(name)) continue;
      const file = join(dir, name);
      writeFileSync(`${file}.br`, brotliCompressSync(code ?? source));
      writeFileSync(`${file}.gz`, gzipSync(code ?? source, { level: 9 }));
    }
  },
};

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  plugins: [sprite, squeeze],
  css: {
    postcss: { plugins: [purge] },
    preprocessorOptions: { scss: { quietDeps: true, loadPaths: ["node_modules"] } },
  },
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    target: "es2022",
    // Tabler relies on light-dark() and relative colours; older targets have them rewritten wrongly.
    cssTarget: ["chrome125", "firefox130", "safari18"],
    chunkSizeWarningLimit: 700, // kB; CodeMirror, loaded only where HTML is edited
    // htmx contains an eval that our configuration shuts off.
    rollupOptions: { input: ENTRIES, checks: { eval: false, pluginTimings: false } },
  },
});
