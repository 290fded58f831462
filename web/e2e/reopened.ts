import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { usual } from "./chromium.ts";
import { Program } from "./program.ts";
import { witness } from "./witness.ts";

const startsWithin = 30_000; // ms

/** Reopened is a browser with a profile on disk: killed and started again it has what it had, as the one of a screen on a wall does. */
export class Reopened {
  readonly #profile: string;
  #program: Program | undefined;
  #browser: Browser | undefined;

  private constructor(profile: string) {
    this.#profile = profile;
  }

  static async start(): Promise<Reopened> {
    const reopened = new Reopened(await mkdtemp(join(tmpdir(), "rtsp-viewer-profile-")));
    await reopened.begin();
    return reopened;
  }

  /** Starts it; after the first time, with the profile of the first. */
  async begin(): Promise<void> {
    this.#program = new Program("browser", usual, [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--password-store=basic",
      "--autoplay-policy=no-user-gesture-required",
      "--lang=ru",
      "--accept-lang=ru-RU",
      "--remote-debugging-port=0",
      `--user-data-dir=${this.#profile}`,
      "about:blank",
    ]);
    const [, address = ""] = await this.#program.line(/^DevTools listening on (ws:\S+)$/, startsWithin);
    this.#browser = await chromium.connectOverCDP(address);
  }

  /** Opens a page with a witness in it. */
  async page(barcode: string): Promise<Page> {
    const [context] = this.#browser?.contexts() ?? [];
    if (!context) throw new Error("the browser has no profile open");
    await context.addInitScript({ content: barcode });
    await context.addInitScript(witness);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return page;
  }

  /** Makes the browser write its cookies to the disk now: it does so every 30 s, and at once when 512 changes wait. */
  async flush(): Promise<void> {
    const [context] = this.#browser?.contexts() ?? [];
    const expires = Date.now() / 1000 + 86_400;
    const sites = Array.from({ length: 600 }, (_, i) => `site${i}.test`);
    await context?.addCookies(sites.map((domain) => ({ name: "filler", value: "1", domain, path: "/", expires })));
  }

  /** Whether a cookie of this name has reached the disk: a browser writes them some time after they were set. */
  async kept(cookie: string): Promise<boolean> {
    for (const file of ["Default/Cookies", "Default/Network/Cookies", "Default/Cookies-wal"]) {
      const bytes = await readFile(join(this.#profile, file)).catch(() => undefined);
      if (bytes?.includes(cookie)) return true;
    }
    return false;
  }

  /** Kills it as a power cut does: nobody is told. */
  async kill(): Promise<void> {
    await this.#program?.end("SIGKILL");
    await this.#browser?.close().catch(() => {});
  }

  async close(): Promise<void> {
    await this.kill();
    // Its children go a moment after it, and write until then.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}
