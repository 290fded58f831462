import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Locator, Page } from "playwright-core";
import type { Chromium, Language, Size } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import type { Person } from "./screen.ts";

/** What a test waits for at most for an answer of the gateway to be on the screen, in ms: a person calls it at once. */
export const answered = 10_000;

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** Office is one window with the pages beside the wall, as the person before it has them. */
export class Office {
  readonly page: Page;
  readonly #url: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  /** Opens a page of the app and signs in on the way. hash: "#/cameras". */
  static async enter(
    chromium: Chromium,
    url: string,
    who: Pick<Person, "login" | "password">,
    hash: string,
    { language = "ru", size }: { language?: Language; size?: Size } = {},
  ): Promise<Office> {
    const office = new Office(await chromium.page(language, size), url);
    await office.page.goto(`${url}/${hash}`);
    await office.signIn(who);
    return office;
  }

  /** Types a login and a password where the page asks for them. */
  async signIn(who: Pick<Person, "login" | "password">): Promise<void> {
    await this.page.waitForSelector("#login:focus");
    await this.page.keyboard.type(who.login);
    await this.page.keyboard.press("Tab");
    await this.page.keyboard.type(who.password);
    await this.page.keyboard.press("Enter");
    await this.settled();
  }

  /** Goes to a page as a typed address does. */
  async open(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await this.settled();
  }

  /** Waits until a page is there with what it reads. */
  async settled(): Promise<void> {
    await this.page.waitForSelector(".admin h1");
    await this.page.waitForFunction(
      () => !document.querySelector('.admin [data-phase="loading"], .admin [aria-busy="true"]'),
    );
  }

  /** Waits for a heading. */
  async heading(text: string | RegExp): Promise<void> {
    await eventually(
      `the heading ${text}`,
      answered,
      async () => {
        const words = await this.page.innerText(".admin h1", { timeout: 1000 });
        return typeof text === "string" ? words === text : text.test(words);
      },
      () => this.page.innerText("body"),
    );
    await this.settled();
  }

  /** Waits until something is to be read on the page. */
  async reads(text: string, where = "body"): Promise<void> {
    await eventually(
      `“${text}” in ${where}`,
      answered,
      async () => (await this.page.locator(where).first().innerText({ timeout: 1000 })).includes(text),
      () => this.page.locator(where).first().innerText({ timeout: 1000 }),
    );
  }

  field(name: string): Locator {
    return this.page.locator(`[data-field="${name}"] :is(input, textarea, select)`).first();
  }

  act(name: string, where = "body"): Promise<void> {
    return this.page.click(`${where} [data-act="${name}"]`);
  }

  /** Sends the form of the page. */
  save(): Promise<void> {
    return this.page.click(".admin main form [type=submit]");
  }

  /** What stands in a column of the page's first table, row by row. */
  column(name: string): Promise<string[]> {
    return this.page.locator(`.admin main .table`).first().locator(`td[data-column="${name}"]`).allInnerTexts();
  }

  get hash(): string {
    return new URL(this.page.url()).hash;
  }

  get address(): string {
    return this.#url;
  }

  /** What axe finds wrong with the page as it is now, in words; nothing is right. */
  async faults(): Promise<string[]> {
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() =>
      (window as unknown as { axe: { run: (options: object) => Promise<AxeResult> } }).axe.run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }),
    );
    return violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${v.help}: ${n.html.slice(0, 200)} ${n.failureSummary ?? ""}`),
    );
  }
}
