// The built app in Chromium against a gateway inside the page: real peer connections, real decoders, no server. npm run build && npm run test:browser
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { start, tileIn } from "./browser.mjs";

const cameras = [1, 2, 3, 4, 5, 6].map((n) => ({ id: `c${n}`, number: n, name: `Camera ${n}`, fps: n === 4 ? 2 : 25 }));
let app;
let page;

before(async () => {
  app = await start();
});
after(() => app.stop());
afterEach(async () => {
  await page?.context().close();
  assert.deepEqual(app.faults.splice(0), []);
});

const attribute = (tile, name) => page.getAttribute(`[data-tile="${tile}"]`, name);
const watched = () => page.evaluate(() => window.gateway.watched.map((w) => `${w.camera} ${w.admit}`));
const live = async (...tiles) => {
  for (const tile of tiles) await tileIn(page, tile, "live");
};

/** How many pixels of a tile's picture are not black, as they lie in its element; what: "video" or "canvas". */
const light = (tile, what) =>
  page.evaluate(
    ([n, tag]) => {
      const from = document.querySelector(`[data-tile="${n}"] ${tag}`);
      const to = document.createElement("canvas");
      to.width = 64;
      to.height = 36;
      const g = to.getContext("2d");
      if (from.width !== 0 || from.videoWidth) g.drawImage(from, 0, 0, 64, 36);
      return g.getImageData(0, 0, 64, 36).data.filter((v, i) => i % 4 !== 3 && v > 30).length;
    },
    [tile, what],
  );

/** Frames shown in a tile during ms. */
const frames = (tile, ms) =>
  page.evaluate(
    ([n, time]) =>
      new Promise((done) => {
        const video = document.querySelector(`[data-tile="${n}"] video`);
        let count = 0;
        const next = () => {
          count++;
          video.requestVideoFrameCallback(next);
        };
        video.requestVideoFrameCallback(next);
        setTimeout(() => done(count), time);
      }),
    [tile, ms],
  );

test("a newcomer's wall fills itself and plays", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  assert.deepEqual((await watched()).sort(), ["c1 if_free", "c2 if_free", "c3 if_free", "c4 if_free"]);
  assert.ok((await frames(0, 1000)) > 10);
});

test("a stopped camera is marked within 3 s of its last frame, with its time; 2 frames a second are not", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  const took = await page.evaluate(
    () =>
      new Promise((done) => {
        const tile = document.querySelector('[data-tile="0"]');
        const video = tile.querySelector("video");
        let last = performance.now();
        const next = () => {
          last = performance.now();
          video.requestVideoFrameCallback(next);
        };
        video.requestVideoFrameCallback(next);
        new MutationObserver(() => tile.dataset.state === "stale" && done(performance.now() - last)).observe(tile, {
          attributeFilter: ["data-state"],
        });
        window.gateway.pause("c1");
      }),
  );
  assert.ok(took > 2700 && took < 3100, `marked ${took} ms after the last frame`);
  assert.match(await page.textContent('[data-tile="0"] .headline'), /^NO PICTURE since \d\d:\d\d:\d\d$/);
  assert.equal(await attribute(0, "data-picture"), "held");
  assert.ok((await light(0, "video")) > 500, "the last picture is still there");
  assert.equal(await attribute(3, "data-state"), "live");
  await page.evaluate(() => window.gateway.play("c1"));
  await tileIn(page, 0, "live", 3000);
});

test("frames sent once more by a stalled camera's gateway do not take the mark off", async () => {
  page = await app.open({ cameras });
  await live(0);
  await page.evaluate(() => window.gateway.tell("c1", { status: "stalled" }));
  await tileIn(page, 0, "stale", 1500);
  const marked = await page.innerText('[data-tile="0"] .headline');
  assert.ok((await frames(0, 1500)) > 10); // the picture moves, and is not of now
  assert.equal(await attribute(0, "data-state"), "stale");
  assert.equal(await page.innerText('[data-tile="0"] .headline'), marked);
  await page.evaluate(() => window.gateway.tell("c1", { status: "live" }));
  await tileIn(page, 0, "live", 1500);
});

test("calling a camera touches one tile only, and never shows the old picture under the new name", async () => {
  page = await app.open({
    cameras: cameras.map((c) => (c.id === "c6" ? { ...c, state: { status: "connecting" } } : c)),
  });
  await live(0, 1, 2, 3);
  const views = await page.$$eval("[data-tile]", (tiles) => tiles.map((t) => t.dataset.view));
  await page.click('[data-tile="1"]');
  await page.keyboard.press("6");
  await page.keyboard.press("Enter");
  await tileIn(page, 1, "connecting");
  assert.equal(await attribute(1, "data-camera"), "c6");
  assert.equal(await attribute(1, "data-picture"), "none");
  assert.equal(await light(1, "canvas"), 0);
  assert.equal(await page.$eval('[data-tile="1"] video', (v) => getComputedStyle(v).visibility), "hidden");
  assert.deepEqual((await watched()).slice(4), ["c6 evict_oldest"]);
  assert.deepEqual(await page.$$eval("[data-tile]", (tiles) => tiles.map((t) => t.dataset.view)), views);
  assert.ok((await frames(0, 500)) > 3);
});

