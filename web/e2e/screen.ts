import type { Page } from "playwright-core";
import type { Language } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import type { Pictured, Said, Stall } from "./witness.ts";

/** Who signs in. */
export interface Person {
  id: string;
  login: string;
  password: string;
}

/** Screen is one window as the person before it has it: keys, tiles, words. */
export class Screen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the app and signs in by keyboard alone. */
  async signIn(url: string, who: Person): Promise<void> {
    await this.page.goto(url);
    await this.page.waitForSelector("#login:focus");
    await this.page.keyboard.type(who.login);
    await this.page.keyboard.press("Tab");
    await this.page.keyboard.type(who.password);
    await this.page.keyboard.press("Enter");
    await this.page.waitForSelector("[data-tile]");
  }

  tile(index: number): Tile {
    return new Tile(this, index);
  }

  /** The first n tiles. */
  tiles(n = 4): Tile[] {
    return Array.from({ length: n }, (_, i) => this.tile(i));
  }

  /** Types a camera's number into a tile. */
  async call(tile: number, number: number): Promise<void> {
    await this.tile(tile).select();
    await this.page.keyboard.type(String(number));
    await this.page.keyboard.press("Enter");
  }

  /** Closes what is in a tile. */
  async clear(tile: number): Promise<void> {
    await this.tile(tile).select();
    await this.page.keyboard.press("Delete");
    await this.tile(tile).says("empty", 2000);
  }

  async speak(language: Language): Promise<void> {
    await this.page.click(`.switch [lang="${language}"]`);
    await eventually(
      `the page in ${language}`,
      2000,
      async () => (await this.page.getAttribute("html", "lang")) === language,
    );
  }

  /** The page's clock, for since in the questions below. */
  now(): Promise<number> {
    return this.page.evaluate(() => window.witness.now());
  }

  /** How many peer connections the page has made so far. */
  peers(): Promise<number> {
    return this.page.evaluate(() => window.witness.peers);
  }

  /** How long the page itself was held up at most between two moments of its clock, in ms. */
  heldUp(from: number, to: number): Promise<number> {
    return this.page.evaluate(([a, b]) => window.witness.heldUp(a, b), [from, to] as const);
  }

  /** All changes of tiles' states since a moment of the page's clock. */
  said(since: number): Promise<Said[]> {
    return this.page.evaluate((from) => window.witness.said.filter((s) => s.at >= from), since);
  }

  /** What all tiles say, for the words of a failure. */
  async summary(): Promise<string> {
    const tiles = await this.page.$$eval("[data-tile]", (all) =>
      all.map((e) => `${e.getAttribute("data-tile")}: ${e.getAttribute("data-state")} ${e.getAttribute("data-code")}`),
    );
    return tiles.length > 0 ? tiles.join(", ") : (await this.page.innerText("body")).slice(0, 300);
  }
}

/** Tile is one place on a screen's wall. */
export class Tile {
  readonly index: number;
  readonly #screen: Screen;
  readonly #page: Page;
  readonly #selector: string;

  constructor(screen: Screen, index: number) {
    this.#screen = screen;
    this.#page = screen.page;
    this.index = index;
    this.#selector = `[data-tile="${index}"]`;
  }

  select(): Promise<void> {
    return this.#page.focus(this.#selector);
  }

