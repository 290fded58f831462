import type { Clock } from "../base/clock";
import { framesOf } from "./frames";
import { Freshness, lookEvery } from "./freshness";

const askEvery = 1000; // ms between looks at the decoder's own count

/**
 * FrameMeter watches one <video> and tells its Freshness of every new frame. A picture that can be seen is judged by what is presented; one
 * that can't (hidden tab, scrolled away) by what is decoded, because browsers present nothing there.
 */
export class FrameMeter {
  readonly freshness: Freshness;
  readonly #video: HTMLVideoElement;
  readonly #decoded: () => Promise<number | undefined>;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #cancel: () => void = () => {};
  #frameRequest = 0;
  #running = false;
  #lastAsk = 0;
  #asking = false;
  #decodedBefore: number | undefined;
  #presentedBefore = 0;

  /** changed is called at the first frame and at every look. */
  constructor(video: HTMLVideoElement, decoded: () => Promise<number | undefined>, clock: Clock, changed: () => void) {
    this.freshness = new Freshness();
    this.#video = video;
    this.#decoded = decoded;
    this.#clock = clock;
    this.#changed = changed;
  }

  start(): void {
    this.#running = true;
    document.addEventListener("visibilitychange", this.#visibility);
    this.#requestFrame();
    this.#tick();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
    document.removeEventListener("visibilitychange", this.#visibility);
    if (this.#frameRequest) this.#video.cancelVideoFrameCallback(this.#frameRequest);
  }

  readonly #visibility = (): void => {
    this.freshness.blink(this.#clock.now());
  };

  #requestFrame(): void {
    if (!("requestVideoFrameCallback" in this.#video)) return;
    this.#frameRequest = this.#video.requestVideoFrameCallback(() => {
      if (!this.#running) return;
      this.#frame();
      this.#requestFrame();
    });
  }

  #frame(): void {
    const first = this.freshness.lastFrame === undefined;
    this.freshness.frame(this.#clock.now());
    if (first) this.#changed();
  }

  #tick(): void {
    if (!this.#running) return;
    const seen = this.#inSight();
    if (seen) this.#lookAtPresented();
    if (!seen || this.freshness.stale("told")) this.#lookAtDecoded(seen);
    this.#changed();
    this.#cancel = this.#clock.after(lookEvery, () => this.#tick());
  }

  /** Without requestVideoFrameCallback the element's own count of frames serves. */
  #lookAtPresented(): void {
    if (!("requestVideoFrameCallback" in this.#video)) {
      const presented = framesOf(this.#video);
      if (presented !== this.#presentedBefore) {
        this.#presentedBefore = presented;
        this.#frame();
        return;
      }
    }
    this.freshness.look(this.#clock.now());
  }

  #lookAtDecoded(seen: boolean): void {
    const now = this.#clock.now();
    if (this.#asking || now - this.#lastAsk < askEvery) return;
    this.#lastAsk = now;
    this.#asking = true;
    void this.#decoded().then((decoded) => {
      this.#asking = false;
      if (!this.#running || decoded === undefined) return;
      const more = this.#decodedBefore !== undefined && decoded > this.#decodedBefore;
      this.#decodedBefore = decoded;
      if (!seen && more) this.#frame();
      else if (!seen) this.freshness.look(this.#clock.now());
      // Decoded but not presented where it could be seen: a browser has paused the element on its own.
      else if (more && this.#video.paused) void this.#video.play().catch(() => {});
    });
  }

  #inSight(): boolean {
    if (document.visibilityState === "hidden") return false;
    const box = this.#video.getBoundingClientRect();
    return box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  }
}
