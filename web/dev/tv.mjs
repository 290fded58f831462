// The page for old browsers, in Chromium with the new things taken away: sign in, list, play, by the keys of a remote control.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { start } from "./browser.mjs";

const cameras = [1, 2, 3, 12].map((n) => ({ id: `c${n}`, number: n, name: `Camera ${n}`, location: `Hall ${n}` }));
const without = [
  "modules",
  "fetch",
  "Proxy",
  "Promise",
  "Map",
  "Set",
  "WeakMap",
  "RTCPeerConnection",
  "WebSocket",
  "ResizeObserver",
  "IntersectionObserver",
  "AbortController",
  "URLSearchParams",
];
let app;
let page;

before(async () => {
  app = await start();
});
after(() => app.stop());
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(
    app.faults.splice(0).filter((f) => !/40[14] \(|410 \(/.test(f)),
    [],
  );
});

const playing = (camera, timeout = 15_000) =>
  page.waitForFunction(
    (name) =>
      document.querySelector(".watch-live") !== null && document.querySelector(".caption .name").textContent === name,
    camera,
    { timeout },
  );
const picture = () =>
  page.evaluate(() => {
    const { currentTime, videoWidth } = document.querySelector("video");
    return { currentTime, videoWidth };
  });
const watched = () => page.evaluate(() => window.gateway.watched.map((w) => `${w.by} ${w.camera} ${w.admit}`));
const focused = () => page.evaluate(() => document.activeElement.getAttribute("data-camera"));

test("an old browser signs in, lists and plays by the keys of a remote control", async () => {
  page = await app.open({ cameras, signedIn: false }, { without });
  await page.waitForSelector("#login:focus");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /Enter your login/.test(document.querySelector("#trouble").textContent));
  await page.keyboard.type("operator");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /is wrong/.test(document.querySelector("#trouble").textContent));
  await page.keyboard.type("secret");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".row:focus");
  assert.equal(await focused(), "c1");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "c2");
  await page.keyboard.press("Enter");
  await playing("Camera 2");
  const before = await picture();
  await page.waitForFunction((t) => document.querySelector("video").currentTime > t + 1, before.currentTime);
  assert.equal(before.videoWidth, 320);
  assert.deepEqual(await watched(), ["hls c2 evict_oldest"]);
  await page.keyboard.press("ArrowDown");
  await playing("Camera 3");
  await page.keyboard.press("1");
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await playing("Camera 12");
  assert.equal(await page.evaluate(() => window.gateway.views.size), 1, "one place for all that was watched");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".row:focus");
  assert.equal(await focused(), "c12");
  await page.waitForFunction(() => window.gateway.views.size === 0);
  assert.ok(await page.evaluate(() => window.gateway.requests.every((r) => !r.includes("/signaling"))));
});

test("a reload shows the same camera and closes nobody's view; Back leads to the list", async () => {
  page = await app.open({ cameras }, { without, path: "/#camera=c3" });
  await playing("Camera 3");
  assert.deepEqual(await watched(), ["hls c3 if_free"]);
  await page.keyboard.press("Backspace");
  await page.waitForSelector(".row:focus");
  assert.equal(await focused(), "c3");
});

test("an evicted picture says by what and waits for OK", async () => {
  page = await app.open({ cameras }, { without, path: "/#camera=c1" });
  await playing("Camera 1");
  await page.evaluate(() => {
    const [view] = window.gateway.views.keys();
    window.gateway.end(view, "view.evicted", { camera: "Gate 2", number: "5", where: "Chrome, Windows" });
  });
  await page.waitForSelector(".watch-evicted");
  assert.match(await page.textContent(".why"), /“Gate 2” \(No\. 5\) was opened in Chrome, Windows/);
  await page.waitForTimeout(2500); // a time in which nothing may happen
  assert.equal((await watched()).length, 1);
  await page.keyboard.press("Enter");
  await playing("Camera 1");
  assert.equal((await watched()).at(-1), "hls c1 evict_oldest");
});

test("a stopped camera is marked, and the sign-out leads to the sign-in", async () => {
  page = await app.open({ cameras }, { without, path: "/#camera=c1", locale: "ru" });
  await playing("Camera 1");
  await page.evaluate(() => {
    window.gateway.pause("c1");
    window.gateway.tell("c1", { status: "stalled", code: "camera.lost" });
  });
  await page.waitForSelector(".watch-stale.picture-held");
  assert.match(await page.textContent(".headline"), /^НЕТ ИЗОБРАЖЕНИЯ с \d\d:\d\d:\d\d$/);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".row:focus");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#login:focus");
});

test("a modern browser is given this page if it asks for it, and the wall otherwise", async () => {
  page = await app.open({ cameras }, { path: "/?legacy" });
  await page.waitForSelector(".row:focus");
  await page.context().close();
  page = await app.open({ cameras });
  await page.waitForSelector("[data-tile]");
  assert.equal(await page.$(".list"), null);
  assert.equal(await page.evaluate(() => window.rtspViewer), "modern");
});
