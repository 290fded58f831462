// The HLS path in Chromium against a gateway inside the page: hls.js itself, real segments. npm run build && npm run test:browser
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { start, tileIn } from "./browser.mjs";

const cameras = [1, 2, 3, 4, 5, 6].map((n) => ({ id: `c${n}`, number: n, name: `Camera ${n}` }));
let app;
let page;

before(async () => {
  app = await start();
});
after(() => app.stop());
afterEach(async () => {
  await page?.context().close();
  // The browser notes in its console that a list is gone; here that is how a view ends.
  assert.deepEqual(
    app.faults.splice(0).filter((f) => !f.includes("410 (Gone)")),
    [],
  );
});

const attribute = (tile, name) => page.getAttribute(`[data-tile="${tile}"]`, name);
const watched = () => page.evaluate(() => window.gateway.watched.map((w) => `${w.by} ${w.camera} ${w.admit}`));
const byHLS = (tile, timeout = 15_000) =>
  page.waitForSelector(`[data-tile="${tile}"][data-state="live"][data-transport="hls"]`, { timeout });
const byWebRTC = (tile) =>
  page.waitForSelector(`[data-tile="${tile}"][data-state="live"][data-transport="webrtc"]`, { timeout: 15_000 });
const reason = (tile) => page.textContent(`[data-tile="${tile}"] .fallback-why`);

/** Gaps longer than ms between frames shown in a tile during a time. */
const gaps = (tile, ms, during) =>
  page.evaluate(
    ([n, least, time]) =>
      new Promise((done) => {
        const video = document.querySelector(`[data-tile="${n}"] video`);
        const found = [];
        let last = performance.now();
        const next = (now) => {
          if (now - last > least) found.push(Math.round(now - last));
          last = now;
          video.requestVideoFrameCallback(next);
        };
        video.requestVideoFrameCallback(next);
        setTimeout(() => done([...found, ...(performance.now() - last > least ? ["end"] : [])]), time);
      }),
    [tile, ms, during],
  );

test("without WebRTC in the browser the wall plays by HLS and says why", async () => {
  page = await app.open({ cameras }, { without: ["RTCPeerConnection"] });
  for (const tile of [0, 1, 2, 3]) await byHLS(tile);
  assert.deepEqual(
    (await watched()).sort(),
    [1, 2, 3, 4].map((n) => `hls c${n} if_free`),
  );
  assert.match(await reason(0), /^Picture by HLS, \d\.\d s behind live\. This browser has no WebRTC\.$/);
  assert.match(await page.textContent('[data-tile="0"] .delay'), /^HLS −[123]\.\d s$/);
  assert.deepEqual(await gaps(0, 500, 3000), []);
});

test("a blocked port: HLS plays within 6 s of the click", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1), webrtc: "blocked" });
  const took = await page.evaluate(
    () =>
      new Promise((done) => {
        const tile = document.querySelector('[data-tile="1"]');
        const look = () =>
          tile.dataset.state === "live" && tile.dataset.transport === "hls" && done(performance.now() - began);
        new MutationObserver(look).observe(tile, { attributes: true });
        tile.focus();
        for (const key of ["1", "Enter"]) tile.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        const began = performance.now();
      }),
  );
  assert.ok(took > 4000 && took < 6000, `took ${took} ms`);
});

test("a blocked port: HLS under the same view ids, the port and host named; the next tile at once", async () => {
  page = await app.open({ cameras, webrtc: "blocked", favourites: [], limit: 4 });
  const views = await page.$$eval("[data-tile]", (tiles) => tiles.map((t) => t.dataset.view));
  await byHLS(0);
  assert.match(await reason(0), /8189 UDP and TCP unreachable at 127\.0\.0\.1\./);
  assert.deepEqual(await page.evaluate(() => [...window.gateway.views.keys()].sort()), views.sort());
  for (const tile of [1, 2, 3]) await byHLS(tile);
  const asked = (await watched()).length;
  await page.click('[data-tile="1"]');
  await page.keyboard.press("6");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-tile="1"][data-camera="c6"][data-state="live"]', { timeout: 2500 });
  assert.deepEqual((await watched()).slice(asked), ["hls c6 evict_oldest"]);
});

test("WebRTC is tried again by key: on success it takes over, on failure HLS goes on", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1), webrtc: "blocked" });
  await byHLS(0);
  const asked = (await watched()).length;
  await page.keyboard.press("w");
  await page.waitForSelector('[data-tile="0"] [data-act="webrtc"]:disabled');
  await page.waitForFunction((n) => window.gateway.watched.length === n, asked + 2, { timeout: 8000 });
  await byHLS(0);
  assert.deepEqual((await watched()).slice(asked), ["webrtc c1 if_free", "hls c1 if_free"]);
  await page.evaluate(() => {
    window.gateway.webrtc = "open";
  });
  await page.click('[data-act="webrtc"]');
  await byWebRTC(0);
  assert.equal(await page.$('[data-tile="0"] .delay'), null);
  assert.deepEqual(await gaps(0, 500, 1500), []);
});

