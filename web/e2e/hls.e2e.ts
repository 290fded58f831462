import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, loadavg } from "node:os";
import type Hls from "hls.js";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { dicts, words } from "../src/i18n/index.ts";
import { eventually, pause } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import type { Person, Screen, Tile } from "./screen.ts";
import { furthestBehind, hiccup, soon } from "./stage.ts";

const stage = onStage();
const markedWithin = 3000; // ms after the last frame
const toldWithin = 10_000; // ms after the click, in which a player asks for its list many times
const calm = 2 * availableParallelism(); // a load beyond it is not of these programs: they wait for the processor, and pictures for them
const reserve = 0.35; // s; half of what a player has left when a segment comes
const handful = 0.1; // s; a player that stops with more has pictures
const rarely = 1; // times a minute
const often = 6; // times a minute, on a machine that is too busy
const givenUp = 6; // s behind live; before that the player begins anew at the edge
const hlsjs = createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js");
const framesPerSecond = 25; // of camera 3
const honest = 0.5; // s; two windows are not looked at in one moment
const minute = 60_000; // ms

it("never stalls in a minute of a camera with a keyframe every 4 s, and stays near live", async () => {
  const screen = await stage.screen(await stage.person([2]), { lacks: "webrtc" });
  const tile = screen.tile(0);
  await tile.playsBy("hls", 2, soon);
  await pause(1000); // the start is measured elsewhere
  const [since, from] = [await screen.now(), await tile.currentTime()];
  const behind: number[] = [];
  while ((await screen.now()) - since < minute) {
    behind.push(await tile.behind());
    await pause(2000);
  }
  const [until, to] = [await screen.now(), await tile.currentTime()];
  const [frames, stalls, stood] = [await tile.frames(since), await tile.stalls(since), await tile.stood(since)];
  const least = (await tile.least(since)).sort((a, b) => a - b);
  const usual = least[Math.floor(least.length / 2)] ?? 0;
  const dry = stalls.filter(({ ahead }) => ahead < handful);
  const seconds = (until - since) / 1000;
  console.info(
    `${seconds.toFixed(1)} s: the picture went on ${(to - from).toFixed(1)} s, ${frames.length} frames, stood for ${stood.starved.toFixed(0)} ms at most, or ${stood.fed.toFixed(0)} ms with pictures at hand; ` +
      `${Math.min(...behind)} to ${Math.max(...behind)} s behind live; left to play: ${least[0]?.toFixed(2)} s at the least, ${usual.toFixed(2)} s usually; ` +
      `the page was held up for ${(await screen.heldUp(since, until)).toFixed(0)} ms at most; ` +
      `stopped with seconds still to play: ${stalls.map(({ ahead }) => ahead.toFixed(2)).join(", ") || "never"}`,
  );
  const load = loadavg()[0] ?? 0;
  const quiet = load <= calm;
  if (!quiet) console.warn(`stops are judged loosely: the load of this machine is ${load.toFixed(1)}`);
  // Others' work may make a segment late, or decoding. A player that has too little to play has it all the time, and stops again and again.
  expect(usual, "s left to play when a segment comes").toBeGreaterThan(reserve);
  expect(stood.starved, "ms for which the picture stood for want of another").toBeLessThan(hiccup);
  expect(dry.length, `stops for want of pictures: ${JSON.stringify(dry)}`).toBeLessThanOrEqual(quiet ? rarely : often);
  expect((await screen.said(since)).filter((s) => quiet || !["live", "stale"].includes(s.state))).toEqual([]);
  expect(Math.abs(to - from - seconds)).toBeLessThan(furthestBehind);
  expect(Math.max(...behind), `s behind live: ${behind}`).toBeLessThan(quiet ? furthestBehind : givenUp);
  await tile.playsBy("hls", 2, 10_000);
});

it("takes hls.js on with its list when it could load no segment for so long that it fell out of it", async () => {
  const screen = await stage.screen(await stage.person([2]), { lacks: "webrtc" });
  const { page } = screen;
  await page.evaluate(`${await readFile(hlsjs, "utf8")};0`);
  const starving = new Set<() => void>();
  let hungry = false;
  await page.route(/\/(s|first)\.m4s/, async (route) => {
    if (hungry) await new Promise<void>((fed) => starving.add(fed));
    await route.continue();
  });
  await page.evaluate(playAlone, stage.camera(2).id);
  const alone = () => page.evaluate(() => window.alone);
  const plays = async (beyond: number) =>
    eventually("it plays", soon, async () => (await alone()).time > beyond, alone);
  await plays(1);
  const seen = (await alone()).anew;
  hungry = true;
  await eventually("its list begins anew", 3 * soon, async () => (await alone()).anew > seen, alone);
  hungry = false;
  for (const fed of starving) fed();
  const { time } = await alone();
  await plays(time + 3);
  expect((await alone()).fatal).toEqual([]);
});

