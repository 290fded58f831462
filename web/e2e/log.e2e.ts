import { expect, it } from "vitest";
import { common } from "../src/admin/words/common.ts";
import { logWords } from "../src/admin/words/log.ts";
import { settingsWords } from "../src/admin/words/settings.ts";
import { viewsWords } from "../src/admin/words/views.ts";
import { dicts, words } from "../src/i18n/index.ts";
import { Client } from "./client.ts";
import { eventually } from "./eventually.ts";
import { adminPassword } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const [t, v, s, c] = [logWords.ru, viewsWords.ru, settingsWords.ru, common.ru];
const admin = { login: "admin", password: adminPassword };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

it("ends somebody's view, tells them by whom, and keeps the story in the log as it happens", async () => {
  const who = await stage.person([3], ["Вера", "Ёлкина"]);
  const screen = await stage.screen(who);
  const tile = screen.tile(0);
  await tile.plays(3, soon);
  const [office, log] = await Promise.all([
    Office.enter(stage.chromium, stage.gateway.url, admin, "#/views"),
    Office.enter(stage.chromium, stage.gateway.url, admin, "#/log?kind=view.&q=елкина"),
  ]);
  await office.heading(v.title);
  await office.reads("Ёлкина В.", '[data-column="who"]');
  await office.reads(stage.camera(3).name, '[data-column="camera"]');
  expect(await office.faults()).toEqual([]);
  await log.heading(t.title);
  await eventually("the beginning alone", answered, async () => (await log.column("what")).length === 1);
  await log.page.waitForSelector('[data-feed="live"]');

  await office.act("end");
  await office.reads(v.ask.title("Ёлкина В."), "dialog");
  await office.act("no", "dialog");
  await office.act("end");
  await office.act("yes", "dialog");
  await tile.tells(words(dicts.en, "view.closed", { by: "admin" }), soon);
  await office.reads(v.empty, ".table-box");

  // By itself: nobody reads the log anew.
  await eventually("the end", answered, async () =>
    (await log.column("what"))[0]?.startsWith(t.kinds["view.ended"] ?? "?"),
  );
  const [ended] = await log.column("who");
  expect(ended).toMatch(/^admin\s*→ Ёлкина В\.$/);
  expect((await log.column("camera"))[0]).toContain(stage.camera(3).name);
  expect(await log.faults()).toEqual([]);

  // Held still, it waits; going on, it has everything.
  await log.act("pause");
  await log.reads(t.feed.paused, "[data-feed]");
  await log.page.fill("input[type=search]", "");
  await log.page.selectOption("[data-filter=kind] select", "session.refused");
  await log.settled();
  const refused = async () => (await log.column("what")).length;
  const before = await refused();
  await expect(Client.signIn(stage.gateway.url, "nobody-here", "wrong wrong wrong")).rejects.toThrow();
  await log.act("pause");
  await eventually("the refused sign-in", answered, async () => (await refused()) === before + 1);

  // Narrowed to the person by a click on the name.
  await log.page.selectOption("[data-filter=kind] select", "");
  await log.page.fill("input[type=search]", "ёлкина");
  await eventually("her rows alone", answered, async () =>
    (await log.column("who")).every((text) => text.includes("Ёлкина")),
  );
  await log.page.locator('[data-column="who"] button', { hasText: "Ёлкина" }).first().click();
  await log.reads(t.person("Ёлкина В."), ".tools-line");
  await log.page.fill("input[type=search]", "");
  await eventually("her id in the address", answered, () => log.hash.includes(`user=${who.id}`));
  await log.page.reload();
  await log.heading(t.title);
  await log.reads(t.person("Ёлкина В."), ".tools-line");
});

it("narrows the log by time, on a telephone too, without a fault of accessibility", async () => {
  const office = await Office.enter(stage.chromium, stage.gateway.url, admin, "#/log", { size: phone });
  await office.heading(t.title);
  await eventually("rows", answered, async () => (await office.column("what")).length > 0);
  expect(await office.faults()).toEqual([]);
  const wide = await office.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await office.page.fill("[name=from]", "2100-01-01T00:00");
  await office.reads(c.table.nothing, ".table-box");
  await office.page.click(".table-box .button-quiet");
  await eventually("rows again", answered, async () => (await office.column("what")).length > 0);
});

it("changes the settings, with complaints at their fields, and logs which", async () => {
  const office = await Office.enter(stage.chromium, stage.gateway.url, admin, "#/settings");
  await office.heading(s.title);
  await office.field("sweep_every_s").fill("5");
  await office.save();
  await office.reads(c.faults.too_small, "[data-field=sweep_every_s]");
  await office.field("sweep_every_s").fill("0");
  await office.field("events_keep_days").fill("90");
  await office.save();
  await office.reads(s.shorter.text(90), "dialog");
  await office.act("yes", "dialog");
  await office.reads(s.saved, ".notes");
  expect(await stage.admin.ask("GET", "/settings")).toMatchObject({
    events_keep_days: 90,
    sweep_every_s: 0,
    version: 2,
  });

  await office.open("#/log?kind=settings.");
  await office.heading(t.title);
  const changed = [t.kinds["settings.changed"], t.fields.events_keep_days, t.fields.sweep_every_s];
  for (const text of changed) await office.reads(text ?? "?", '[data-column="what"]');
});