test("a camera with B-frames goes on by HLS; a camera that is still being dialled does not", async () => {
  const odd = cameras.slice(0, 2).map((c) => ({
    ...c,
    state: c.id === "c1" ? { status: "unsupported", code: "media.bframes" } : { status: "connecting" },
  }));
  page = await app.open({ cameras: odd });
  await byHLS(0);
  assert.match(await reason(0), /B-frames/);
  await page.waitForTimeout(5000); // longer than WebRTC is given
  assert.equal(await attribute(1, "data-transport"), "webrtc");
  assert.deepEqual(
    (await watched()).filter((w) => w.includes("c2")),
    ["webrtc c2 if_free"],
  );
});

test("an evicted HLS view says by what and is not asked for again", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1) }, { without: ["RTCPeerConnection"] });
  await byHLS(0);
  await page.evaluate(() =>
    window.gateway.end(document.querySelector('[data-tile="0"]').dataset.view, "view.evicted", {
      camera: "Gate 2",
      number: "5",
      where: "Chrome, Windows",
      address: "10.0.0.5",
    }),
  );
  await tileIn(page, 0, "evicted", 4000);
  assert.match(
    await page.textContent('[data-tile="0"] .trouble-box'),
    /“Gate 2” \(No\. 5\) was opened in Chrome, Windows/,
  );
  const lists = page.hls.lists;
  await page.waitForTimeout(3000); // a time in which nothing may happen
  assert.equal(page.hls.lists, lists);
  assert.deepEqual(await watched(), ["hls c1 if_free"]);
  await page.click('[data-act="again"]');
  await byHLS(0);
  assert.deepEqual((await watched()).at(-1), "hls c1 evict_oldest");
});

test("a lapsed view is opened again by itself, closing nobody's", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1) }, { without: ["RTCPeerConnection"] });
  await byHLS(0);
  await page.evaluate(() => window.gateway.end(document.querySelector('[data-tile="0"]').dataset.view, "view.expired"));
  await page.waitForFunction(() => window.gateway.watched.length === 2);
  await byHLS(0);
  assert.deepEqual(await watched(), ["hls c1 if_free", "hls c1 if_free"]);
});

test("a stopped camera is marked within 3 s of its last frame with the camera's reason, and comes back", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1) }, { without: ["RTCPeerConnection"] });
  await byHLS(0);
  await page.evaluate(() => {
    window.gateway.pause("c1");
    window.gateway.tell("c1", { status: "stalled", code: "camera.lost" });
  });
  await tileIn(page, 0, "stale", 15_000); // what is buffered plays on first
  await page.waitForFunction(() => /connection to the camera broke/.test(document.querySelector(".why").textContent));
  assert.equal(await attribute(0, "data-picture"), "held");
  assert.equal((await watched()).length, 1, "opening anew would bring nothing newer");
  await page.evaluate(() => {
    window.gateway.play("c1");
    window.gateway.tell("c1", { status: "live", code: "" });
  });
  await byHLS(0, 8000);
});

test("a line that held everything back for a while brings the picture of now, not of then", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1) }, { without: ["RTCPeerConnection"] });
  await byHLS(0);
  let release;
  page.hls.held = new Promise((done) => {
    release = done;
  });
  await tileIn(page, 0, "stale", 15_000); // what is buffered plays on first
  await page.waitForTimeout(2000);
  release();
  page.hls.held = undefined;
  await byHLS(0, 8000);
  await page.waitForFunction(() => {
    const said = /HLS −(\d+\.\d)/.exec(document.querySelector('[data-tile="0"] .delay')?.textContent ?? "");
    return said && Number(said[1]) < 3;
  });
  assert.ok((await watched()).every((w) => w === "hls c1 if_free"));
});

test("without a WebSocket the wall plays by HLS, says so, and learns from requests", async () => {
  page = await app.open({ cameras, sockets: "blocked" });
  for (const tile of [0, 1, 2, 3]) await byHLS(tile);
  assert.match(await page.textContent(".banner"), /no WebSocket/);
  assert.match(await reason(0), /no WebSocket/);
  await page.evaluate(() => {
    window.gateway.pause("c1");
    window.gateway.tell("c1", { status: "refused", code: "camera.credentials" });
  });
  await tileIn(page, 0, "stale", 15_000); // what is buffered plays on first
  await page.waitForFunction(() =>
    /login or password/.test(document.querySelector('[data-tile="0"] .why').textContent),
  );
  await page.keyboard.press("Delete");
  await tileIn(page, 0, "empty");
  await page.waitForFunction(() => window.gateway.requests.some((r) => r.startsWith("DELETE /views/")));
});

test("a gateway without FFmpeg says so, and WebRTC is tried again", async () => {
  page = await app.open({ cameras: cameras.slice(0, 1), webrtc: "blocked", ffmpeg: "missing" });
  await page.waitForFunction(() => /FFmpeg is missing/.test(document.querySelector(".why")?.textContent ?? ""), null, {
    timeout: 12_000,
  });
  await page.evaluate(() => {
    window.gateway.webrtc = "open";
  });
  await byWebRTC(0);
});

test("closing a tile gives its place back", async () => {
  page = await app.open({ cameras: cameras.slice(0, 2) }, { without: ["RTCPeerConnection"] });
  await byHLS(0);
  await byHLS(1);
  await page.focus('[data-tile="1"]');
  await page.keyboard.press("Delete");
  await page.waitForFunction(() => window.gateway.views.size === 1);
});
