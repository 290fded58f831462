import type { Camera } from "../api/types";
import type { Clock } from "../base/clock";
import type { Dict, Text } from "../i18n";
import { headline, why } from "../i18n/telling";
import type { Catalogue } from "../state/catalogue";
import type { Act, Tile } from "../state/tile";
import { Digits } from "./digits";
import { button, el, empty, fill } from "./dom";
import { isDigit, type Key } from "./keys";
import type { Screen } from "./screen";

export interface WatchOptions {
  tile: Tile;
  catalogue: Catalogue;
  text: Text;
  clock: Clock;
  time: () => number; // the gateway's
  /** Another camera in place of this one, by a person's act. */
  go: (camera: Camera) => void;
  back: () => void;
}

/** One camera on the whole screen, and what is the matter with it. */
export class Watch implements Screen {
  readonly root = el("div", { class: "watch" });
  readonly #o: WatchOptions;
  readonly #video = el("video", {
    class: "picture",
    attributes: { autoplay: "", muted: "", playsinline: "", "webkit-playsinline": "" },
  }) as HTMLVideoElement;
  readonly #still = el("canvas", { class: "picture still", attributes: { width: "0", height: "0" } });
  readonly #over = el("div", { class: "over" });
  readonly #caption = el("div", { class: "caption" });
  readonly #typed = el("div", { class: "typed", attributes: { role: "status" } });
  readonly #digits: Digits;
  readonly #undo: () => void;
  #sound = false;
  #drawn = "";
  #cancelTick: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#o = options;
    this.#digits = new Digits(options.clock, () => this.#showDigits());
    fill(this.root, [this.#video, this.#still, this.#over, this.#caption, this.#typed]);
    options.tile.mount(this.#video, this.#still as HTMLCanvasElement);
    this.#undo = options.tile.state.subscribe(() => this.#draw());
    this.#tick();
  }

  call(camera: Camera, by: Act): void {
    this.#o.tile.call(camera, by);
    this.#draw();
  }

  shown(): void {
    (document.activeElement as HTMLElement | null)?.blur();
  }

  gone(): void {
    this.#cancelTick();
    this.#digits.forget();
    this.#undo();
    this.#o.tile.close();
    this.#o.tile.unmount();
  }

  speak(_: Dict): void {
    this.#drawn = "";
    this.#draw();
  }

  key(key: Key): boolean {
    if (isDigit(key)) {
      this.#digits.add(key);
      return true;
    }
    switch (key) {
      case "back":
        if (this.#digits.typed === "") this.#o.back();
        else this.#digits.forget();
        return true;
      case "ok":
        this.#ok();
        return true;
      case "sound":
        this.#hear();
        return true;
      case "up":
      case "left":
      case "previous":
        this.#next(-1);
        return true;
      case "down":
      case "right":
      case "next":
        this.#next(1);
        return true;
    }
    return false;
  }

  /** OK takes a typed number; opens again what is over, or tries at once what waits; else it turns the sound on or off. */
  #ok(): void {
    const { tile, catalogue, go } = this.#o;
    const number = this.#digits.take();
    if (number !== undefined) {
      const camera = catalogue.byNumber(number);
      if (camera) go(camera);
    } else if (this.#isOver()) tile.again();
    else if (tile.state.value.status.name !== "live") tile.retryNow();
    else this.#hear();
  }

  #hear(): void {
    if (!this.#o.tile.state.value.audio) return;
    this.#sound = !this.#sound;
    this.#o.tile.sound = this.#sound;
    this.#draw();
  }

  #next(by: number): void {
    const { cameras } = this.#o.catalogue.state.value;
    const here = this.#o.tile.state.value.camera;
    const at = cameras.map((c) => c.id).indexOf(here?.id ?? "");
    const next = cameras[(at + by + cameras.length) % cameras.length];
    if (next && next.id !== here?.id) this.#o.go(next);
  }

  #isOver(): boolean {
    const { name } = this.#o.tile.state.value.status;
    return name === "evicted" || name === "ended" || name === "limit" || name === "refused";
  }

  #showDigits(): void {
    const t = this.#o.text.dict;
    const { typed } = this.#digits;
    const camera = typed === "" ? undefined : this.#o.catalogue.byNumber(Number(typed));
    const name = camera ? `${camera.name} · ${t.tile.numberEnter}` : t.tile.numberUnknown;
    this.#typed.textContent = typed === "" ? "" : `${typed} — ${name}`;
  }

  /** Countdowns change without any news. */
  #tick(): void {
    this.#cancelTick = this.#o.clock.after(1000, () => this.#tick());
    this.#draw();
  }

  #draw(): void {
    const { tile, text, time } = this.#o;
    const t = text.dict;
    const { camera, status, picture, audio, behind } = tile.state.value;
    const left = status.retryAt === undefined ? 0 : Math.max(0, Math.ceil((status.retryAt - time()) / 1000));
    const drawn = JSON.stringify([camera, status.name, status.code, status.since, left, picture, audio, behind]);
    if (drawn + this.#sound === this.#drawn) return;
    this.#drawn = drawn + this.#sound;

    this.root.className = `watch watch-${status.name} picture-${picture}`;
    this.root.setAttribute("data-state", status.name);
    this.root.setAttribute("data-code", status.code ?? "");
    empty(this.#over);
    if (status.name === "connecting") fill(this.#over, [el("p", { text: t.tile.opening(camera?.name ?? "") })]);
    else if (status.name !== "live" && status.name !== "empty") {
      const now = time();
      fill(this.#over, [
        el("p", { class: "headline", text: headline(t, status, undefined, now) }),
        el("p", { class: "why", text: why(t, status, undefined, now) }),
        left > 0 && el("p", { text: t.tile.retryIn(left) }),
        this.#isOver() && button(status.name === "limit" ? t.tile.openAnyway : t.tile.again, () => tile.again()),
      ]);
    }
    empty(this.#caption);
    const delay = behind === undefined ? "HLS" : `HLS −${(behind / 10).toFixed(1)} ${t.tile.secondsShort}`;
    const loud = this.#sound ? t.tv.soundOff : t.tv.soundOn;
    fill(this.#caption, [
      el(
        "div",
        { class: "doing" },
        audio && button(loud, () => this.#hear(), { "data-act": "sound" }),
        status.name === "live" && el("span", { class: "delay", text: delay }),
        el("span", { class: `pill pill-${status.name}`, text: t.tile[status.name] }),
      ),
      el(
        "div",
        { class: "what" },
        button("←", () => this.#o.back(), { "aria-label": t.help.rows.esc }),
        el("span", { class: "number", text: camera ? String(camera.number || "—") : "" }),
        el("span", { class: "name", text: camera?.name ?? "" }),
        el("span", { class: "location", text: camera?.location ?? "" }),
      ),
      el("p", { class: "hint", text: t.tv.watchKeys }),
    ]);
  }
}
