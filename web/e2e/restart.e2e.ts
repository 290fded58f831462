import { expect, it } from "vitest";
import { eventually, pause } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import type { Screen } from "./screen.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const comeback = 30_000; // ms after the gateway is there again
const away = 6000; // ms without a gateway, in which all that waited for something has tried

/** A tile that plays, and what. */
interface Playing {
  screen: Screen;
  tile: number;
  camera: number;
}

it("brings the same tiles back after the gateway was killed, and closes nobody's view for them", async () => {
  const { login, playing } = await twoBrowsersSixCameras();
  const before = await views(login);
  const click = await stage.admin.lastEvent();

  await stage.gateway.end("SIGKILL");
  await pause(away);
  await stage.gateway.begin();
  const back = performance.now();

  await Promise.all(playing.map(({ screen, tile, camera }) => screen.tile(tile).plays(camera, comeback)));
  // The second window's other two tiles wait for a free place all the while, and may not get one of these.
  await pause(comeback - (performance.now() - back));
  await Promise.all(playing.map(({ screen, tile, camera }) => screen.tile(tile).plays(camera, 5000)));
  expect(await views(login)).toEqual(before);
  expect((await stage.admin.events(click)).filter((e) => e.code === "view.evicted")).toEqual([]);
});

it("brings the tiles back after the gateway was asked to end", async () => {
  const screen = await stage.screen(await stage.person([3, 4, 5, 6]));
  const play = () => Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 3, comeback)));
  await play();
  await stage.gateway.end("SIGTERM");
  await stage.gateway.begin();
  await play();
});

/** Two browsers of one user: the first's wall of four, and two more cameras that the second called by clicks, which closed two of the first's. */
async function twoBrowsersSixCameras(): Promise<{ login: string; playing: Playing[] }> {
  const who = await stage.person([1, 2, 3, 4, 5, 6]);
  const one = await stage.screen(who);
  await Promise.all(one.tiles().map((tile, i) => tile.plays(i + 1, soon)));
  const two = await stage.screen(who, { browser: await stage.browser() });
  const start = await stage.admin.lastEvent();
  await two.tile(0).says("limit", soon);
  await two.call(0, 5);
  await two.tile(0).plays(5, soon);
  await two.call(1, 6);
  await two.tile(1).plays(6, soon);
  await eventually("two evictions in the event log", 5000, async () => {
    const evictions = (await stage.admin.events(start)).filter((e) => e.code === "view.evicted");
    return evictions.length === 2;
  });
  const playing: Playing[] = [
    { screen: two, tile: 0, camera: 5 },
    { screen: two, tile: 1, camera: 6 },
  ];
  for (const tile of one.tiles()) {
    if ((await tile.attribute("state")) === "live")
      playing.push({ screen: one, tile: tile.index, camera: tile.index + 1 });
  }
  expect(playing).toHaveLength(4);
  return { login: who.login, playing };
}

/** The ids of what a user watches. */
async function views(login: string): Promise<string[]> {
  return (await stage.admin.views(login)).map((v) => v.view).sort();
}
