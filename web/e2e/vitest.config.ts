import { defineConfig } from "vitest/config";

// The tests in Chromium: one file after another, because each fills both cores with cameras, gateway and browser.
export default defineConfig({
  cacheDir: "../node_modules/.vite",
  test: {
    root: import.meta.dirname,
    include: ["*.e2e.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000, // the first run draws and encodes the cameras' clips
    reporters: ["verbose"],
  },
});
