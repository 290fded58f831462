import { defineConfig } from "vitest/config";

/** Those that look at forms and lists. */
const pages = ["admin", "device", "log", "people", "probe", "rights", "sheets", "tv"].map((name) => `${name}.e2e.ts`);

const project = {
  root: import.meta.dirname,
  pool: "forks" as const,
  testTimeout: 120_000,
  hookTimeout: 300_000, // the first run draws and encodes the cameras' clips
};

// The tests in Chromium, one file after another. Those that watch cameras fill both cores with cameras, gateway and browser, so that nothing else should
// run beside them; those of pages bear company (Makefile).
export default defineConfig({
  cacheDir: `${import.meta.dirname}/../node_modules/.vite`,
  test: {
    reporters: ["verbose"],
    projects: [
      {
        test: {
          ...project,
          name: "live",
          include: ["*.e2e.ts"],
          exclude: pages,
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...project,
          name: "pages",
          include: pages,
          maxWorkers: 1,
        },
      },
    ],
  },
});