test("a lost socket leaves pictures playing, is said, and is resumed without opening anything anew", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  await page.evaluate(() => window.gateway.away());
  await page.waitForSelector(".banner[role=alert]");
  assert.ok((await frames(0, 1000)) > 10);
  assert.equal(await attribute(0, "data-state"), "live");
  await page.evaluate(() => window.gateway.back());
  await page.waitForSelector(".banner", { state: "detached", timeout: 20_000 });
  assert.equal((await watched()).length, 4);
});

test("a gateway that restarts gets its tiles back, if_free, the last pictures marked meanwhile", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  await page.evaluate(() => {
    window.gateway.away();
    for (const [, v] of window.gateway.views) v.pc.close();
    window.gateway.views.clear();
  });
  await tileIn(page, 0, "stale");
  assert.equal(await attribute(0, "data-picture"), "held");
  await page.evaluate(() => window.gateway.back());
  await live(0, 1, 2, 3);
  assert.ok((await watched()).every((w) => w.endsWith("if_free")));
  assert.equal(await page.$eval('[data-tile="0"] canvas', (c) => c.hasAttribute("data-held")), false);
});

test("while a player is replaced the last picture is held", async () => {
  page = await app.open({ cameras });
  await live(0);
  await page.evaluate(() => {
    window.gateway.pause("c1");
    window.gateway.end(document.querySelector('[data-tile="0"]').dataset.view, "view.expired", {}, true);
  });
  await tileIn(page, 0, "stale");
  await page.waitForFunction(() => window.gateway.watched.filter((w) => w.camera === "c1").length === 2);
  assert.ok((await light(0, "canvas")) > 500, "the last picture is held");
  await page.evaluate(() => window.gateway.play("c1"));
  await live(0);
});

test("an evicted tile says by what, forgets the picture and waits for a person", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  await page.evaluate(() =>
    window.gateway.end(document.querySelector('[data-tile="2"]').dataset.view, "view.evicted", {
      camera: "Gate 2",
      number: "5",
      where: "Chrome, Windows",
      address: "10.0.0.5",
    }),
  );
  await tileIn(page, 2, "evicted");
  const text = await page.textContent('[data-tile="2"] .trouble-box');
  assert.match(text, /limit of 4 views/);
  assert.match(text, /“Gate 2” \(No\. 5\) was opened in Chrome, Windows \(10\.0\.0\.5\) at \d\d:\d\d\./);
  assert.equal(await light(2, "canvas"), 0);
  await page.evaluate(() => window.gateway.away());
  await page.evaluate(() => window.gateway.back());
  await page.waitForTimeout(1500); // a time in which nothing may happen
  assert.equal((await watched()).length, 4);
  await page.click('[data-tile="2"] [data-act="again"]');
  await live(2);
  assert.equal((await watched()).at(-1), "c3 evict_oldest");
});

test("everything goes by keyboard: pick, search, enlarge, close, help", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Delete");
  await tileIn(page, 3, "empty");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".picker .row");
  await page.keyboard.type("camera 5");
  await page.keyboard.press("Enter");
  await live(3);
  assert.equal(await attribute(3, "data-camera"), "c5");
  await page.keyboard.press("f");
  await page.waitForSelector(".overview");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.getAttribute(".overview-tile:nth-child(2)", "aria-current"), "true");
  await page.keyboard.press("f");
  await page.waitForSelector(".overview", { state: "detached" });
  await live(0, 1, 2, 3);
  await page.keyboard.press("?");
  await page.waitForSelector(".help");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".help", { state: "detached" });
});

test("tiles behind an enlarged one are not marked for being unseen", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  await page.keyboard.press("f");
  await page.waitForTimeout(6000); // longer than any mark takes
  assert.deepEqual(await page.$$eval("[data-tile]", (tiles) => tiles.map((t) => t.dataset.state)), [
    "live",
    "live",
    "live",
    "live",
  ]);
});

test("a tab that was hidden comes back without a false mark, and marks what died meanwhile", async () => {
  page = await app.open({ cameras });
  await live(0, 1, 2, 3);
  const hide = (state) =>
    page.evaluate((s) => {
      Object.defineProperty(document, "visibilityState", { value: s, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await hide("hidden");
  await page.evaluate(() => window.gateway.pause("c2"));
  await page.waitForTimeout(5000);
  await hide("visible");
  assert.equal(await attribute(0, "data-state"), "live");
  await tileIn(page, 1, "stale", 3500);
  assert.equal(await attribute(0, "data-state"), "live");
});

test("sign-in tells what is wrong, and the wall follows", async () => {
  page = await app.open({ cameras, signedIn: false });
  app.faults.length = 0;
  await page.waitForSelector("#login:focus");
  await page.keyboard.press("Enter");
  assert.match(await page.textContent("#trouble"), /Enter your login/);
  await page.keyboard.type("operator");
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /is wrong/.test(document.querySelector("#trouble").textContent));
  await page.fill("#password", "secret");
  await page.keyboard.press("Enter");
  await live(0, 1, 2, 3);
  await page.click('[data-act="sign-out"]');
  await page.waitForSelector("#login");
  assert.equal(await page.evaluate(() => window.gateway.views.size), 0);
});
