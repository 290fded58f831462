import { availableParallelism, loadavg } from "node:os";
import { afterAll, expect, it } from "vitest";
import { usual } from "./chromium.ts";
import { pause } from "./eventually.ts";
import { Lan } from "./lan.ts";
import { onStage } from "./onstage.ts";
import { furthestBehind, hiccup, soon } from "./stage.ts";

const fallsBackWithin = 6000; // ms from the click
const lossy = 3; // of a hundred packets
const watched = 15_000; // ms
const calm = 2 * availableParallelism(); // a load beyond it is not of these programs: they wait for the processor

const root = process.geteuid?.() === 0;
if (!root && process.env.CI) throw new Error("network namespaces need root");
const lan = root ? await Lan.make() : undefined;
afterAll(() => lan?.close());
const stage = onStage(lan?.host);

it.skipIf(!lan)(
  "goes on by HLS where the network drops WebRTC's port, and takes WebRTC again when it lets it through",
  async () => {
    if (!lan) return;
    const browser = await stage.browser(await lan.wrapped(usual));
    const who = await stage.person([4]);
    const screen = await stage.screen(who, { browser });
    const tile = screen.tile(0);
    await tile.playsBy("webrtc", 4, soon);
    await screen.clear(0);
    await screen.page.reload(); // what the page has learned about the network is forgotten
    await tile.says("empty", soon);

    const port = stage.gateway.webrtcPort;
    await lan.block(port);
    const clicked = await screen.now();
    await screen.call(0, 4);
    await tile.playsBy("hls", 4, 2 * soon);
    const live = (await screen.said(clicked)).find((s) => s.tile === 0 && s.state === "live");
    const took = (live?.at ?? Number.NaN) - clicked;
    console.info(`by HLS ${took.toFixed(0)} ms after the click`);
    const load = loadavg()[0] ?? 0;
    const quiet = load <= calm;
    if (!quiet) console.warn(`the fallback is judged loosely: the load of this machine is ${load.toFixed(1)}`);
    expect(took, "ms from the click to the picture by HLS").toBeLessThan((quiet ? 1 : 2) * fallsBackWithin);
    await tile.isNear(furthestBehind, soon);
    const why = await tile.transport();
    expect(why).toContain(`${port} UDP and TCP unreachable at `);
    expect(why).toContain(lan.host);
    expect(await tile.attribute("why")).toBe("webrtc.no_path");
    const [view] = await stage.admin.views(who.login);

    // Tried again while it is still blocked: the picture by HLS goes on.
    const tried = await screen.now();
    await tile.tryWebRTC();
    await expect.poll(() => screen.page.locator('[data-act="webrtc"]').isDisabled(), { timeout: soon }).toBe(true);
    await expect.poll(() => screen.page.locator('[data-act="webrtc"]').isEnabled(), { timeout: soon }).toBe(true);
    await tile.playsBy("hls", 4, soon);
    const { starved, fed } = await tile.stood(tried);
    const stood = Math.max(starved, fed);
    console.info(`a vain attempt held the picture up for ${stood.toFixed(0)} ms`);
    expect(stood, "ms for which the picture stood").toBeLessThan(hiccup);

    // On another network it goes back by itself.
    await lan.unblock();
    const changed = await screen.now();
    await screen.page.evaluate(() => dispatchEvent(new Event("online")));
    await tile.playsBy("webrtc", 4, 2 * soon);
    expect((await screen.said(changed)).filter((s) => s.state !== "live")).toEqual([]);
    expect(await screen.page.locator('[data-tile="0"] .delay').count()).toBe(0);
    expect(await stage.admin.views(who.login)).toMatchObject([{ view: view?.view, opened_at: view?.opened_at }]);

    // The port is known to work: the next camera goes by WebRTC at once.
    await screen.clear(0);
    await screen.call(0, 4);
    await tile.playsBy("webrtc", 4, soon);
  },
);

it.skipIf(!lan)("plays on by HLS, near live, where the network loses packets", async () => {
  if (!lan) return;
  const browser = await stage.browser(await lan.wrapped(usual));
  const screen = await stage.screen(await stage.person([2]), { browser, lacks: "webrtc" });
  const tile = screen.tile(0);
  await tile.playsBy("hls", 2, soon);
  await lan.lose(lossy);
  const [since, from] = [await screen.now(), await tile.currentTime()];
  await pause(watched);
  const [until, to] = [await screen.now(), await tile.currentTime()];
  const lost = await lan.lost();
  const stalls = await tile.stalls(since);
  console.info(
    `${lost} packets lost; in ${((until - since) / 1000).toFixed(1)} s the picture went on ${(to - from).toFixed(1)} s and stopped ${stalls.length} times, ${await tile.behind()} s behind live`,
  );
  expect(lost).toBeGreaterThan(0);
  expect(Math.abs(to - from - (until - since) / 1000)).toBeLessThan(furthestBehind);
  await tile.playsBy("hls", 2, soon);
  await tile.isNear(furthestBehind, soon);
});
