import { expect, it } from "vitest";
import { camerasWords } from "../src/admin/words/cameras.ts";
import { common } from "../src/admin/words/common.ts";
import { groupsWords } from "../src/admin/words/groups.ts";
import { cameras as cameraCodes } from "../src/i18n/codes/cameras.ts";
import { Client } from "./client.ts";
import { enterEstate } from "./estate.ts";
import { eventually } from "./eventually.ts";
import { adminPassword } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";
import type { Person } from "./screen.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const [t, c, g] = [camerasWords.ru, common.ru, groupsWords.ru];
const admin = { login: "admin", password: adminPassword };
let people = 0;

/** Registers somebody with a role. */
async function hire(role: "user" | "moderator", last_name = "", first_name = ""): Promise<Person> {
  const login = `${role}${++people}`;
  const password = `battery staple ${role} ${people}`;
  const fields = { login, password, role, last_name, first_name };
  const { id } = await stage.admin.ask<{ id: string }>("POST", "/users", fields);
  return { id, login, password };
}

function enter(who: { login: string; password: string }, hash: string): Promise<Office> {
  return Office.enter(stage.chromium, stage.gateway.url, who, hash);
}

it("lets a moderator add a camera and change it, with complaints at their fields and no secret on the screen", async () => {
  const office = await enter(await hire("moderator"), "#/cameras");
  const { page } = office;
  await office.heading(t.title);
  await office.act("add");
  await office.heading(t.add);
  await office.save();
  await office.reads(c.faults.required, "[data-field=name]");
  await page.waitForSelector("[name=name]:focus");

  const camera = stage.cameras.camera(4);
  const { host } = new URL(camera.address.replace("rtsp:", "http:"));
  await office.field("name").fill("Въезд со двора");
  await office.field("location").fill("Корпус Б, двор");
  await office.field("tags").fill("улица, ворота,");
  await office.field("address").fill(camera.address.replace("rtsp://", "rtsp://viewer:Canary-7@"));
  await office.save();
  await office.heading(/^№ \d+ Въезд со двора$/);
  expect(await office.field("address").inputValue()).toBe(camera.address);
  expect(await office.field("username").inputValue()).toBe("viewer");
  expect(await page.content()).not.toContain("Canary-7");
  await office.reads(t.form.passwordKept, "[data-field=password]");

  // The kept password does not go to another device by itself: said before anything is sent, and refused by the gateway.
  await office.field("address").fill(camera.address.replace(host, "127.0.0.1:9"));
  await office.reads(t.form.hostTitle, "[data-advice=password]");
  await office.save();
  await office.reads(cameraCodes.ru["camera.password_required"]({}), "[data-field=password]");
  await office.act("undo");

  await office.field("name").fill("Въезд со двора, ворота 2");
  await office.save();
  await office.heading(/^№ \d+ Въезд со двора, ворота 2$/);
  await office.reads(t.saved, ".notes");

  // Searched without regard to case and ё; the address remembers the search through a reload.
  await page.click("a.up");
  await office.heading(t.title);
  await page.fill("input[type=search]", "ВЪЕЗД со двора");
  await eventually("the camera alone", answered, async () => (await office.column("name")).length === 1);
  await eventually("the search in the address", answered, () => decodeURIComponent(office.hash).includes("ВЪЕЗД"));
  await page.reload();
  await office.heading(t.title);
  expect(await page.inputValue("input[type=search]")).toBe("ВЪЕЗД со двора");
  await eventually("the camera alone", answered, async () => (await office.column("name")).length === 1);

  // The menu's link to this very page shows all of it again.
  await page.click("[data-place=cameras]");
  await eventually("all cameras", answered, async () => (await office.column("name")).length > 1);
  expect(await page.inputValue("input[type=search]")).toBe("");
});

