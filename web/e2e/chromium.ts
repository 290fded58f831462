import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
  type LaunchOptions,
  type Page,
} from "playwright-core";
import { witness } from "./witness.ts";

const options: LaunchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
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
const barcode = `${reader}\nwindow.readBarcode = readBarcode;`; // each script is put into a function of its own

export type Language = "en" | "ru";

/** The screen that a page pretends to have, if not an ordinary one. */
export type Size = Pick<BrowserContextOptions, "viewport" | "hasTouch" | "isMobile">;

/** Chromium is one browser process; each page of it is somebody else's, with storage and cookies of its own. */
export class Chromium {
  readonly pages: Page[] = [];
  readonly #server: BrowserServer;
  readonly #browser: Browser;

  private constructor(server: BrowserServer, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async start(): Promise<Chromium> {
    const server = await chromium.launchServer(options);
    return new Chromium(server, await chromium.connect(server.wsEndpoint()));
  }

  /** Opens an empty page with a witness in it. */
  async page(language: Language, size: Size = {}): Promise<Page> {
    const locale = language === "ru" ? "ru-RU" : "en-US";
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, locale, ...size });
    await context.addInitScript({ content: barcode });
    await context.addInitScript(witness);
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