it("shows the wall by HLS where the browser has no WebRTC, and marks a picture only when it stops", async () => {
  const screen = await stage.screen(await stage.person([1, 3, 4, 5]), { lacks: "webrtc" });
  const tiles = screen.tiles();
  const numbers = [1, 3, 4, 5];
  await Promise.all(tiles.map((tile, i) => tile.playsBy("hls", numbers[i] ?? 0, soon)));
  for (const tile of tiles) {
    await tile.isNear(furthestBehind, soon);
    expect(await tile.transport()).toMatch(/^Picture by HLS, \d\.\d s behind live\. /);
    expect(await tile.transport()).toContain(words(dicts.en, "webrtc.missing"));
  }
  await screen.speak("ru");
  expect(await tiles[0]?.transport()).toContain(words(dicts.ru, "webrtc.missing"));
  await screen.speak("en");
  const since = await screen.now();
  await pause(4000); // longer than a picture may stand still: being behind is no reason for a mark
  expect(await screen.said(since)).toEqual([]);

  const stopped = screen.tile(2);
  await stage.cameras.do(4, "pause");
  await stopped.says("stale", 4 * markedWithin);
  const mark = (await screen.said(since)).find((s) => s.tile === 2 && s.state === "stale");
  const last = (await stopped.frames(0)).filter((at) => at <= (mark?.at ?? 0)).at(-1);
  const heldUp = await screen.heldUp(last ?? 0, mark?.at ?? 0);
  expect(
    (mark?.at ?? Number.NaN) - (last ?? Number.NaN) - heldUp,
    "ms from the last frame to the mark",
  ).toBeLessThanOrEqual(markedWithin);
  await stopped.tells(/NO PICTURE since \d\d:\d\d:\d\d/, soon);
  expect(await stopped.picture()).toMatchObject({ number: 4 });
  await stage.cameras.do(4, "resume");
  await stopped.playsBy("hls", 4, soon);
  expect((await screen.said(since)).filter((s) => s.tile !== 2)).toEqual([]);
});

it("closes the oldest view whichever transport it has, for either, and the player asks no more", async () => {
  const who = await stage.person([3, 4]);
  const old = await stage.screen(who, { lacks: "webrtc" });
  const asked = lists(old.page);
  await Promise.all([old.tile(0).playsBy("hls", 3, soon), old.tile(1).playsBy("hls", 4, soon)]);
  const young = await stage.screen(who);
  await Promise.all([young.tile(0).playsBy("webrtc", 3, soon), young.tile(1).playsBy("webrtc", 4, soon)]);
  await tellsTheTruth(old.tile(0), young.tile(0));

  // By WebRTC, it closes the oldest by HLS.
  const first = await evicts(who, [old, young], () => young.call(2, 4));
  expect(first.screen).toBe(old);
  await young.tile(2).playsBy("webrtc", 4, soon);
  expect(await first.tile.words()).toMatch(new RegExp(`${stage.camera(4).name}.*No\\. 4\\b.*Chrome, Linux`));
  await asksNoMore(old, asked, first.tile);

  // By HLS, it closes the other one by HLS.
  const second = await evicts(who, [old, young], () => first.tile.again());
  expect(second.screen).toBe(old);
  expect(second.tile.index).toBe(1 - first.tile.index);
  await first.tile.playsBy("hls", first.tile.index + 3, soon);

  // By HLS, it closes the oldest by WebRTC.
  const third = await evicts(who, [old, young], () => second.tile.again());
  expect(third.screen).toBe(young);
  await second.tile.playsBy("hls", second.tile.index + 3, soon);
  expect(await third.tile.words()).toContain(stage.camera(second.tile.index + 3).name);
  const kept = [old.tile(0), old.tile(1), young.tile(1 - third.tile.index), young.tile(2)];
  for (const tile of kept) await tile.plays(tile.index === 2 ? 4 : tile.index + 3, soon);
});

