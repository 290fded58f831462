import { expect, it } from "vitest";
import { Pace } from "../src/player/pace";

const segment = 0.5; // s

/** Plays: how much is left when each of n segments comes, if the first finds so much and the camera makes so many seconds in one of ours. */
function playOn(pace: Pace, n: number, { left = 0.7, speed = 1, from = 0 } = {}): number[] {
  const all: number[] = [];
  for (let i = 0; i < n; i++) {
    all.push(left);
    const lasts = segment / speed; // until the next one
    left = Math.max(0, left + segment - lasts * pace.comes(from + i * segment * 1000, left));
  }
  return all;
}

it("leaves a player alone that has what it needs", () => {
  const pace = new Pace();
  playOn(pace, 100);
  expect(pace.rate).toBe(1);
});

it("catches up on what a stop has cost, at a rate that nobody notices", () => {
  const pace = new Pace();
  const all = playOn(pace, 200, { left: 2.5 });
  expect(all.at(-1)).toBeLessThan(0.75);
  expect(Math.min(...all)).toBeGreaterThan(0.5);
  expect(pace.rate).toBe(1);
});

it("keeps more where the picture has stopped, for a while", () => {
  const pace = new Pace();
  pace.stopped(0);
  pace.stopped(1000);
  expect(playOn(pace, 100, { left: 2.5, from: 2000 }).at(-1)).toBeGreaterThan(0.9);
  const later = playOn(pace, 600, { left: 1.2, from: 60_000 }).at(-1);
  expect(later).toBeLessThan(0.85);
});

it("does not run dry where the camera's clock is slow, nor fall behind where it is fast", () => {
  for (const speed of [0.999, 1.001]) {
    const all = playOn(new Pace(), 7200, { speed }); // an hour
    expect(Math.min(...all)).toBeGreaterThan(0.2);
    expect(Math.max(...all)).toBeLessThan(1);
  }
});

it("saves when little is left", () => {
  const pace = new Pace();
  expect(pace.comes(0, 0.1)).toBeLessThan(1);
  expect(playOn(pace, 60, { left: 0.1, from: 500 }).at(-1)).toBeGreaterThan(0.25);
  expect(pace.rate).toBe(1);
});
