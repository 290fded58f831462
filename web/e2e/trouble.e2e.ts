import { afterAll, beforeAll, expect, it } from "vitest";
import { dicts, words } from "../src/i18n/index.ts";
import { Chromium } from "./chromium.ts";
import { pause } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import type { Screen } from "./screen.ts";
import { furthestBehind, soon } from "./stage.ts";

const stage = onStage();
const markedWithin = 3000; // ms after the last frame
const backWithin = 5000; // ms, and one keyframe interval

// The camera of two frames a second is watched beside all other tests of this file.
const slowWatch = 30_000;
let slow: { browser: Chromium; screen: Screen; since: number } | undefined;

beforeAll(async () => {
  const browser = await Chromium.start();
  const screen = await stage.screen(await stage.person([6]), { browser });
  await screen.tile(0).plays(6, soon);
  slow = { browser, screen, since: await screen.now() };
});
afterAll(() => slow?.browser.close());

it.each([
  { deed: "pause", undo: "resume", camera: 1, keyframes: 2000 },
  { deed: "kill", undo: "restart", camera: 2, keyframes: 4000 },
] as const)("marks the tile of a camera after $deed, keeps its picture, and plays after $undo", async (c) => {
  const screen = await stage.screen(await stage.person([c.camera, 4]));
  const tile = screen.tile(c.camera < 4 ? 0 : 1);
  const other = screen.tile(1);
  await Promise.all([tile.plays(c.camera, soon), other.plays(4, soon)]);
  const since = await screen.now();

  await stage.cameras.do(c.camera, c.deed);
  await tile.says("stale", 2 * markedWithin);
  const mark = (await screen.said(since)).find((s) => s.tile === tile.index && s.state === "stale");
  const last = (await tile.frames(0)).filter((at) => at <= (mark?.at ?? 0)).at(-1);
  expect((mark?.at ?? Number.NaN) - (last ?? Number.NaN), "ms from the last frame to the mark").toBeLessThanOrEqual(
    markedWithin,
  );
  await tile.tells(/NO PICTURE since \d\d:\d\d:\d\d/, 500);
  expect(await tile.style(".stage", "border-image-source", "::after")).toContain("repeating-linear-gradient");
  expect(Number(await tile.style("video", "opacity"))).toBeLessThan(0.6);
  expect(await tile.picture()).toMatchObject({ number: c.camera }); // the last picture is still there
  await screen.speak("ru");
  await tile.tells(/НЕТ ИЗОБРАЖЕНИЯ с \d\d:\d\d:\d\d/, 500);

  await stage.cameras.do(c.camera, c.undo);
  await tile.plays(c.camera, backWithin + c.keyframes);
  expect(Number(await tile.style("video", "opacity"))).toBe(1);
  expect((await screen.said(since)).filter((s) => s.tile === other.index)).toEqual([]);
});

it("says in both languages what is wrong with a camera", async () => {
  const locked = stage.cameras.camera(2);
  const kinds = {
    h265: ["--codec", "h265"],
    sound: ["--audio", "pcmu", "--no-video"],
  };
  const made = await Promise.all(
    Object.entries(kinds).map(async ([k, flags]) => [k, await stage.extra(...flags)] as const),
  );
  const address = Object.fromEntries(made.map(([kind, cameras]) => [kind, cameras.camera(1).address]));
  const cases = [
    { code: "camera.credentials", address: locked.address, username: locked.username, password: "not it" },
    { code: "camera.unknown_host", address: "rtsp://no-such-camera.invalid/stream" },
    { code: "camera.not_rtsp", address: `rtsp://${stage.cameras.website}/stream` },
    { code: "media.no_video", address: address.sound ?? "" },
    { code: "media.codec", params: { codec: "H265" }, address: address.h265 ?? "" },
    { code: "camera.unreachable", address: "rtsp://127.0.0.1:9/stream" },
    { code: "camera.no_stream", address: `${stage.cameras.camera(4).address}/other` },
  ];
  for (const half of [cases.slice(0, 4), cases.slice(4)]) {
    const numbers: number[] = [];
    for (const { code, address, username, password } of half) {
      const sign = username === undefined ? {} : { username, password };
      numbers.push((await stage.add({ name: `With ${code}`, address, ...sign })).number);
    }
    const screen = await stage.screen(await stage.person(numbers));
    const called = performance.now();
    for (const [i, { code, params }] of half.entries()) {
      const left = 5000 - (performance.now() - called);
      const said = await screen.tile(i).tells(words(dicts.en, code, params), left);
      expect(said).not.toMatch(/\b(camera|media|view|signaling)\.[a-z_]+/);
    }
    await screen.speak("ru");
    for (const [i, { code, params }] of half.entries()) {
      const said = await screen.tile(i).tells(words(dicts.ru, code, params), 1000);
      expect(said).not.toMatch(/\b(camera|media|view|signaling)\.[a-z_]+/);
    }
  }
});

it("plays a camera with B-frames by HLS, and says why", async () => {
  const { address } = (await stage.extra("--b-frames", "2")).camera(1);
  const { number } = await stage.add({ name: "With B-frames", address });
  const screen = await stage.screen(await stage.person([number]));
  const tile = screen.tile(0);
  await tile.playsBy("hls", 1, soon);
  expect(await tile.behind()).toBeLessThan(furthestBehind);
  expect(await tile.transport()).toContain(words(dicts.en, "media.bframes"));
  await screen.speak("ru");
  expect(await tile.transport()).toContain(words(dicts.ru, "media.bframes"));
});

it("never marks a camera of two frames a second that plays", async () => {
  const { screen, since } = slow ?? expect.fail("the camera was not opened");
  await pause(Math.max(0, slowWatch - ((await screen.now()) - since)));
  expect(await screen.said(since)).toEqual([]);
  expect((await screen.tile(0).frames(since)).length).toBeGreaterThan(45);
});
