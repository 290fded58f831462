import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { onStage } from "./onstage.ts";
import { soon } from "./stage.ts";

const stage = onStage();

it("lets a browser without modules sign in, list and play by the keys of a remote control", async () => {
  const who = await stage.person([2, 3, 4, 5]);
  const page = await stage.chromium.page("en", { viewport: { width: 1280, height: 720 } }, "modules");
  const faults: string[] = [];
  page.on("pageerror", (err) => faults.push(`${err}`));
  await page.goto(stage.gateway.url);
  await page.waitForSelector("#login:focus");
  expect(await page.evaluate(() => "fetch" in window || "Proxy" in window || "WebSocket" in window)).toBe(false);
  await page.keyboard.type(who.login);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.type("not it");
  await page.keyboard.press("Enter");
  await eventually("it says that this is wrong", soon, async () => /wrong/.test(await page.innerText("#trouble")));
  await page.keyboard.type(who.password); // what was wrong is selected
  await page.keyboard.press("Enter");
  await page.waitForSelector(".row:focus");
  expect(await page.locator(".row").count()).toBe(4);
  expect(await page.getAttribute(".row:focus", "data-camera")).toBe(stage.camera(2).id);

  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await plays(page, 4);
  await eventually("near live", soon, async () => /^HLS −[0-2]\.\d s$/.test(await page.innerText(".delay")));
  const [view, ...others] = await stage.admin.views(who.login);
  expect(others).toEqual([]);
  await page.keyboard.press("ArrowDown");
  await plays(page, 5);
  await page.keyboard.press("3");
  await page.keyboard.press("Enter");
  await plays(page, 3);
  expect((await stage.admin.views(who.login)).map((v) => [v.view, v.camera.number])).toEqual([[view?.view, 3]]);

  await page.keyboard.press("Escape");
  await page.waitForSelector(".row:focus");
  expect(await page.getAttribute(".row:focus", "data-camera")).toBe(stage.camera(3).id);
  await eventually("no views", soon, async () => (await stage.admin.views(who.login)).length === 0);
  expect(faults).toEqual([]);
});

/** Waits until the only picture is live, of camera number, and moves. */
async function plays(page: Page, number: number): Promise<void> {
  const counters = new Set<number>();
  await eventually(
    `camera ${number} plays`,
    soon,
    async () => {
      if ((await page.getAttribute(".watch", "data-state")) !== "live") return false;
      const seen = await page.evaluate(() => window.witness.look(document.querySelector("video")));
      if (seen && seen.number === number) counters.add(seen.frame);
      return counters.size >= 3;
    },
    async () => `${(await page.innerText("body")).slice(0, 300)}; frames ${[...counters]}`,
    150,
  );
}
