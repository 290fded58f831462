/** What should still be to be played when the next segment comes, in s. */
const wanted = 0.6;
const most = 1.3; // where pictures have stood again and again
const each = 0.2; // more after a stop
const forgotten = 60_000; // ms without one, after which it is less again
const enough = 0.1; // s beyond what is wanted that are worth catching up on
const little = 0.25; // s, with which the next late segment would stop the picture
const safe = 0.4; // s, from which on nothing need be saved
const remembered = 6000; // ms; the least of this time counts, since segments come late now and then

/** Rates that nobody notices. */
const slower = 0.95;
const faster = 1.05;
const fastest = 1.1;
const far = 1; // s too much, from which on the fastest is right

/**
 * Pace keeps a player as far behind live as its network and machine need, and no further. A player that stopped for want of pictures is later by
 * that for ever, and one whose clock runs faster than the camera's runs dry some day: both are put right by playing a little faster or slower.
 * What it goes by is how much is left when the next segment comes, which is what protects the picture.
 */
export class Pace {
  #left: { at: number; ahead: number }[] = [];
  #wanted = wanted;
  #stoppedAt = 0;
  #rate = 1;

  /** A segment comes at now (monotonic ms), with so many seconds left to be played. */
  comes(now: number, ahead: number): number {
    this.#left = this.#left.filter(({ at }) => now - at < remembered);
    this.#left.push({ at: now, ahead });
    if (this.#wanted > wanted && now - this.#stoppedAt >= forgotten) {
      this.#wanted = Math.max(wanted, this.#wanted - each);
      this.#stoppedAt = now;
    }
    this.#rate = this.#judge(now);
    return this.#rate;
  }

  /** The picture stopped at now because there was nothing to be played. */
  stopped(now: number): void {
    this.#stoppedAt = now;
    this.#wanted = Math.min(most, this.#wanted + each);
    this.#left = [];
    this.#rate = 1;
  }

  /** How fast to play. */
  get rate(): number {
    return this.#rate;
  }

  #judge(now: number): number {
    const least = Math.min(...this.#left.map(({ ahead }) => ahead));
    if (least < (this.#rate < 1 ? safe : little)) return slower;
    const first = this.#left[0];
    if (!first || (this.#rate <= 1 && now - first.at < remembered / 2)) return 1; // one look proves nothing
    const excess = least - this.#wanted;
    if (excess > far) return fastest;
    return excess > (this.#rate > 1 ? 0 : enough) ? faster : 1;
  }
}
