/** How often the meter looks, in ms. */
export const lookEvery = 200;

/**
 * No new decoded frame for this long, or for three usual intervals if that is longer, and the picture is not of now. The promise is
 * that the mark stands 3 s after the last frame; the last look before that may be a whole period earlier.
 */
export const patience = 3000 - lookEvery; // ms

/** The gateway sees a camera stop by the same rule and earlier. Its word counts once the page has also seen nothing for this long. */
export const toldPatience = 1000; // ms

/** The most that one gap between two looks counts as watched time. A tab that slept did not watch, and proves nothing. */
const longestStep = 1000; // ms

/**
 * Freshness says whether a picture is of now, from nothing but newly decoded frames: not from connection states, which are often fine
 * while the picture stands still. Time counts only while somebody looked, so that a hidden, throttled or sleeping tab is never marked
 * for frames that it could not have seen.
 */
export class Freshness {
  #lastFrame: number | undefined;
  #lastLook: number | undefined;
  #quiet = 0; // ms watched since the last frame
  #interval = 0; // ms, the stream's usual time between frames

  /** A new frame was decoded at now (monotonic ms). */
  frame(now: number): void {
    this.#lastFrame = now;
    this.#lastLook = now;
    this.#quiet = 0;
  }

  /** Somebody looked at now and saw no new frame. */
  look(now: number): void {
    if (this.#lastLook !== undefined) this.#quiet += Math.min(Math.max(now - this.#lastLook, 0), longestStep);
    this.#lastLook = now;
  }

  /** Nobody could look until now: the time before it does not count. */
  blink(now: number): void {
    this.#lastLook = now;
  }

  /** The stream's usual time between frames in ms; 0 while unknown. */
  set interval(ms: number) {
    this.#interval = ms;
  }

  get threshold(): number {
    return Math.max(patience, 3 * this.#interval);
  }

  /** Whether there was a picture and it is not of now any more. told: the gateway says that the camera sends nothing. */
  stale(told: "told" | "untold"): boolean {
    return this.#lastFrame !== undefined && this.#quiet >= (told === "told" ? toldPatience : this.threshold);
  }

  /** When the last frame was decoded (monotonic ms); nothing before the first. */
  get lastFrame(): number | undefined {
    return this.#lastFrame;
  }
}
