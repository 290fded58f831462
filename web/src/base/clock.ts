/** Time, as the parts that wait for it see it; a test hands in its own. */
export interface Clock {
  /** Milliseconds that only grow, from no particular beginning. */
  now(): number;
  /** Milliseconds since 1970 by this computer. */
  wall(): number;
  /** Calls fn once after ms; gives the way to cancel. */
  after(ms: number, fn: () => void): () => void;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const id = setTimeout(fn, ms);
    return () => clearTimeout(id);
  },
  random: Math.random,
};

/** How a wait grows from one attempt to the next. */
export interface Ladder {
  first: number; // ms
  most: number; // ms
}

/** The wait before attempt n (0 is the first repetition): doubled each time, and between half and all of that, so that a
 * restarted gateway does not meet all its viewers in one instant. */
export function backoff(ladder: Ladder, n: number, random: number): number {
  const whole = Math.min(ladder.most, ladder.first * 2 ** Math.min(n, 20));
  return Math.round(whole * (0.5 + random / 2));
}
