import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
  type LaunchOptions,
  type Page,
} from "playwright-core";
import { witness } from "./witness.ts";

/** The browser that tests use. */
export const usual = process.env.CHROMIUM ?? "/usr/bin/chromium";

const options: LaunchOptions = {
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
  ],
};

const reader = readFileSync(join(import.meta.dirname, "../../internal/rtsptest/barcode.js"), "utf8");
/** Reads the pictures of simulated cameras; runs in the page. */
export const barcode = `${reader}\nwindow.readBarcode = readBarcode;`; // each script is put into a function of its own

export type Language = "en" | "ru";

/** The screen that a page pretends to have, if not an ordinary one. */
export type Size = Pick<BrowserContextOptions, "viewport" | "hasTouch" | "isMobile">;

/** What a browser can be made to lack; modules goes with everything that came after them in a television's browser. */
const missing = {
  webrtc: ["RTCPeerConnection"],
  modules: [
    "fetch",
    "Proxy",
    "Promise",
    "Map",
    "Set",
    "WeakMap",
    "RTCPeerConnection",
    "WebSocket",
    "ResizeObserver",
    "IntersectionObserver",
    "AbortController",
    "URLSearchParams",
  ],
};

export type Missing = keyof typeof missing;

/** Chromium is one browser process; each page of it is somebody else's, with storage and cookies of its own. */
export class Chromium {
  readonly pages: Page[] = [];
  readonly #server: BrowserServer;
  readonly #browser: Browser;

  private constructor(server: BrowserServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  /** executable: another browser than the usual one, or the same wrapped into something. */
  static async start(executable = usual): Promise<Chromium> {
    // Without a locale, as in many a build, Chromium reads and writes no file whose name is not ASCII.
    const env = { ...process.env, LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
    const server = await chromium.launchServer({ ...options, executablePath: executable, env });
    return new Chromium(server, await chromium.connect(server.wsEndpoint()));
  }

  /** Opens an empty page with a witness in it. lacks: what its browser shall not have. */
  async page(language: Language, size: Size = {}, lacks?: Missing): Promise<Page> {
    const locale = language === "ru" ? "ru-RU" : "en-US";
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, locale, ...size });
    await context.addInitScript({ content: barcode });
    await context.addInitScript(witness);
    if (lacks) await context.addInitScript(remove, missing[lacks]);
    if (lacks === "modules") await withoutModules(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    this.pages.push(page);
    return page;
  }

  /** Kills the browser as a crash or a power cut does: nobody is told. */
  kill(): void {
    const { pid } = this.#server.process();
    if (pid) process.kill(pid, "SIGKILL");
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}

/** Runs in the page. */
function remove(names: string[]): void {
  for (const name of names) delete (window as unknown as Record<string, unknown>)[name];
}

/** A browser that knows no modules passes their scripts over. */
async function withoutModules(context: BrowserContext): Promise<void> {
  await context.route(/\/(\?.*)?$/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/<script[^>]*type="module".*?<\/script>/gs, "");
    await route.fulfill({ response, body });
  });
}
