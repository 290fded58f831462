import { expect, it } from "vitest";
import { accessWords } from "../src/admin/words/access.ts";
import { accountWords } from "../src/admin/words/account.ts";
import { common } from "../src/admin/words/common.ts";
import { groupsWords } from "../src/admin/words/groups.ts";
import { usersWords } from "../src/admin/words/users.ts";
import { people as codes } from "../src/i18n/codes/people.ts";
import { dicts, words } from "../src/i18n/index.ts";
import { Client } from "./client.ts";
import { eventually } from "./eventually.ts";
import { adminPassword } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";
import type { Person } from "./screen.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const [t, c, a, g, own] = [usersWords.ru, common.ru, accessWords.ru, groupsWords.ru, accountWords.ru];
const admin = { login: "admin", password: adminPassword };

function enter(who: { login: string; password: string }, hash: string): Promise<Office> {
  return Office.enter(stage.chromium, stage.gateway.url, who, hash);
}

/** Ticks what a box offers to choose from, by its name. */
async function tick(office: Office, ...names: string[]): Promise<void> {
  for (const name of names) await office.page.locator("dialog .choose-rows label", { hasText: name }).click();
}

it("registers somebody without e-mail, grants a group, and takes a camera out of it while it is watched", async () => {
  const office = await enter(admin, "#/users");
  const { page } = office;
  const before = await stage.admin.lastEvent();

  // A user without e-mail, whose password was made up here and is shown once.
  await office.act("add");
  await office.heading(t.add);
  await office.field("last_name").fill("Ёлкина");
  await office.field("first_name").fill("Анна");
  await office.field("middle_name").fill("Сергеевна");
  await office.field("login").fill("elkina");
  await office.act("make-password");
  const password = await office.field("password").inputValue();
  expect(password.length).toBeGreaterThanOrEqual(16);
  await office.save();
  await office.heading(t.created.title("Ёлкина А. С."));
  await office.reads(password, ".hand-over");
  const id = (await page.getAttribute("[data-made]", "data-made")) ?? "";
  const who: Person = { id, login: "elkina", password };

  // A group of two cameras.
  await office.open("#/groups/new");
  await office.field("name").fill("Ночная смена");
  await office.save();
  await office.heading("Ночная смена");
  await office.act("put");
  const [first, second] = [stage.camera(3), stage.camera(5)];
  await tick(office, `3 ${first.name}`, `5 ${second.name}`);
  await page.click("dialog [type=submit]");
  await office.reads(g.putDone(2), ".notes");

  // Nothing is seen yet; then the group is given, for a reason.
  await office.open(`#/people/${id}`);
  await office.heading(a.title("Ёлкина А. С."));
  await office.reads(a.noCameras);
  await office.act("give");
  await tick(office, "Ночная смена");
  await page.fill("dialog [data-field=reason] input", "График смен");
  expect(await office.faults()).toEqual([]);
  await page.click("dialog [type=submit]");
  await office.reads(a.give.done(1), ".notes");
  await office.reads(second.name, "[data-part=cameras]");
  expect(await page.locator("[data-part=cameras] td[data-column=via]").allInnerTexts()).toEqual([
    expect.stringContaining("Ночная смена"),
    expect.stringContaining("Ночная смена"),
  ]);
  expect(await page.locator("[data-part=groups] td[data-column=reason]").innerText()).toBe("График смен");

  // She sees those two cameras only, stars one, and watches it.
  const screen = await stage.screen(who, { language: "ru" });
  await Promise.all([screen.tile(0).plays(3, soon), screen.tile(1).plays(5, soon)]);
  await screen.tile(2).says("empty", soon);
  await screen.page.keyboard.press("/");
  const offered = screen.page.locator("dialog .row");
  await offered.first().waitFor();
  expect(await offered.count()).toBe(2);
  await offered.filter({ hasText: second.name }).locator("[data-tool=star]").click();
  await eventually(
    "a star in the gateway's list",
    answered,
    async () => {
      const favourites = await (await Client.signIn(stage.gateway.url, who.login, who.password)).ask<{
        items: { id: string }[];
      }>("GET", "/me/favorites");
      return favourites.items.length === 1 && favourites.items[0]?.id === second.id;
    },
    undefined,
    500,
  );
  await screen.page.keyboard.press("Escape");

  // The camera leaves the group: its tile ends with the reason, the other goes on.
  await office.open("#/groups");
  await page.click('text="Ночная смена"');
  await office.heading("Ночная смена");
  await page.locator("[data-part=inside] tr", { hasText: second.name }).locator("input[type=checkbox]").check();
  await office.act("take", "[data-part=inside]");
  await page.click("dialog [data-act=yes]");
  await screen.tile(1).tells(words(dicts.ru, "view.revoked"), soon);
  expect(await screen.tile(1).picture()).toBeNull();
  await screen.tile(0).plays(3, soon);

  // The log tells it all, in order.
  const happened = await eventually(
    "the whole story in the log",
    answered,
    async () => {
      const all = await stage.admin.ask<{ items: Told[] }>("GET", `/events?limit=1000&sort=id&after=${before}`);
      const story = all.items.map(tell);
      return plot.every((step) => story.includes(step)) && story;
    },
    async () => (await stage.admin.ask<{ items: Told[] }>("GET", `/events?limit=1000&after=${before}`)).items.map(tell),
  );
  const places = plot.map((step) => happened.indexOf(step));
  expect(places).toEqual([...places].sort((x, y) => x - y));
  await office.open(`#/log?user=${id}`);
  await office.reads("Ночная смена");
  await office.reads(second.name);
  expect(await office.faults()).toEqual([]);
});

