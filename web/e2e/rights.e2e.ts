import { expect, it } from "vitest";
import { dicts, words } from "../src/i18n/index.ts";
import { eventually } from "./eventually.ts";
import { linger } from "./gateway.ts";
import { onStage } from "./onstage.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const judgedWithin = 2000; // ms after a change of rights

it("ends a view when its grant, its camera or its user goes, and says so", async () => {
  const spare = await stage.add({ name: "Spare", address: stage.cameras.camera(4).address });
  const who = await stage.person([3, 4, 6, spare.number]);
  const screen = await stage.screen(who);
  const [first, second, , fourth] = screen.tiles();
  if (!first || !second || !fourth) throw new Error("the wall has no four tiles");
  await Promise.all([first.plays(3, soon), second.plays(4, soon), fourth.plays(4, soon)]);
  const since = await screen.now();

  await stage.admin.ask("DELETE", `/users/${who.id}/cameras/${stage.camera(3).id}`);
  await first.tells(words(dicts.en, "view.revoked"), judgedWithin);
  expect(await first.picture()).toBeNull(); // what may not be watched is not to be seen either

  await stage.admin.ask("DELETE", `/cameras/${spare.id}?force=true`);
  await fourth.tells(words(dicts.en, "camera.deleted"), judgedWithin);

  expect((await screen.said(since)).filter((s) => s.tile === second.index)).toEqual([]);
  await second.plays(4, 5000);

  await stage.admin.ask("PATCH", `/users/${who.id}`, { banned: true });
  await screen.page.waitForSelector("#login", { timeout: judgedWithin });
  expect(await screen.page.innerText(".signin")).toContain(dicts.en.signIn.ended);
  expect(await screen.page.locator("video").count()).toBe(0);
  await eventually("no views", judgedWithin, async () => (await stage.admin.views(who.login)).length === 0);
});

it("takes a killed browser's views back, and lets go of its camera", async () => {
  const who = await stage.person([5]);
  const browser = await stage.browser();
  const screen = await stage.screen(who, { browser });
  await screen.tile(0).plays(5, soon);
  expect(await stage.cameras.sessions(5)).toBe(1);

  browser.kill();
  await eventually("its views are gone", 15_000, async () => (await stage.admin.views(who.login)).length === 0);
  await eventually("the camera has no session", linger + 2000, async () => (await stage.cameras.sessions(5)) === 0);
});
