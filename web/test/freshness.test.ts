import { describe, expect, it } from "vitest";
import { Freshness, lookEvery, patience } from "../src/player/freshness";

/** Plays frames every interval for a while, looking as the meter does; gives the moment. */
function play(f: Freshness, from: number, ms: number, interval: number): number {
  let next = from;
  for (let now = from; now <= from + ms; now += lookEvery) {
    for (; next <= now; next += interval) f.frame(next);
    f.look(now);
  }
  return from + ms;
}

/** Looks without frames until the picture is marked; gives how long after the last frame that was. */
function untilStale(f: Freshness, from: number, told: "told" | "untold" = "untold"): number {
  for (let now = from; now < from + 60_000; now += lookEvery) {
    f.look(now);
    if (f.stale(told)) return now - (f.lastFrame ?? 0);
  }
  return Number.POSITIVE_INFINITY;
}

describe("Freshness", () => {
  it("never marks what never showed a picture", () => {
    const f = new Freshness();
    expect(untilStale(f, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("marks a stopped picture within 3 s of its last frame, and not before it is nearly over", () => {
    const f = new Freshness();
    f.interval = 40;
    const after = untilStale(f, play(f, 0, 5000, 40));
    expect(after).toBeLessThanOrEqual(3000);
    expect(after).toBeGreaterThanOrEqual(patience);
  });

  it("marks sooner when the gateway says that the camera stopped, but not while frames come", () => {
    const f = new Freshness();
    const now = play(f, 0, 5000, 40);
    expect(f.stale("told")).toBe(false);
    expect(untilStale(f, now, "told")).toBeLessThanOrEqual(1200);
  });

  it("does not mark 2 frames a second in a minute", () => {
    const f = new Freshness();
    f.interval = 500;
    let next = 0;
    for (let now = 0; now <= 60_000; now += lookEvery) {
      for (; next <= now; next += 500) f.frame(next);
      f.look(now);
      expect(f.stale("untold")).toBe(false);
    }
  });

  it("gives a slow camera three of its intervals", () => {
    const f = new Freshness();
    f.interval = 5000;
    f.frame(0);
    const after = untilStale(f, 0);
    expect(after).toBeGreaterThanOrEqual(15_000);
    expect(after).toBeLessThanOrEqual(15_000 + lookEvery);
  });

  it("takes the mark off with the next frame", () => {
    const f = new Freshness();
    f.frame(0);
    const now = untilStale(f, 0);
    f.frame(now + 10);
    expect(f.stale("untold")).toBe(false);
    expect(f.lastFrame).toBe(now + 10);
  });

  it("proves nothing by time in which nobody could look", () => {
    const f = new Freshness();
    const hidden = play(f, 0, 2000, 40);
    f.blink(hidden + 600_000); // the tab comes back
    f.look(hidden + 600_000 + lookEvery);
    expect(f.stale("untold")).toBe(false);
  });

  it("takes a computer's sleep for one look, even if nobody told of it", () => {
    const f = new Freshness();
    const asleep = play(f, 0, 2000, 40);
    f.look(asleep + 3_600_000);
    expect(f.stale("untold")).toBe(false);
    expect(untilStale(f, asleep + 3_600_000)).toBeLessThan(3_600_000 + 3000); // still dead: marked soon
  });
});
