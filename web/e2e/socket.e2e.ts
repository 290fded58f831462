import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import { hiccup, soon } from "./stage.ts";
import { Wire } from "./wire.ts";

const stage = onStage();
let wire: Wire | undefined;

beforeAll(async () => {
  wire = await Wire.to(stage.gateway.host);
});
afterAll(() => wire?.close());

it("goes on playing while the socket is lost, and says that it is", async () => {
  if (!wire) throw new Error("there is no wire");
  const who = await stage.person([1, 2, 3, 4]);
  const screen = await stage.screen(who, { url: wire.url });
  await Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 1, soon)));
  const banner = screen.page.locator(".banner");
  expect(await banner.count()).toBe(0);
  const [since, peers, event] = [await screen.now(), await screen.peers(), await stage.admin.lastEvent()];

  wire.cut();
  await eventually("a banner", 4000, async () =>
    /No connection to the gateway since \d\d:\d\d:\d\d/.test(await banner.innerText()),
  );
  await Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 1, 5000)));
  wire.mend();
  await eventually("no banner", 20_000, async () => (await banner.count()) === 0);

  await Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 1, 5000)));
  const gaps = await Promise.all(screen.tiles().map((tile) => tile.gap(since)));
  expect(Math.max(...gaps), `longest gaps between frames in ms: ${gaps}`).toBeLessThan(hiccup);
  expect(await screen.said(since)).toEqual([]);
  expect(await screen.peers()).toBe(peers);
  expect((await stage.admin.events(event)).filter((e) => e.kind.startsWith("view."))).toEqual([]);

  // The new socket is as good as the old one: a camera called through it comes.
  await screen.call(0, 4);
  await screen.tile(0).plays(4, soon);
});
