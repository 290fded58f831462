import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Chromium } from "./chromium.ts";
import { enterEstate } from "./estate.ts";
import { adminPassword, Gateway } from "./gateway.ts";
import { Office } from "./office.ts";

const sizes = {
  wide: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/**
 * Takes pictures of every page beside the wall, in both languages and sizes, into a folder, and says what axe finds wrong. only: names of pictures; none: all.
 */
export async function takePages(folder: string, only: string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [gateway, chromium] = await Promise.all([Gateway.start("127.0.0.1"), Chromium.start()]);
  try {
    const admin = await gateway.admin();
    const [first] = await enterEstate(admin, 250);
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
    await gateway.close();
  }
}