/** What the log must tell of that evening, and in this order. */
const plot = [
  "user.created Ёлкина А. С.",
  "group.created Ночная смена",
  "grant.given Ёлкина А. С. Ночная смена",
  "session.begun Ёлкина А. С.",
  "view.begun Ёлкина А. С. №5",
  "view.ended Ёлкина А. С. №5 view.revoked",
];

interface Told {
  kind: string;
  code: string;
  note: string;
  actor: { name: string };
  user: { name: string };
  camera: { number: number };
}

function tell({ kind, code, note, actor, user, camera }: Told): string {
  const whom = kind.startsWith("session.") || kind.startsWith("view.") ? user.name || actor.name : user.name;
  const group = /^group "([^"]*)"/.exec(note)?.[1];
  return [kind, whom, group, camera.number > 0 ? `№${camera.number}` : "", code].filter(Boolean).join(" ");
}

it("puts the gateway's complaints at their fields, and asks before it does what can't be undone", async () => {
  const office = await enter(admin, "#/users/new");
  const { page } = office;
  await office.field("login").fill("admin");
  await office.field("password").fill("password1");
  await office.save();
  await office.reads(codes.ru["user.password_weak"]({}), "[data-field=password]");
  await office.act("make-password");
  await office.save();
  await office.reads(codes.ru["user.login_taken"]({}), "[data-field=login]");
  await page.waitForSelector("[name=login]:focus");
  await office.field("login").fill("не логин!");
  await office.save();
  await office.reads(codes.ru["user.login_characters"]({}), "[data-field=login]");
  expect(await office.faults()).toEqual([]);

  // The last administrator stays one, in the gateway's words.
  const { items } = await stage.admin.ask<{ items: { id: string }[] }>("GET", "/users?role=admin");
  await page.evaluate(() => {
    location.hash = "#/users";
  });
  await page.click("dialog [data-act=leave]");
  await office.open(`#/users/${items[0]?.id}`);
  await office.act("delete");
  expect(await office.faults()).toEqual([]);
  await page.click("dialog [data-act=yes]");
  await office.reads(codes.ru["user.last_admin"]({}), ".notes");
});

it("changes the limit of many at once, and copies access after showing what changes", async () => {
  const [from, to] = [
    await stage.person([1, 2], ["Пётр", "Кузнецов"]),
    await stage.person([2, 3], ["Мария", "Кузнецова"]),
  ];
  const office = await enter(admin, "#/users?q=кузнецов");
  const { page } = office;
  expect(await office.column("name")).toHaveLength(2);
  await page.click("thead input[type=checkbox]");
  await office.act("change-many");
  await office.field("views_limit").selectOption("2");
  expect(await office.faults()).toEqual([]);
  await page.click("dialog [type=submit]");
  await office.reads(c.bulk.done(2), ".notes");
  expect(await office.column("limit")).toEqual(["2", "2"]);

  await office.open(`#/people/${to.id}`);
  await office.act("copy-from");
  await page.fill("dialog .find input", "Кузнецов П");
  await page.click(`dialog [data-person="${from.id}"]`);
  await office.reads(a.copy.given(1), "dialog .preview");
  await page.check("dialog input[value=replace]");
  await office.reads(a.copy.withdrawn(1), "dialog .preview");
  await office.reads(`3 ${stage.camera(3).name}`, "dialog .preview");
  expect(await office.faults()).toEqual([]);
  await office.act("copy-now", "dialog");
  await office.reads(a.copy.done(1, 1), ".notes");
  await office.settled();
  expect(await page.locator("[data-part=cameras] td[data-column=number]").allInnerTexts()).toEqual(["1", "2"]);

  await page.locator("[data-part=cameras] [data-act=withdraw]").first().click();
  await page.click("dialog [data-act=yes]");
  await office.reads(a.withdraw.done(1), ".notes");
});