/** What hls.js does in a page that plays by nothing else. */
interface Alone {
  time: number; // of its <video>, s
  anew: number; // lists that did not go on where the one before was
  fatal: string[];
}

declare global {
  interface Window {
    alone: Alone;
    Hls: typeof Hls;
  }
}

/** Runs in the page: plays a camera by hls.js as it comes. */
async function playAlone(camera: string): Promise<void> {
  const answer = await fetch(`/api/v1/cameras/${camera}/hls`, { method: "POST" });
  const { playlist } = await answer.json();
  const video = document.body.appendChild(document.createElement("video"));
  video.muted = true;
  const { Hls } = window;
  const hls = new Hls();
  let known = 0;
  const alone: Alone = { time: 0, anew: 0, fatal: [] };
  window.alone = alone;
  video.addEventListener("timeupdate", () => {
    alone.time = video.currentTime;
  });
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
    if (known > 0 && details.startSN > known) alone.anew++;
    known = details.endSN;
  });
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal || data.details === Hls.ErrorDetails.LEVEL_PARSING_ERROR)
      alone.fatal.push(`${data.details}: ${data.reason}`);
  });
  hls.loadSource(playlist);
  hls.attachMedia(video);
  await video.play();
}

/** Does what opens a fifth view, and gives the tile whose view was the oldest and is closed for it, with the reason on it. */
async function evicts(
  who: Person,
  screens: Screen[],
  act: () => Promise<void>,
): Promise<{ screen: Screen; tile: Tile }> {
  const views = await stage.admin.views(who.login);
  expect(views).toHaveLength(4);
  const oldest = views.reduce((a, b) => (Date.parse(a.opened_at) <= Date.parse(b.opened_at) ? a : b));
  await act();
  return eventually(
    "the oldest view is evicted",
    toldWithin,
    async () => {
      for (const screen of screens)
        for (const tile of screen.tiles(3)) {
          if ((await tile.attribute("view")) !== oldest.view || (await tile.attribute("state")) !== "evicted") continue;
          const left = (await stage.admin.views(who.login)).map((v) => v.view);
          return left.length === 4 && views.every((v) => v === oldest || left.includes(v.view)) && { screen, tile };
        }
      return false;
    },
    async () => (await Promise.all(screens.map((s) => s.summary()))).join(" | "),
  );
}

/** What a page asks for of views by HLS: paths, and the answers' statuses when they are there. */
function lists(page: Page): { path: string; status?: number }[] {
  const asked: { path: string; status?: number }[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith("/hls/")) return;
    const one: { path: string; status?: number } = { path: pathname };
    asked.push(one);
    void request.response().then(
      (response) => {
        if (response) one.status = response.status();
      },
      () => {}, // broken off
    );
  });
  return asked;
}

/** Makes sure that nothing is asked of an ended view, for longer than a player waits before it tries again. */
async function asksNoMore(screen: Screen, asked: { path: string; status?: number }[], tile: Tile): Promise<void> {
  const gone = asked.filter((a) => a.status === 410);
  const secrets = new Set(gone.map((a) => a.path.split("/")[2]));
  expect(secrets.size).toBe(1);
  expect(gone.length, `answers 410: ${gone.map((a) => a.path.split("/")[3])}`).toBeLessThanOrEqual(4);
  const before = asked.length;
  const since = await screen.now();
  await pause(5000);
  expect(asked.slice(before).filter((a) => secrets.has(a.path.split("/")[2]))).toEqual([]);
  expect(asked.slice(before).some((a) => a.status === 200)).toBe(true); // the other one plays
  expect((await screen.said(since)).filter((s) => s.tile === tile.index)).toEqual([]);
}

/** Compares how far behind live a tile says that it is with the frames between its picture and another one's of the same camera by WebRTC. */
async function tellsTheTruth(late: Tile, live: Tile): Promise<void> {
  const off: number[] = [];
  await eventually("five looks at both", soon, async () => {
    const [now, then, said] = await Promise.all([live.picture(), late.picture(), late.behind()]);
    if (now && then && now.frame > then.frame) off.push(said - (now.frame - then.frame) / framesPerSecond);
    return off.length >= 5; // in between the camera's clip begins again
  });
  console.info(`says to be further behind than it is by ${off.map((s) => s.toFixed(2)).join(", ")} s`);
  const median = off.sort((a, b) => a - b)[2] ?? Number.NaN;
  expect(Math.abs(median), "s between what it says and what is").toBeLessThan(honest);
}
