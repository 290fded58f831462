import { defineConfig } from "vite";

// The product's own player as one script, which cmd/bench puts into its page beside the program that it measures.
export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: "../bin",
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: "bench/player.ts",
      output: { format: "iife", entryFileNames: "bench-player.js" },
      transform: { define: { "import.meta": "{}" } }, // of Vite's helper for chunks, of which there are none here
    },
  },
});