  async attribute(name: "state" | "code" | "camera" | "view" | "picture" | "transport" | "why"): Promise<string> {
    return (await this.#page.getAttribute(this.#selector, `data-${name}`)) ?? "";
  }

  /** The words over the picture. */
  async words(): Promise<string> {
    return (await this.#page.locator(`${this.#selector} .trouble-box`).innerText()).replace(/\s+/g, " ");
  }

  /** Waits until the tile is in a state. */
  async says(state: string, within: number): Promise<void> {
    await eventually(
      `tile ${this.index} is ${state}`,
      within,
      async () => (await this.attribute("state")) === state,
      () => this.#screen.summary(),
    );
  }

  /** Waits until the words over the picture hold a text. */
  async tells(text: string | RegExp, within: number): Promise<string> {
    return eventually(
      `tile ${this.index} tells ${text}`,
      within,
      async () => {
        const words = await this.words();
        return (typeof text === "string" ? words.includes(text) : text.test(words)) && words;
      },
      () => this.#screen.summary(),
    );
  }

  /** What it says of a transport that is not the best one: which, how far behind live, why. */
  async transport(): Promise<string> {
    return (await this.#page.locator(`${this.#selector} .fallback-why`).textContent({ timeout: 2000 })) ?? "";
  }

  /** How many seconds behind live it says that it is. */
  async behind(): Promise<number> {
    return eventually(`tile ${this.index} says how far behind live it is`, 10_000, async () => {
      const text = await this.#page.locator(`${this.#selector} .delay`).textContent({ timeout: 500 });
      const seconds = /^HLS −(\d+\.\d) /.exec(text ?? "")?.[1];
      return seconds === undefined ? undefined : Number(seconds);
    });
  }

  /** Waits until it is near live: a machine that is busy when a player begins may let it begin later, which it makes up for. */
  async isNear(seconds: number, within: number): Promise<void> {
    await eventually(
      `tile ${this.index} is less than ${seconds} s behind live`,
      within,
      async () => (await this.behind()) < seconds,
      () => this.#screen.summary(),
    );
  }

  /** Presses the button that tries WebRTC again. */
  tryWebRTC(): Promise<void> {
    return this.#page.click(`${this.#selector} [data-act="webrtc"]`);
  }

  /** Presses the button that opens the camera again. */
  again(): Promise<void> {
    return this.#page.click(`${this.#selector} [data-act="again"]`);
  }

  picture(): Promise<Pictured | null> {
    return this.#page.evaluate((i) => window.witness.picture(i), this.index);
  }

  /** Waits until the tile is live and its picture is of camera number and moves: three frames with different counters. */
  async plays(number: number, within: number): Promise<void> {
    const counters = new Set<number>();
    await eventually(
      `tile ${this.index} plays camera ${number}`,
      within,
      async () => {
        if ((await this.attribute("state")) !== "live") return false;
        const seen = await this.picture();
        if (seen && seen.number !== number) throw new Error(`it shows camera ${seen.number}`);
        if (seen) counters.add(seen.frame);
        return counters.size >= 3;
      },
      async () =>
        `${await this.#screen.summary()}; frames ${[...counters]}, picture ${JSON.stringify(await this.picture())}`,
      150, // reading pictures takes the time of the page that shows them
    );
  }

  /** When frames were presented since a moment of the page's clock. */
  async frames(since: number): Promise<number[]> {
    const all = await this.#page.evaluate((i) => window.witness.frames(i), this.index);
    return all.filter((at) => at >= since);
  }

  /** The longest time without a new frame since a moment, in ms, up to now. */
  async gap(since: number): Promise<number> {
    const times = [since, ...(await this.frames(since)), await this.#screen.now()];
    return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
  }

  /**
   * The longest time for which its picture stood since a moment, in ms, without what the page itself was held up for meanwhile: for want of
   * anything to play, or although there was.
   */
  async stood(since: number): Promise<{ starved: number; fed: number }> {
    return this.#page.evaluate(
      ([tile, from]) => {
        const { witness } = window;
        const times = [from, ...witness.frames(tile).filter((at) => at >= from), witness.now()];
        const longest = { starved: 0, fed: 0 };
        times.slice(1).forEach((to, i) => {
          const last = times[i] ?? to;
          const why = witness.starved(tile, last, to) ? "starved" : "fed";
          longest[why] = Math.max(longest[why], to - last - witness.heldUp(last, to));
        });
        return longest;
      },
      [this.index, since] as const,
    );
  }

  /** The least that it had left to play in each second since a moment, in s. */
  async least(since: number): Promise<number[]> {
    const all = await this.#page.evaluate((i) => window.witness.least(i), this.index);
    return all.filter(({ at }) => at >= since).map(({ ahead }) => ahead);
  }

  /** Which <video> element it has, by a number of the witness. */
  video(): Promise<number> {
    return this.#page.evaluate((i) => window.witness.video(i), this.index);
  }

  /** Waits until it plays camera number by a transport. */
  async playsBy(transport: "webrtc" | "hls", number: number, within: number): Promise<void> {
    await eventually(
      `tile ${this.index} goes by ${transport}`,
      within,
      async () => (await this.attribute("transport")) === transport && (await this.attribute("state")) === "live",
      () => this.#screen.summary(),
    );
    await this.plays(number, within);
    if ((await this.attribute("transport")) !== transport) throw new Error(`tile ${this.index} left ${transport}`);
  }

  /** When its picture stopped since a moment of the page's clock. */
  async stalls(since: number): Promise<Stall[]> {
    const all = await this.#page.evaluate((i) => window.witness.stalls(i), this.index);
    return all.filter(({ at }) => at >= since);
  }

  /** Where its <video> is, in s. */
  currentTime(): Promise<number> {
    return this.#page.locator(`${this.#selector} video`).evaluate((v) => (v as HTMLVideoElement).currentTime);
  }

  /** How a part of the tile looks: a property of its computed style. */
  style(part: string, property: string, pseudo?: string): Promise<string> {
    return this.#page
      .locator(`${this.#selector} ${part}`)
      .evaluate((e, [p, after]) => getComputedStyle(e, after).getPropertyValue(p as string), [
        property,
        pseudo,
      ] as const);
  }
}
