// Takes pictures of every screen in both languages and sizes, from a build, for people to look at: npm run build && npm run look -- FOLDER
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { start, tileIn } from "./browser.mjs";

const folder = process.argv[2] ?? "pictures";
mkdirSync(folder, { recursive: true });

const cameras = [
  { id: "c1", number: 1, name: "Северные ворота", location: "Корпус А, въезд" },
  { id: "c2", number: 2, name: "Погрузка, рампа 2", location: "Склад", audio: true },
  { id: "c3", number: 3, name: "Parking North", location: "Street level" },
  {
    id: "c4",
    number: 4,
    name: "Ёлочная аллея — длинное название камеры у перехода",
    location: "Территория, сектор 12, опора 4",
  },
  { id: "c5", number: 5, name: "Gate 2", location: "Building B" },
  {
    id: "c6",
    number: 12,
    name: "Серверная",
    location: "Корпус А, 2 этаж",
    state: { status: "refused", code: "camera.credentials" },
  },
  {
    id: "c7",
    number: 40,
    name: "Roof PTZ",
    location: "Building B",
    state: { status: "unsupported", code: "media.codec", params: { codec: "H265" } },
  },
  {
    id: "c8",
    number: 115,
    name: "Насосная",
    location: "Подвал",
    state: { status: "connecting", code: "camera.timeout" },
  },
];
const favourites = ["c1", "c2", "c3", "c4"];

const sizes = { wide: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };
const app = await start();
const open = (language, size, { path = "/", ...setup }) =>
  app.open(
    { cameras, favourites, ...setup },
    { path, viewport: sizes[size], locale: language, hasTouch: size === "phone" },
  );

for (const language of ["en", "ru"]) {
  for (const size of ["wide", "phone"]) {
    const shot = async (page, name) => {
      await page.screenshot({ path: join(folder, `${name}-${size}-${language}.png`) });
    };

    let page = await open(language, size, { signedIn: false });
    await page.waitForSelector("#login");
    await shot(page, "1-signin");
    await page.fill("#login", "operator");
    await page.fill("#password", "slow");
    await page.press("#password", "Enter");
    await page.waitForSelector("#trouble .icon");
    await shot(page, "2-signin-wait");
    await page.context().close();

    page = await open(language, size, {});
    for (let i = 0; i < 4; i++) await tileIn(page, i, "live");
    await page.waitForTimeout(1200);
    await shot(page, "3-wall");
    await page.keyboard.press("5");
    await shot(page, "4-number");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".picker .row");
    await shot(page, "5-picker");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await shot(page, "6-help");
    await page.keyboard.press("Escape");

    // A paused camera, an evicted view, refused and unsupported cameras.
    await page.evaluate(() => {
      window.gateway.pause("c1");
      window.gateway.tell("c1", { status: "stalled", code: "camera.stalled" });
      const second = document.querySelector('[data-tile="1"]').dataset.view;
      window.gateway.end(second, "view.evicted", {
        camera: "Gate 2",
        number: "5",
        where: "Chrome, Windows",
        address: "10.0.0.5",
      });
    });
    await page.click('[data-tile="2"]');
    for (const key of ["1", "2", "Enter", "ArrowRight", "4", "0", "Enter"]) await page.keyboard.press(key);
    await tileIn(page, 0, "stale");
    await tileIn(page, 1, "evicted");
    await tileIn(page, 2, "refused");
    await tileIn(page, 3, "unsupported");
    await shot(page, "7-troubles");

    await page.evaluate(() => window.gateway.away());
    await page.waitForSelector(".banner");
    await shot(page, "8-lost");
    await page.evaluate(() => window.gateway.back());
    await page.waitForSelector(".banner", { state: "detached", timeout: 30_000 });
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("f");
    await page.waitForSelector(".overview");
    await page.waitForTimeout(500);
    await shot(page, "9-enlarged");
    await page.context().close();

    // HLS: a blocked port, a camera that stopped, one without H.264, one with B-frames; then no WebSocket.
    const hls = cameras.map((c) =>
      c.id === "c4" ? { ...c, state: { status: "unsupported", code: "media.bframes" } } : c,
    );
    page = await open(language, size, { cameras: hls, webrtc: "blocked" });
    for (let i = 0; i < 4; i++)
      await page.waitForSelector(`[data-tile="${i}"][data-transport="hls"][data-state="live"]`);
    await page.waitForTimeout(1500);
    await shot(page, "11-hls");
    await page.keyboard.press("w");
    await page.waitForSelector('[data-act="webrtc"]:disabled');
    await shot(page, "12-hls-trying");
    await page.evaluate(() => {
      window.gateway.pause("c2");
      window.gateway.tell("c2", { status: "stalled", code: "camera.lost" });
    });
    await tileIn(page, 1, "stale");
    await page.waitForTimeout(2500);
    await shot(page, "13-hls-stale");
    await page.context().close();
    page = await open(language, size, { sockets: "blocked" });
    for (let i = 0; i < 4; i++) await tileIn(page, i, "live");
    await page.waitForTimeout(1000);
    await shot(page, "14-no-websocket");
    await page.context().close();
    page = await open(language, size, { webrtc: "blocked", ffmpeg: "missing" });
    await page.waitForFunction(() => /FFmpeg/.test(document.querySelector(".why")?.textContent ?? ""));
    await shot(page, "15-no-ffmpeg");
    await page.context().close();

    // The page for television sets.
    page = await open(language, size, { signedIn: false, path: "/?legacy" });
    await page.waitForSelector("#login:focus");
    await page.keyboard.press("Enter");
    await shot(page, "20-tv-signin");
    await page.context().close();
    page = await open(language, size, { path: "/?legacy" });
    await page.waitForSelector(".row:focus");
    await page.keyboard.press("ArrowDown");
    await shot(page, "21-tv-list");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".watch-live");
    await page.waitForTimeout(1200);
    await shot(page, "22-tv-live");
    await page.keyboard.press("1");
    await page.keyboard.press("2");
    await shot(page, "23-tv-number");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".watch-refused");
    await shot(page, "24-tv-refused");
    await page.keyboard.press("4");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".watch-live");
    await page.evaluate(() => {
      window.gateway.pause("c4");
      window.gateway.tell("c4", { status: "stalled", code: "camera.lost" });
    });
    await page.waitForSelector(".watch-stale");
    await page.waitForTimeout(2500);
    await shot(page, "25-tv-stale");
    await page.evaluate(() => {
      const [view] = window.gateway.views.keys();
      window.gateway.end(view, "view.evicted", { camera: "Gate 2", number: "5", where: "Chrome, Windows" });
    });
    await page.waitForSelector(".watch-evicted");
    await shot(page, "26-tv-evicted");
    await page.context().close();

    page = await open(language, size, { limit: 2, elsewhere: 0 });
    await tileIn(page, 0, "live");
    await tileIn(page, 3, "limit");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Delete");
    await page.waitForTimeout(300);
    await shot(page, "10-limit");
    await page.context().close();
  }
}

await app.stop();
const faults = app.faults.filter((f) => !/410|503/.test(f)); // the browser's notes of how views end
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
