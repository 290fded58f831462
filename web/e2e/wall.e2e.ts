import { expect, it } from "vitest";
import { dicts } from "../src/i18n/index.ts";
import { eventually, pause } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import type { Tile } from "./screen.ts";
import { hiccup, soon } from "./stage.ts";

const stage = onStage();

it("shows four live tiles with the right cameras to whoever signs in", async () => {
  const screen = await stage.screen(await stage.person([1, 2, 3, 4]));
  await Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 1, soon)));
});

it("closes the oldest view for the fifth, says which camera was opened where, and opens it again by a click only", async () => {
  const who = await stage.person([1, 2, 3, 4, 5]);
  const first = await stage.screen(who);
  await Promise.all(first.tiles().map((tile, i) => tile.plays(i + 1, soon)));

  const second = await stage.screen(who);
  await second.tile(0).says("limit", soon); // a page never closes another's views by itself
  const opened = await ages(who.login);
  await second.call(0, 5);
  await second.tile(0).plays(5, soon);

  const evicted = await theEvicted(first.tiles(), opened);
  const words = await evicted.words();
  expect(words).toContain(stage.camera(5).name);
  expect(words).toMatch(/No\. 5\b/);
  expect(words).toContain("Chrome, Linux");
  expect(words).toMatch(/\d\d:\d\d/);
  await first.speak("ru");
  expect(await evicted.words()).toContain("№ 5");
  await first.speak("en");

  // Nothing comes back by itself: longer than a page waits before it tries again.
  const since = await first.now();
  await pause(4000);
  expect(await first.said(since)).toEqual([]);

  const left = await ages(who.login);
  await evicted.again();
  await evicted.plays(evicted.index + 1, soon);
  await theEvicted([...first.tiles().filter((tile) => tile.index !== evicted.index), second.tile(0)], left);
  expect(await stage.admin.views(who.login)).toHaveLength(4);
});

it("changes only the tile into which a camera is called by its number", async () => {
  const screen = await stage.screen(await stage.person([1, 2, 3, 4, 5, 6]));
  await Promise.all(screen.tiles().map((tile, i) => tile.plays(i + 1, soon)));
  const others = [0, 2, 3].map((i) => screen.tile(i));
  const videos = await Promise.all(others.map((tile) => tile.video()));
  const [since, peers] = [await screen.now(), await screen.peers()];

  // Over the connection that the tile has: no other is made.
  await screen.call(1, 5);
  await screen.tile(1).plays(5, soon);
  await screen.call(1, 6);
  await screen.tile(1).plays(6, soon);
  await screen.call(1, 5);
  await screen.tile(1).plays(5, soon);
  expect(await screen.peers()).toBe(peers);

  const gaps = await Promise.all(others.map((tile) => tile.gap(since)));
  expect(Math.max(...gaps), `gaps of the other tiles in ms: ${gaps}`).toBeLessThan(hiccup);
  expect(await Promise.all(others.map((tile) => tile.video()))).toEqual(videos);
  expect((await screen.said(since)).filter((s) => s.tile !== 1)).toEqual([]);
  for (const tile of others) await tile.plays(tile.index + 1, soon);
});

it("speaks Russian and English, and remembers which", async () => {
  const who = await stage.person([4]);
  const page = await stage.chromium.page("ru");
  await page.goto(stage.gateway.url);
  await page.waitForSelector("#login");
  expect(await page.getAttribute("html", "lang")).toBe("ru");
  expect(await page.innerText("h1")).toBe(dicts.ru.signIn.heading);

  const screen = await stage.screen(who, { language: "ru" });
  await screen.tile(0).plays(4, soon);
  const said: Record<string, string[]> = {};
  for (const language of ["ru", "en"] as const) {
    await screen.speak(language);
    await screen.page.keyboard.press("?");
    said[language] = [
      await screen.page.innerText("[data-act=cameras]"),
      await screen.page.innerText('[data-tile="0"] .pill'),
      await screen.page.innerText('[data-tile="1"] .stage'),
      await screen.page.innerText("dialog"),
    ];
    await screen.page.keyboard.press("Escape");
  }
  for (const [i, text] of (said.ru ?? []).entries()) {
    expect(text).toMatch(/[а-яё]/i);
    expect(said.en?.[i]).not.toMatch(/[а-яё]/i);
  }
  await screen.page.reload();
  await screen.tile(0).plays(4, soon);
  expect(await screen.page.getAttribute("html", "lang")).toBe("en");
});

/** When each of a user's views was opened, in ms, by the views' ids. */
async function ages(login: string): Promise<Map<string, number>> {
  return new Map((await stage.admin.views(login)).map((v) => [v.view, Date.parse(v.opened_at)]));
}

/** Waits until one of the tiles was evicted and makes sure that none was opened before it. */
async function theEvicted(tiles: Tile[], opened: Map<string, number>): Promise<Tile> {
  const views = await Promise.all(tiles.map((tile) => tile.attribute("view")));
  const tile = await eventually("a tile is evicted", 2000, async () => {
    for (const it of tiles) if ((await it.attribute("state")) === "evicted") return it;
    return undefined;
  });
  const age = opened.get(views[tiles.indexOf(tile)] ?? "");
  expect(age).toBe(Math.min(...opened.values()));
  return tile;
}
