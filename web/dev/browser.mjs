import { chromium } from "playwright-core";
import { preview } from "vite";
import { installGateway } from "./gateway.js";

/** Serves the build and starts Chromium; open gives a page with a gateway inside, as setup describes it. */
export async function start() {
  const server = await preview({ preview: { port: 0, host: "127.0.0.1" }, logLevel: "error" });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-features=WebRtcHideLocalIpsWithMdns"],
  });
  const faults = [];
  return {
    faults,
    async open(setup, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en", ...options });
      const page = await context.newPage();
      page.on("pageerror", (err) => faults.push(String(err)));
      page.on("console", (m) => m.type() === "error" && faults.push(m.text()));
      await page.addInitScript(installGateway, { signedIn: true, ...setup });
      await page.goto(server.resolvedUrls.local[0]);
      return page;
    },
    async stop() {
      await browser.close();
      await server.close();
    },
  };
}

/** Waits until a tile says a state. */
export function tileIn(page, tile, state, timeout = 20_000) {
  return page.waitForSelector(`[data-tile="${tile}"][data-state="${state}"]`, { timeout });
}
