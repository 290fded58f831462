import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { legacy } from "./build/legacy.ts";

// The gateway that `npm run dev` passes the API on to.
const gateway = process.env.GATEWAY ?? "http://127.0.0.1:8080";

/** Leaves a .gz and a .br beside every text file that gets smaller, so that the gateway compresses nothing while it serves video. */
function compressed(): Plugin {
  let out = "dist";
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      out = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|svg|json|webmanifest)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const plain = readFileSync(path);
        for (const [ext, small] of [
          [".gz", gzipSync(plain, { level: 9 })],
          [".br", brotliCompressSync(plain)],
        ] as const) {
          if (small.length < plain.length) writeFileSync(path + ext, small);
        }
      }
    },
  };
}

export default defineConfig({
  plugins: [legacy(), compressed()],
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The pages beside the wall are one file, loaded when somebody first goes there, rather than twenty small ones.
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: "pages", test: /src\/(admin\/|i18n\/(codes\/|area))/ }],
        },
      },
    },
  },
  test: { include: ["test/**/*.test.ts"] },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: gateway, ws: true }, "/hls": { target: gateway } },
  },
});
