/** A picture further behind the camera than this is given up for one at the edge. */
export const mostBehind = 4000; // ms

/** There must be this much newer to be had: with a camera that stopped, opening anew brings the same picture once more. */
const worthIt = 2000; // ms

const settle = 1000; // ms that a picture must stay behind; a single late look proves nothing
const firstPause = 8000; // ms between two openings
const longestPause = 60_000; // ms; on a link that is too slow, opening anew for ever would show nothing at all
const forgiven = 60_000; // ms without falling behind

/** Where a player stands. */
export interface Position {
  /** How long ago the camera made what is shown, in ms; nothing while unknown. */
  behind: number | undefined;
  /** How much newer media the playlist lists, in ms. */
  newer: number;
  /** How far behind it may be, in ms; nothing: as far as anybody. */
  most?: number;
}

/** How far behind live a player is, as far as that is known. */
export function distance({ behind, newer }: Position): number {
  return behind ?? newer;
}

/**
 * Lag decides when a player that fell behind is opened anew at the edge: beyond 4 s, if newer pictures are there, and not so often that a
 * slow link gets no picture through.
 */
export class Lag {
  #since: number | undefined;
  #notBefore = 0;
  #pause = firstPause;
  #last = 0;

  /** Somebody looked at now (monotonic ms); whether to open anew. Nobody asks while the tab is hidden: browsers stop pictures there. */
  tooFar(now: number, at: Position): boolean {
    if (distance(at) <= (at.most ?? mostBehind) || at.newer < worthIt) {
      this.#since = undefined;
      if (this.#pause > firstPause && now - this.#last > forgiven) this.#pause = firstPause;
      return false;
    }
    this.#since ??= now;
    if (now - this.#since < settle || now < this.#notBefore) return false;
    this.#anew(now);
    return true;
  }

  /** A tab is seen again, after whatever time: there the person waits for now, and once is not often. */
  returned(now: number, at: Position): boolean {
    this.#since = undefined;
    if (distance(at) <= (at.most ?? mostBehind)) return false;
    this.#anew(now);
    return true;
  }

  #anew(now: number): void {
    this.#since = undefined;
    this.#last = now;
    this.#notBefore = now + this.#pause;
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }
}