it("asks before unsaved changes are left, by a link and by back", async () => {
  const office = await enter(await hire("moderator"), "#/cameras");
  const { page } = office;
  await page.click(`[data-row="${stage.camera(1).id}"] a`);
  await office.heading(new RegExp(stage.camera(1).name));
  const here = office.hash;
  await office.field("notes").fill("Не забыть");
  for (const leave of [() => page.click("[data-place=groups]"), () => page.evaluate(() => history.back())]) {
    await leave();
    await page.waitForSelector("dialog [data-act=stay]");
    expect(office.hash).toBe(here);
    await office.act("stay", "dialog");
    expect(await office.field("notes").inputValue()).toBe("Не забыть");
  }
  await page.evaluate(() => history.back());
  await office.act("leave", "dialog");
  await office.heading(t.title);
  expect(office.hash).toMatch(/^#\/cameras/);
});

it("keeps what was typed when the session ends, for the same person to go on with, and asks before signing out", async () => {
  const who = await hire("moderator");
  const office = await enter(who, `#/cameras/${stage.camera(1).id}`);
  const { page } = office;
  await office.field("notes").fill("Ключ у охраны");
  await stage.admin.ask("DELETE", `/users/${who.id}/sessions`);
  await office.signIn(who);
  await office.heading(new RegExp(stage.camera(1).name));
  await office.reads(c.restored, ".notes");
  expect(await office.field("notes").inputValue()).toBe("Ключ у охраны");

  await office.act("sign-out");
  await office.act("stay", "dialog");
  expect(await office.field("notes").inputValue()).toBe("Ключ у охраны");
  await office.act("sign-out");
  await office.act("leave", "dialog");
  await page.waitForSelector("#login:focus");
  expect(await stage.admin.ask("GET", `/cameras/${stage.camera(1).id}`)).toMatchObject({ notes: "" });

  // A page is begun at its heading; from the top the first key leads there past the menu.
  await office.signIn(who);
  await page.waitForSelector("h1:focus");
  await page.press(".skip", "Enter");
  await page.waitForSelector("h1:focus");
});

it("tells the second of two who edit one camera what the first has changed, and loses nothing silently", async () => {
  const camera = await stage.add({ name: "Склад", address: stage.cameras.camera(2).address });
  const hash = `#/cameras/${camera.id}`;
  const [first, second] = await Promise.all([enter(await hire("moderator"), hash), enter(admin, hash)]);
  for (const office of [first, second]) await office.heading(/Склад$/);
  await second.field("location").fill("Корпус В");
  await second.field("name").fill("Склад, дальний угол");

  await first.field("name").fill("Склад № 2");
  await first.field("notes").fill("Ключ у охраны");
  await first.save();
  await first.reads(t.saved, ".notes");

  await second.save();
  await second.reads(c.conflict.title, ".conflict");
  const told = await second.page.innerText('.conflict [data-field="name"]');
  for (const part of [t.form.name, "Склад", "Склад № 2", "Склад, дальний угол"]) expect(told).toContain(part);
  expect(await second.page.innerText('.conflict [data-field="notes"]')).toContain("Ключ у охраны");
  expect(await stage.admin.ask("GET", `/cameras/${camera.id}`)).toMatchObject({ name: "Склад № 2", location: "" });
  expect(await second.faults()).toEqual([]);

  await second.act("overwrite");
  await second.reads(t.saved, ".notes");
  expect(await stage.admin.ask("GET", `/cameras/${camera.id}`)).toMatchObject({
    name: "Склад, дальний угол",
    location: "Корпус В",
    notes: "Ключ у охраны",
  });
  expect(await second.field("notes").inputValue()).toBe("Ключ у охраны");
});

it("makes a group, puts a camera into it, grants it with an end and a reason, and shows who sees the camera", async () => {
  const office = await enter(await hire("moderator"), "#/groups");
  const { page } = office;
  const who = await hire("user", "Ёлкина", "Вера");
  await office.act("add");
  await office.heading(g.add);
  await office.field("name").fill("Смена у ворот");
  await office.save();
  await office.heading("Смена у ворот");

  await office.act("put");
  await page.fill("dialog input[type=search]", stage.camera(3).name);
  await page.locator("dialog label", { hasText: stage.camera(3).name }).click();
  await page.click("dialog [type=submit]");
  await office.reads(stage.camera(3).name, "[data-part=inside]");

  await office.act("give");
  await page.fill("dialog input[type=search]", "елкина");
  await page.locator("dialog label", { hasText: "Ёлкина" }).click();
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await page.fill("dialog [name=until]", day);
  await page.fill("dialog [name=reason]", "График на ноябрь");
  await page.click("dialog [type=submit]");
  await office.reads("Ёлкина В.", "[data-part=who]");
  await office.reads("График на ноябрь", "[data-part=who]");

  const client = await Client.signIn(stage.gateway.url, who.login, who.password);
  const seen = async () => (await client.ask<{ items: { id: string }[] }>("GET", "/me/cameras")).items.map((x) => x.id);
  expect(await seen()).toEqual([stage.camera(3).id]);

  await office.open(`#/cameras/${stage.camera(3).id}`);
  await office.reads("Ёлкина В.", "[data-part=who]");
  await office.reads("Смена у ворот", "[data-part=who]");
  await page.locator("[data-part=who] a", { hasText: "Смена у ворот" }).click();
  await office.heading("Смена у ворот");

  await page.locator("[data-part=inside] tbody input").first().check();
  await office.act("take");
  await office.act("yes", "dialog");
  await office.reads(g.insideEmpty, "[data-part=inside]");
  expect(await seen()).toEqual([]);
});

it("deletes a camera in use only when told what hangs on it", async () => {
  const camera = await stage.add({ name: "Старый двор", address: stage.cameras.camera(5).address });
  const who = await hire("user");
  await stage.admin.ask("PUT", `/users/${who.id}/cameras/${camera.id}`, {});
  const office = await enter(await hire("moderator"), `#/cameras/${camera.id}`);
  await office.heading(/Старый двор$/);
  await office.act("delete");
  await office.act("yes", "dialog");
  await office.reads(t.remove.grants(1), "dialog");
  await office.act("no", "dialog");
  expect(await stage.admin.ask("GET", `/cameras/${camera.id}`)).toMatchObject({ name: "Старый двор" });
  await office.act("delete");
  await office.act("yes", "dialog");
  await office.reads(t.remove.anyway, "dialog");
  await office.act("yes", "dialog");
  await office.heading(t.title);
  expect(await office.column("name")).not.toContain("Старый двор");
});

it("shows everybody the pages of their role only", async () => {
  const office = await enter(await hire("user"), "#/cameras");
  await office.heading(c.forbidden.title);
  expect(await office.page.locator(".admin-nav [data-place]").allInnerTexts()).toHaveLength(1);
  await office.open("#/nowhere");
  await office.heading(c.missing.title);
});

it("ends the wall's views when somebody leaves it for another page, and brings its cameras back after", async () => {
  const who = await hire("moderator");
  const screen = await stage.screen(who, { language: "ru" });
  await screen.call(0, 6);
  await screen.tile(0).plays(6, soon);
  await screen.page.click("[data-act=menu]");
  await screen.page.click("dialog [data-place=cameras]");
  const office = new Office(screen.page, stage.gateway.url);
  await office.heading(t.title);
  await eventually("no views", answered, async () => (await stage.admin.views(who.login)).length === 0);
  await screen.page.click("[data-place=wall]");
  await screen.tile(0).plays(6, soon);
});

it("keeps five hundred cameras fluid: natural order, pages, a selection across them, one change for all", async () => {
  await enterEstate(stage.admin, 500);
  const office = await enter(admin, "#/cameras?tag=ночь&sort=name");
  const { page } = office;
  await office.reads(c.table.range("1", "100", "167"), ".pager");
  const names = await office.column("name");
  expect(names).toHaveLength(100);
  const places = [...names].sort(new Intl.Collator("ru", { numeric: true }).compare);
  expect(names.map((n) => n.split("\n")[0])).toEqual(places.map((n) => n.split("\n")[0]));

  const first = names[0];
  await office.act("next");
  await office.reads(c.table.range("101", "167", "167"), ".pager");
  expect(await office.column("name")).not.toContain(first);
  await office.act("previous");
  await page.check("thead input[type=checkbox]");
  await office.reads(c.table.selected("100"), ".chosen");
  await office.act("select-all");
  await office.reads(c.table.selected("167"), ".chosen");
  await office.act("change-many");
  await page.fill("dialog [data-field=add_tags] input", "проверить,");
  expect(await office.faults()).toEqual([]);
  await page.click("dialog [type=submit]");
  await office.reads(c.bulk.done(167), ".notes");
  await page.selectOption("[data-filter=tag] select", "проверить");
  await office.reads(c.table.range("1", "100", "167"), ".pager");

  // By keyboard the other way round, and on paper all of them.
  await page.press("[data-sort=number]", "Enter");
  await page.press("[data-sort=number]", "Enter");
  await eventually("the numbers from the highest", answered, async () => {
    const numbers = (await office.column("number")).map(Number);
    return numbers.length === 100 && numbers.every((n, i) => i === 0 || n < (numbers[i - 1] ?? 0));
  });
  expect(await page.getAttribute("th:has([data-sort=number])", "aria-sort")).toBe("descending");
  await page.evaluate(() => {
    window.print = () => {};
  });
  await office.act("print");
  await page.emulateMedia({ media: "print" });
  await eventually("all on paper", answered, async () => (await page.locator(".paper tbody tr").count()) === 167);
  await eventually("nothing else on it", answered, async () => !(await page.locator(".page").isVisible()));
  expect(await page.locator(".paper").innerText()).toContain("Корпус");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await eventually("the paper is gone", answered, async () => (await page.locator(".paper").count()) === 0);
});

it("has no page with which axe finds a fault, on a wide screen and on a phone", async () => {
  const camera = stage.camera(1);
  const { id: group } = await stage.admin.ask<{ id: string }>("POST", "/groups", { name: "Проверка" });
  await stage.admin.ask("PUT", `/groups/${group}/cameras/${camera.id}`);
  const who = await hire("user", "Иванов", "Иван");
  await stage.admin.ask("PUT", `/users/${who.id}/groups/${group}`, { reason: "Проверка" });
  const pages = [
    "cameras",
    `cameras/${camera.id}`,
    "cameras/new",
    "probes",
    "groups",
    "groups/new",
    `groups/${group}`,
    "users",
    "users/new",
    `users/${who.id}`,
    "people",
    `people/${who.id}`,
    "devices",
    "devices/new",
    "views",
    "log",
    "settings",
    "account",
    "nowhere",
  ];
  const differs = new Set(["cameras", `cameras/${camera.id}`, "log"]);
  const office = await enter(admin, "#/cameras");
  const { page } = office;
  const sizes = { wide: { width: 1280, height: 720 }, phone: { width: 390, height: 844 } };
  for (const path of pages) {
    await office.open(`#/${path}`);
    for (const [name, size] of Object.entries(sizes)) {
      await page.setViewportSize(size);
      // On a phone the others are made of the same; npm run e2e:pages judges all, dialogs too.
      if (name === "wide" || differs.has(path)) expect(await office.faults(), `${path} ${name}`).toEqual([]);
      // Nothing stands out to the side, where a narrow screen would have to be pushed.
      const wider = await page.evaluate(() => {
        const main = document.querySelector(".admin-main");
        return main ? main.scrollWidth - main.clientWidth : 0;
      });
      expect(wider, `${path} ${name} is wider than the screen, in pixels`).toBeLessThanOrEqual(0);
    }
  }
  await page.click("[data-act=menu]");
  expect(await office.faults(), "menu").toEqual([]);
});
