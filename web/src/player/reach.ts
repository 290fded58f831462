import type { Clock } from "../base/clock";
import type { Reason } from "./player";

const first = 5 * 60_000; // ms for which the network's verdict stands
const longest = 40 * 60_000; // ms; each time that it is confirmed it stands twice as long, up to this
const proven = 30_000; // ms: a connection this fresh says more than one tile's failure
const trial = 10_000; // ms in which one tile tries for all

interface Verdict {
  reason: Reason;
  until: number; // clock.now
}

/**
 * Reach is what a page has learned about getting pictures by WebRTC: whether the browser can, whether the network lets it through, and
 * which cameras send what it can't carry. While it knows better, a tile goes by HLS at once instead of waiting for nothing.
 */
export class Reach {
  readonly #clock: Clock;
  readonly #always: () => Reason | undefined;
  #browser: Reason | undefined;
  #network: Verdict | undefined;
  #stands = first;
  #workedAt: number | undefined;
  #triedAt: number | undefined;
  readonly #cameras: Record<string, Verdict> = {};
  #networks = 0;

  /** always tells what keeps all tiles from WebRTC right now, such as a socket that can't be had; nothing: try it. */
  constructor(clock: Clock, always: () => Reason | undefined) {
    this.#clock = clock;
    this.#always = always;
  }

  /** Why a camera should not be tried by WebRTC now; nothing: it should. */
  why(camera: string): Reason | undefined {
    const now = this.#clock.now();
    const standing = (v: Verdict | undefined) => (v && v.until > now ? v.reason : undefined);
    return this.#always() ?? this.#browser ?? standing(this.#network) ?? standing(this.#cameras[camera]);
  }

  /**
   * Whether a tile that plays by HLS should try WebRTC by itself now: nothing is known that keeps it from there any more. While that is not
   * proven, one tile tries for all.
   */
  mayReturn(camera: string): boolean {
    if (this.why(camera)) return false;
    const now = this.#clock.now();
    const within = (at: number | undefined, ms: number) => at !== undefined && now - at < ms;
    if (!within(this.#workedAt, proven) && within(this.#triedAt, trial)) return false;
    this.#triedAt = now;
    return true;
  }

  /** A camera could not be had by WebRTC. */
  failed(camera: string, reason: Reason): void {
    const now = this.#clock.now();
    switch (reason.code) {
      case "webrtc.missing":
      case "signaling.codecs":
        this.#browser = reason;
        return;
      case "media.bframes":
        this.#cameras[camera] = { reason, until: now + first };
        return;
      case "webrtc.no_path":
        if (this.#workedAt !== undefined && now - this.#workedAt < proven) return;
        this.#network = { reason, until: now + this.#stands };
        this.#stands = Math.min(this.#stands * 2, longest);
    }
  }

  /** A connection was made. */
  worked(): void {
    this.#workedAt = this.#clock.now();
    this.#network = undefined;
    this.#stands = first;
  }

  /** Tells one network from another: it changes when what was known of the former one is forgotten. */
  get network(): number {
    return this.#networks;
  }

  /** Nothing is known of the network any more: it is another one, or there is no other way than WebRTC anyhow. */
  forget(): void {
    this.#networks++;
    this.#network = undefined;
    this.#stands = first;
    this.#workedAt = undefined;
  }
}
