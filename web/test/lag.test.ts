import { describe, expect, it } from "vitest";
import { Lag } from "../src/player/lag";

/** Looks every half second for a while; the times at which it wanted to open anew, in ms. */
function looks(lag: Lag, from: number, ms: number, behind: number | undefined, newer: number): number[] {
  const anew: number[] = [];
  for (let t = from; t < from + ms; t += 500) if (lag.tooFar(t, { behind, newer })) anew.push(t - from);
  return anew;
}

describe("Lag", () => {
  it("leaves a picture alone that is up to 4 s behind", () => {
    expect(looks(new Lag(), 0, 60_000, 4000, 3500)).toEqual([]);
  });

  it("opens anew beyond 4 s, after a second in which it may have been a slip", () => {
    expect(looks(new Lag(), 0, 5000, 4100, 3500)).toEqual([1000]);
    const lag = new Lag();
    expect(lag.tooFar(0, { behind: 9000, newer: 8000 })).toBe(false);
    expect(lag.tooFar(500, { behind: 1500, newer: 1000 })).toBe(false);
    expect(lag.tooFar(1000, { behind: 9000, newer: 8000 })).toBe(false);
  });

  it("does not open anew where nothing newer is listed: the camera stopped", () => {
    expect(looks(new Lag(), 0, 60_000, 30_000, 400)).toEqual([]);
  });

  it("goes by the list alone where the playlist tells no times", () => {
    expect(looks(new Lag(), 0, 5000, undefined, 4500)).toEqual([1000]);
    expect(looks(new Lag(), 0, 5000, undefined, 3500)).toEqual([]);
  });

  it("opens anew ever more seldom on a link that is too slow, and often again after a good minute", () => {
    const lag = new Lag();
    expect(looks(lag, 0, 130_000, 6000, 5000)).toEqual([1000, 9000, 25_000, 57_000, 117_000]);
    looks(lag, 130_000, 61_000, 1500, 1000);
    expect(looks(lag, 191_000, 12_000, 6000, 5000)).toEqual([1000, 9000]);
  });

  it("opens anew at once when a tab is seen again", () => {
    const lag = new Lag();
    expect(lag.returned(0, { behind: 3000, newer: 2500 })).toBe(false);
    expect(lag.returned(0, { behind: 90_000, newer: 20_000 })).toBe(true);
    expect(lag.returned(100, { behind: 90_000, newer: 20_000 })).toBe(true);
  });
});