it("lets people change their password, see where they are signed in, and make a token that is shown once", async () => {
  const who = await stage.person([], ["Иван", "Иванов"]);
  const office = await enter(who, "#/account");
  const { page } = office;
  await Client.signIn(stage.gateway.url, who.login, who.password); // another browser
  await office.field("phone").fill("+7 900 000-00-00");
  await office.save();
  await office.reads(own.saved, ".notes");

  await office.field("old_password").fill("not this one");
  await office.field("new_password").fill("other battery staple");
  await office.field("again").fill("other battery staple");
  await page.click('form:has([data-field="old_password"]) [type=submit]');
  await office.reads(codes.ru["user.old_password"]({}), "[data-field=old_password]");
  await office.field("old_password").fill(who.password);
  await page.click('form:has([data-field="old_password"]) [type=submit]');
  await office.reads(own.password.done, ".notes");

  await page.reload();
  await office.settled();
  await eventually("the other sign-in is gone", answered, async () => {
    return (await page.locator("[data-part=sessions] tbody tr").count()) === 1;
  });
  await office.reads(own.sessions.here, "[data-part=sessions]");
  expect(await office.faults()).toEqual([]);

  await office.act("make-token");
  await page.fill("dialog [data-field=name] input", "Отчёты");
  await page.click("dialog [type=submit]");
  const token = await page.inputValue("dialog input.secret");
  expect(token.length).toBeGreaterThan(30);
  const answer = await fetch(`${stage.gateway.url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  expect(await office.faults()).toEqual([]);
  await office.act("done", "dialog");
  await office.reads("Отчёты", "[data-part=tokens]");
  expect(await page.content()).not.toContain(token);

  await office.act("end-all", "[data-part=sessions]");
  await page.click("dialog [data-act=yes]");
  await page.waitForSelector("#login");
  expect(await page.innerText(".signin")).toContain(dicts.ru.signIn.left);
});

it("marks who has no password, and gives them one", async () => {
  const who = await stage.person([], ["Раиса", "Переездова"]);
  const office = await enter(admin, "#/cameras");
  const { page } = office;
  // Only moving in makes somebody without a password, out of the predecessor's database: here the gateway's answers say so until one is set.
  let none = true;
  await page.route(/\/api\/v1\/users[/?]/, async (route) => {
    if (route.request().method() === "PATCH") none = false;
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch();
    const body = await response.json();
    for (const user of body.items ?? [body]) if (user.id === who.id) user.has_password = !none;
    await route.fulfill({ response, json: body });
  });
  await office.open("#/users?q=переездова");
  expect(await office.column("state")).toEqual([t.noPassword.mark]);
  expect(await office.faults()).toEqual([]);

  await office.open(`#/users/${who.id}`);
  await office.reads(t.noPassword.text, "[data-password=none]");
  expect(await office.faults()).toEqual([]);
  const password = "нового пароля хватит 1";
  await office.field("password").fill(password);
  await page
    .locator("section", { has: page.locator("[data-field=password]") })
    .locator("[type=submit]")
    .click();
  await office.reads(t.noPassword.done, ".notes"); // nobody was asked whether they are sure: nobody is signed out
  await eventually("the mark to go", answered, async () => (await page.locator("[data-password=none]").count()) === 0);
  await Client.signIn(stage.gateway.url, who.login, password);

  // The filter is the gateway's own.
  await office.open("#/users?q=переездова");
  expect(await office.column("state")).toEqual([t.active]);
  await page.locator("[data-filter=has_password] select").selectOption("false");
  await office.reads(c.table.nothing);
  expect(office.hash).toContain("has_password=false");
});
