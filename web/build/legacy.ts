import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformAsync } from "@babel/core";
import { parse } from "acorn";
import { minify } from "terser";
import { type Plugin, build as viteBuild } from "vite";

// The page for browsers that can't run the wall, built beside it: TypeScript → one script → ES5 with the polyfills that it uses → one
// script again → ES5 once more, for the bundler's own helpers → small → read as ES5, or the build fails.
//
// Nothing of it is inline, so the page's policy needs no exceptions: a module that only modern browsers understand says that the page is
// modern (probe.js), and a plain script after it starts this build where nobody said so (boot.js). nomodule alone would leave out browsers
// that know modules but not the language of today, which most television sets are.

const targets = { ie: "11" };

/** Classes, fields and spreads mean the simple thing in our sources. */
const assumptions = {
  constantSuper: true,
  ignoreFunctionLength: true,
  ignoreToPrimitiveHint: true,
  noClassCalls: true,
  noDocumentAll: true,
  noIncompleteNsImportDetection: true,
  noNewArrows: true,
  privateFieldsAsProperties: true,
  setClassMethods: true,
  setComputedProperties: true,
  setPublicClassFields: true,
  setSpreadProperties: true,
};

export function legacy(): Plugin {
  let root = ".";
  let out = "dist";
  return {
    name: "legacy",
    apply: "build",
    configResolved(config) {
      root = config.root;
      out = join(config.root, config.build.outDir);
    },
    // Before closeBundle, where files are compressed.
    async writeBundle() {
      const source = (name: string) => readFileSync(join(root, "src/legacy", name), "utf8");
      const keep = (name: string, text: string) => written(out, name, text);
      const script = keep("legacy.js", await es5(await app(root), "legacy.js"));
      const hls = readFileSync(join(root, "node_modules/hls.js/dist/hls.light.min.js"), "utf8");
      const data = {
        id: "boot",
        src: keep("boot.js", await es5(source("boot.js"), "boot.js")),
        "data-script": script,
        "data-style": keep("legacy.css", source("legacy.css")),
        "data-hls": keep(
          "legacy-hls.js",
          await es5(hls.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"), "legacy-hls.js"),
        ),
      };
      const boot = Object.entries(data).map(([name, value]) => `${name}="${value}"`);
      const index = join(out, "index.html");
      const html = readFileSync(index, "utf8");
      const [main] = /<script type="module"[^>]*><\/script>/.exec(html) ?? [];
      if (!main) throw new Error("index.html has no module script");
      const probe = `<script type="module" src="${keep("probe.js", source("probe.js"))}"></script>`;
      writeFileSync(index, html.replace(main, `${probe}\n    ${main}\n    <script defer ${boot.join(" ")}></script>`));
    },
  };
}

/** The app as one script of ES5 but for its bundler's helpers. */
async function app(root: string): Promise<string> {
  const modern = await bundle(root, join(root, "src/legacy/main.ts"), "es");
  const polyfilled = await babel(modern, { useBuiltIns: "usage", corejs: "3.51" });
  const between = join(root, "node_modules/.cache/rtsp-viewer/legacy.js"); // where core-js can be found from
  mkdirSync(dirname(between), { recursive: true });
  writeFileSync(between, polyfilled);
  try {
    return await bundle(root, between, "iife");
  } finally {
    rmSync(between);
  }
}

async function bundle(root: string, input: string, format: "es" | "iife"): Promise<string> {
  const result = await viteBuild({
    root,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      modulePreload: false,
      rollupOptions: { input, external: format === "es" ? /^core-js\// : [], output: { format } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunks = outputs.flatMap((o) => ("output" in o ? o.output : [])).filter((o) => o.type === "chunk");
  const [only] = chunks;
  if (!only || chunks.length !== 1) throw new Error(`${input} gave ${chunks.length} scripts, not one`);
  return only.code;
}

async function babel(code: string, polyfills: { useBuiltIns?: "usage"; corejs?: string }): Promise<string> {
  const result = await transformAsync(code, {
    babelrc: false,
    configFile: false,
    compact: false,
    sourceType: "unambiguous",
    targets,
    assumptions,
    presets: [["@babel/preset-env", { modules: false, ...polyfills }]],
  });
  return result?.code ?? "";
}

/** Makes a script of ES5, small, and proves it. */
async function es5(code: string, name: string): Promise<string> {
  const already = isES5(code) === undefined;
  const { code: small } = await minify(already ? code : await babel(code, {}), { ecma: 5, safari10: true });
  const fault = isES5(small ?? "");
  if (!small || fault) throw new Error(`${name} is not ES5: ${fault}`);
  return small;
}

function isES5(code: string): string | undefined {
  try {
    parse(code, { ecmaVersion: 5, sourceType: "script" });
    return undefined;
  } catch (err) {
    return String(err);
  }
}

/** Writes a file under a name that holds its content's hash, and gives its address. */
function written(out: string, name: string, text: string): string {
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 8);
  const [stem, ext] = name.split(".");
  const path = `assets/${stem}-${hash}.${ext}`;
  writeFileSync(join(out, path), text);
  return `/${path}`;
}
