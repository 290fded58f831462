import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Cameras } from "./cameras.ts";
import { Chromium } from "./chromium.ts";
import type { Client } from "./client.ts";
import { type Entered, enterEstate } from "./estate.ts";
import { eventually } from "./eventually.ts";
import { adminPassword, Gateway } from "./gateway.ts";
import { Office } from "./office.ts";
import { columns, siteRows, workbook } from "./workbook.ts";

const sizes = {
  wide: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** A sheet with everything that can be said of a row. The first cameras of the estate have these numbers already. */
const sheetOfMany = [
  columns,
  ["1", "Вход, главный", "Корпус А", "rtsp://127.0.0.1:9/stream1", "", "", "Корпус А"],
  ["2", "Проходная 1", "Корпус Б, этаж 2", "rtsp://127.0.0.1:9/stream2", "", "", "Корпус Б"],
  ["1", "Вход ещё раз", "", "rtsp://127.0.0.1:9/stream1", "", "", ""],
  ["", "Касса 7", "Корпус А", "http://10.0.0.5/stream1", "", "", ""],
  ["семь", "", "Гараж", "rtsp://10.0.0.6:99999/live", "", "", ""],
  ["", "Склад 4", "Гараж", "=C3", "", "", ""],
  ["", "Ворота", "Периметр", "rtsp://admin:p@ss#1:Пароль@10.0.0.7:8554/Streaming/Channels/101", "", "", "ночь"],
  ["", "Мост", "Периметр", "rtsp://admin:secret@nvr/cam1@10", "", "", ""],
  ...siteRows(480, 1000),
];

let taken = 0; // how often cameras were imported

async function choose(page: Page, act: string, buffer: Buffer): Promise<void> {
  const mimeType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  await page.setInputFiles(`[data-file="${act}"]`, { name: "Объект на Садовой.xlsx", mimeType, buffer });
}

const tested = 120_000; // ms for all that answer, one after another: they are one host

/** Enters cameras that answer, and some that do not, and tests them all. */
async function enterTested(admin: Client, ...sites: Cameras[]): Promise<{ job: string; cameras: Entered[] }> {
  const tags = ["проверка"];
  const cameras: Entered[] = [];
  const all = sites.flatMap((site) => site.list);
  for (const { name, location, address, username, password } of all) {
    cameras.push(await admin.ask("POST", "/cameras", { name, location, address, username, password, tags }));
  }
  await admin.ask("POST", "/cameras", { name: "Мост", address: "rtsp://127.0.0.1:9/live", tags });
  const locked = all.find(({ password }) => password !== "")?.address;
  await admin.ask("POST", "/cameras", { name: "Ворота", address: locked, username: "admin", password: "12345", tags });
  const { id } = await admin.ask<{ id: string }>("POST", "/probes", { tag: tags[0] });
  await eventually("all are tested", tested, async () => {
    const { state } = await admin.ask<{ state: string }>("GET", `/probes/${id}`);
    return state === "done";
  });
  return { job: id, cameras };
}

/**
 * Takes pictures of every page beside the wall, in both languages and sizes, into a folder, and says what axe finds wrong. only: names of pictures; none: all.
 */
export async function takePages(folder: string, only: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const strange = ["--codec", "h265", "--audio", "aac", "--gop", "125", "--width", "1280", "--height", "720"];
  const [gateway, chromium, demo, odd] = await Promise.all([
    Gateway.start("127.0.0.1"),
    Chromium.start(),
    Cameras.start(),
    Cameras.start("--cameras", "1", "--seconds", "10", ...strange),
  ]);
  try {
    const admin = await gateway.admin();
    const [first] = await enterEstate(admin, 250);
    const { job, cameras: answering } = await enterTested(admin, odd, demo);
    const [modern, ...usual] = answering;
    const { items: groups } = await admin.ask<{ items: { id: string }[] }>("GET", "/groups?limit=1");
    const { items: found } = await admin.ask<{ items: { id: string }[] }>("GET", "/people?q=petrova");
    const [person] = found;
    const device = await admin.ask<{ id: string }>("POST", "/devices", {
      name: "Пост охраны",
      notes: "Первый этаж, над стойкой",
    });
    const pages = new Map<string, [hash: string, then?: (page: Page) => Promise<unknown>]>([
      ["cameras", ["#/cameras"]],
      [
        "cameras-chosen",
        [
          "#/cameras?tag=ночь",
          async (page) => {
            await page.click("thead input[type=checkbox]");
            await page.click("[data-act=change-many]");
            await page.waitForSelector("dialog select");
          },
        ],
      ],
      ["cameras-none", ["#/cameras?q=нет+такой"]],
      ["camera", [`#/cameras/${first?.id}`]],
      ["camera-new", ["#/cameras/new", (page) => page.click("form .button-main")]],
      [
        "camera-who",
        [`#/cameras/${first?.id}`, (page) => page.locator("[data-part=who]").scrollIntoViewIfNeeded({ timeout: 5000 })],
      ],
      [
        "camera-host",
        [
          `#/cameras/${first?.id}`,
          async (page) => {
            await page.fill("[name=address]", "rtsp://10.0.0.9/other");
            await page.locator("[data-advice]").scrollIntoViewIfNeeded({ timeout: 5000 });
          },
        ],
      ],
      [
        "camera-conflict",
        [
          `#/cameras/${first?.id}`,
          async (page) => {
            await page.fill("[name=name]", "Главный вход");
            const notes = `Изменено вторым человеком, ${Math.random()}`;
            await admin.ask("PATCH", `/cameras/${first?.id}`, { notes });
            await page.click("form .button-main");
            await page.waitForSelector(".conflict");
            await page.locator(".conflict").scrollIntoViewIfNeeded();
          },
        ],
      ],
      [
        "camera-unsaved",
        [
          `#/cameras/${first?.id}`,
          async (page) => {
            await page.fill("[name=name]", "Главный вход");
            await page.click("a.up");
            await page.waitForSelector("dialog [data-act=leave]");
          },
        ],
      ],
      [
        "camera-delete",
        [
          `#/cameras/${first?.id}`,
          async (page) => {
            await page.click("[data-act=delete]");
            await page.click("dialog [data-act=yes]");
            await page.waitForSelector("dialog .consequences");
          },
        ],
      ],
      ["import", ["#/cameras/import"]],
      [
        "import-columns",
        [
          "#/cameras/import",
          async (page) => {
            await page.click(".help-columns summary");
            await page.locator(".help-columns dd").last().scrollIntoViewIfNeeded();
          },
        ],
      ],
      [
        "import-refused",
        [
          "#/cameras/import",
          async (page) => {
            await choose(page, "choose", workbook([["Вход", "rtsp://10.0.0.1/live"]]));
            await page.waitForSelector(".refused");
          },
        ],
      ],
      [
        "import-working",
        [
          "#/cameras/import",
          async (page) => {
            await page.route("**/cameras/import*", () => {}, { times: 1 });
            await choose(page, "choose", workbook(sheetOfMany));
            await page.waitForSelector(".working");
          },
        ],
      ],
      [
        "import-wrong",
        [
          "#/cameras/import",
          async (page) => {
            await choose(page, "choose", workbook(sheetOfMany));
            await page.waitForSelector(".verdicts tbody tr");
          },
        ],
      ],
      [
        "import-new",
        [
          "#/cameras/import",
          async (page) => {
            await choose(page, "choose", workbook(sheetOfMany));
            await page.click("[data-verdict=new]");
            await page.waitForSelector(".verdict-tabs + * .address, .verdicts .address");
            await page.locator(".doubts").scrollIntoViewIfNeeded();
          },
        ],
      ],
      [
        "import-right",
        [
          "#/cameras/import",
          async (page) => {
            await choose(page, "choose", workbook([columns, ...siteRows(500, 2000)]));
            await page.waitForSelector("[data-deeds=right]");
            await page.click(".sheet-facts summary");
          },
        ],
      ],
      [
        "import-taken",
        [
          "#/cameras/import",
          async (page) => {
            const [some, more] = [3000 + taken++ * 100, 12];
            const spoilt = [`${some + 50}`, "Вход 9", "", "http://10.0.0.9/", "", "", ""];
            await choose(page, "choose", workbook([columns, ...siteRows(more, some), spoilt]));
            await page.click("[data-act=take-right]");
            await page.waitForSelector("[data-taken]");
          },
        ],
      ],
      [
        "import-leave",
        [
          "#/cameras/import",
          async (page) => {
            await choose(page, "choose", workbook(sheetOfMany));
            await page.waitForSelector("[data-deeds]");
            await page.click("a.up");
            await page.waitForSelector("dialog [data-act=leave]");
          },
        ],
      ],
      [
        "export",
        [
          "#/cameras",
          async (page) => {
            await page.click("[data-act=export]");
            await page.check("dialog input[value=with]");
          },
        ],
      ],
      ["cameras-tested", ["#/cameras?tag=проверка&sort=number"]],
      [
        "camera-tested",
        [`#/cameras/${usual[0]?.id}`, (page) => page.locator(".answer-body").scrollIntoViewIfNeeded({ timeout: 5000 })],
      ],
      [
        "camera-advice",
        [`#/cameras/${modern?.id}`, (page) => page.locator("[data-part=test]").evaluate((e) => e.scrollIntoView())],
      ],
      [
        "camera-failed",
        [
          "#/cameras/new",
          async (page) => {
            await page.fill("[name=name]", "Главный вход");
            await page.fill("[name=address]", odd.camera(1).address.replace(/:\d+\//, ":9/"));
            await page.click("[data-act=test]");
            await page.waitForSelector(".verdict");
            await page.locator("[data-part=test]").evaluate((e) => e.scrollIntoView());
          },
        ],
      ],
      [
        "camera-testing",
        [
          "#/cameras/new",
          async (page) => {
            await page.route("**/cameras/probe", () => {});
            await page.fill("[name=address]", odd.camera(1).address);
            await page.click("[data-act=test]");
            await page.waitForSelector("[data-act=cancel-test]");
            await page.locator("[data-part=test]").evaluate((e) => e.scrollIntoView());
          },
        ],
      ],
      ["probes", ["#/probes"]],
      ["probes-job", [`#/probes/${job}`]],
      ["probes-failed", [`#/probes/${job}?outcome=failed`]],
      [
        "probes-another",
        [
          "#/probes",
          async (page) => {
            await page.click("form .button-main");
            await page.waitForSelector(".job, dialog [data-act=yes]");
            if (await page.isVisible(".job")) {
              await page.click("a.up");
              await page.click("form .button-main");
            }
            await page.waitForSelector("dialog [data-act=yes]");
          },
        ],
      ],
      [
        "probes-running",
        [
          "#/probes",
          async (page) => {
            await page.click("form .button-main");
            await page.waitForSelector(".job, dialog [data-act=yes]");
            if (!(await page.isVisible(".job"))) await page.click("dialog [data-act=yes]");
            await page.waitForSelector(".job");
          },
        ],
      ],
      ["groups", ["#/groups"]],
      ["group", [`#/groups/${groups[0]?.id}`]],
      [
        "group-give",
        [
          `#/groups/${groups[0]?.id}`,
          async (page) => {
            await page.click("[data-act=give]");
            await page.waitForSelector("dialog .choose-rows label");
          },
        ],
      ],
      ["users", ["#/users"]],
      [
        "users-chosen",
        [
          "#/users",
          async (page) => {
            await page.click("thead input[type=checkbox]");
            await page.click("[data-act=change-many]");
            await page.waitForSelector("dialog select");
          },
        ],
      ],
      [
        "user-new",
        [
          "#/users/new",
          async (page) => {
            await page.fill("[name=login]", "petrova");
            await page.fill("[name=password]", "password1");
            await page.click("form .button-main");
            await page.waitForSelector(".fault");
          },
        ],
      ],
      [
        "user-made",
        [
          "#/users/new",
          async (page) => {
            await page.fill("[name=last_name]", "Ёлкина");
            await page.fill("[name=first_name]", "Анна");
            await page.fill("[name=login]", `elkina${Math.floor(Math.random() * 1e6)}`);
            await page.click("[data-act=make-password]");
            await page.click("form .button-main");
            await page.waitForSelector("[data-made]");
          },
        ],
      ],
      ["user", [`#/users/${person?.id}`]],
      [
        "user-delete",
        [
          `#/users/${person?.id}`,
          async (page) => {
            await page.click("[data-act=delete]");
            await page.waitForSelector("dialog .consequences");
          },
        ],
      ],
      ["people", ["#/people"]],
      ["person", [`#/people/${person?.id}`]],
      [
        "person-give",
        [
          `#/people/${person?.id}`,
          async (page) => {
            await page.click("[data-act=give]");
            await page.click("dialog [data-shelf=cameras]");
            await page.click("dialog .choose-rows label");
          },
        ],
      ],
      [
        "person-copy",
        [
          `#/people/${person?.id}`,
          async (page) => {
            await page.click("[data-act=copy-from]");
            await page.locator("dialog [data-person]").nth(1).click();
            await page.check("dialog input[value=replace]");
            await page.waitForSelector("dialog .preview p");
          },
        ],
      ],
      ["devices", ["#/devices"]],
      ["device", [`#/devices/${device.id}`]],
      [
        "device-code",
        [
          `#/devices/${device.id}`,
          async (page) => {
            await page.click("[data-act=renew]");
            await page.waitForSelector("[data-code=shown]");
          },
        ],
      ],
      ["device-new", ["#/devices/new"]],
      ["views", ["#/views"]],
      ["log", ["#/log"]],
      ["settings", ["#/settings"]],
      ["account", ["#/account"]],
      [
        "account-token",
        [
          "#/account",
          async (page) => {
            await page.click("[data-act=make-token]");
            await page.fill("dialog [name=name]", "Отчёты");
            await page.click("dialog [type=submit]");
            await page.waitForSelector("dialog .secret");
          },
        ],
      ],
      [
        "menu",
        [
          "#/",
          async (page) => {
            await page.click("[data-act=menu]");
            await page.waitForSelector("dialog .links");
          },
        ],
      ],
      ["missing", ["#/nowhere"]],
    ]);
    for (const language of ["en", "ru"] as const) {
      await admin.ask("PATCH", "/me", { language });
      for (const size of ["wide", "phone"] as const) {
        const page = await chromium.page(language, sizes[size]);
        await page.goto(`${gateway.url}/#/device`);
        await page.waitForSelector("#code");
        await page.screenshot({ path: join(folder, `door.${size}.${language}.png`) });
        await page.goto("about:blank");
        await page.goto(`${gateway.url}/#/account`);
        await page.waitForSelector("#login");
        await page.screenshot({ path: join(folder, `sign-in.${size}.${language}.png`) });
        await page.fill("#login", "admin");
        await page.fill("#password", adminPassword);
        await page.keyboard.press("Enter");
        await page.waitForSelector(".admin h1");
        for (const [name, [hash, then]] of pages) {
          if (only.length > 0 && !only.includes(name)) continue;
          await page.goto("about:blank");
          await page.goto(`${gateway.url}/${hash}`);
          await page.waitForSelector(hash === "#/" ? "[data-tile]" : ".admin h1");
          await page.waitForFunction(() => !document.querySelector('[data-phase="loading"], [aria-busy="true"]'));
          try {
            await then?.(page);
          } catch (err) {
            console.error(`${name} ${language} ${size}: ${err}`);
          }
          await page.screenshot({ path: join(folder, `${name}.${size}.${language}.png`) });
          if (language !== "ru") continue; // the words make no difference to axe
          for (const fault of await new Office(page, gateway.url).faults()) console.error(`${name} ${size}: ${fault}`);
        }
        await page.context().close();
      }
    }
  } finally {
    await chromium.close();
    await Promise.all([gateway.close(), demo.end(), odd.end()]);
  }
}
