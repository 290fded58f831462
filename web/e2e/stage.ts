import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cameras, type Simulated } from "./cameras.ts";
import { Chromium, type Language, type Missing, type Size } from "./chromium.ts";
import type { Client, Listed } from "./client.ts";
import { Gateway } from "./gateway.ts";
import { type Person, Screen } from "./screen.ts";

/** The time within which a called camera must be there on a busy machine, in ms; "seconds" to a person. */
export const soon = 20_000;

/**
 * The longest time between two frames of a picture that nothing disturbed, in ms: on an idle machine a tenth of it, but tests share theirs.
 * That no connection was made anew is asserted apart.
 */
export const hiccup = 2000;

/** How far behind live HLS may say that it is, in s. */
export const furthestBehind = 3;

/**
 * Stage is what a test file plays on: the demo's six cameras, a gateway that knows them, browsers.
 */
export class Stage {
  cameras!: Cameras;
  gateway!: Gateway;
  admin!: Client;
  chromium!: Chromium;
  /** The gateway's cameras by number. */
  readonly listed = new Map<number, Listed>();
  readonly #browsers: Chromium[] = [];
  readonly #extras: Cameras[] = [];
  readonly #host: string;
  #people = 0;

  /** host: the address of this machine that the gateway serves at. */
  constructor(host = "127.0.0.1") {
    this.#host = host;
  }

  /** A registered user with grants to some cameras. */
  async person(numbers: number[], [first_name, last_name] = ["", ""]): Promise<Person> {
    const login = `viewer${++this.#people}`;
    const password = `battery staple ${this.#people}`;
    const { id } = await this.admin.ask<{ id: string }>("POST", "/users", {
      login,
      password,
      role: "user",
      first_name,
      last_name,
    });
    for (const n of numbers) await this.admin.ask("PUT", `/users/${id}/cameras/${this.camera(n).id}`, {});
    return { id, login, password };
  }

  camera(number: number): Listed {
    const found = this.listed.get(number);
    if (!found) throw new Error(`the gateway has no camera ${number}`);
    return found;
  }

  /** Adds a camera to the gateway; the fields of the REST API. */
  async add(fields: Partial<Simulated> & { name: string; address: string }): Promise<Listed> {
    const camera = await this.admin.ask<Listed>("POST", "/cameras", fields);
    this.listed.set(camera.number, camera);
    return camera;
  }

  /** Starts simulated cameras of another kind. */
  async extra(...flags: string[]): Promise<Cameras> {
    const cameras = await Cameras.start(
      "--cameras",
      "1",
      "--width",
      "320",
      "--height",
      "180",
      "--seconds",
      "4",
      ...flags,
    );
    this.#extras.push(cameras);
    return cameras;
  }

  /** Starts another browser. executable: not the usual one. */
  async browser(executable?: string): Promise<Chromium> {
    const browser = await Chromium.start(executable);
    this.#browsers.push(browser);
    return browser;
  }

  /** Opens a window and signs somebody in. url: where the gateway is to be reached, if not directly. */
  async screen(
    who: Person,
    where: { browser?: Chromium; language?: Language; url?: string; size?: Size; lacks?: Missing } = {},
  ): Promise<Screen> {
    const browser = where.browser ?? this.chromium;
    const screen = new Screen(await browser.page(where.language ?? "en", where.size, where.lacks));
    await screen.signIn(where.url ?? this.gateway.url, who);
    return screen;
  }

  async open(): Promise<void> {
    [this.cameras, this.gateway, this.chromium] = await Promise.all([
      Cameras.start(),
      Gateway.start(this.#host),
      this.browser(),
    ]);
    this.admin = await this.gateway.admin();
    for (const camera of this.cameras.list) await this.add(camera);
  }

  /** Closes the windows of a test, and the browsers that it started beside the first. */
  async clear(): Promise<void> {
    for (const browser of this.#browsers) {
      for (const page of browser.pages.splice(0))
        await page
          .context()
          .close()
          .catch(() => {});
    }
    for (const browser of this.#browsers.splice(1)) await browser.close();
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers.splice(0)) await browser.close();
    await Promise.all([this.gateway?.close(), this.cameras?.end(), ...this.#extras.map((c) => c.end())]);
  }

  /** Tells what there is to be known after a failure. */
  async report(): Promise<void> {
    console.error(this.gateway.output());
    for (const c of [this.cameras, ...this.#extras]) console.error(c.program.output());
    const folder = mkdtempSync(join(tmpdir(), "rtsp-viewer-failed-"));
    let n = 0;
    for (const page of this.#browsers.flatMap((b) => b.pages)) {
      const path = join(folder, `page-${++n}.png`);
      await page.screenshot({ path }).then(
        () => console.error(`picture of page ${n}: ${path}`),
        (err) => console.error(`no picture of page ${n}: ${err}`),
      );
    }
  }
}
