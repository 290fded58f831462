import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { preview } from "vite";
import { installGateway } from "./gateway.js";
import { clip, serveHLS } from "./hls.mjs";

/** The policy that the gateway sends with the page, from its source: what it forbids must not be missed here. */
function policy() {
  const source = readFileSync(new URL("../web.go", import.meta.url), "utf8");
  const [, text] = /const policy = ((?:"[^"]*"[ +\n\t]*)+)/.exec(source);
  return [...text.matchAll(/"([^"]*)"/g)].map((m) => m[1]).join("");
}

/** Serves the build and starts Chromium; open gives a page with a gateway inside, as setup describes it. */
export async function start() {
  const server = await preview({
    preview: { port: 0, host: "127.0.0.1", headers: { "Content-Security-Policy": policy() } },
    logLevel: "error",
  });
  let files;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
  const faults = [];
  return {
    faults,
    /** without: names of what the browser is to lack. */
    async open(setup, { without = [], path = "/", ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: "en", ...options });
      const page = await context.newPage();
      page.on("pageerror", (err) => faults.push(String(err)));
      page.on("console", (m) => m.type() === "error" && faults.push(m.text()));
      await page.addInitScript(installGateway, { signedIn: true, ...setup });
      await page.addInitScript((names) => {
        for (const name of names) delete window[name];
      }, without);
      if (without.includes("modules")) {
        await context.route(/\/(\?.*)?$/, async (route) => {
          const response = await route.fetch();
          const html = (await response.text()).replace(/<script type="module".*?<\/script>/g, "");
          await route.fulfill({ response, body: html });
        });
      }
      files ??= clip();
      page.hls = await serveHLS(context, page, files);
      // A page without fetch asks the network; the gateway inside it answers all the same.
      await context.route("**/api/v1/**", async (route) => {
        const request = route.request();
        const { status, body, headers } = await page.evaluate(
          ([method, url, text]) => window.gateway.ask(method, url, text),
          [request.method(), request.url(), request.postData()],
        );
        await route.fulfill({ status, body, headers });
      });
      await page.goto(new URL(path, server.resolvedUrls.local[0]).href);
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
