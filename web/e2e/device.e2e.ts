import { expect, it } from "vitest";
import { devicesWords } from "../src/admin/words/devices.ts";
import { people as codes } from "../src/i18n/codes/people.ts";
import { doorWords } from "../src/i18n/door.ts";
import { barcode } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import { adminPassword } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";
import { Reopened } from "./reopened.ts";
import { Screen } from "./screen.ts";
import { soon } from "./stage.ts";

const stage = onStage();
const [t, door] = [devicesWords.ru, doorWords.ru];
const onDisk = 90_000; // ms; a browser writes its cookies every 30 s at the latest
const comeback = 30_000; // ms: the killed page's views are leases, which end first

it("signs a screen in by its code, brings it back after its browser was killed, and puts it out when it is revoked", async () => {
  const office = await Office.enter(
    stage.chromium,
    stage.gateway.url,
    { login: "admin", password: adminPassword },
    "#/devices",
  );
  await office.act("add");
  await office.field("name").fill("Пост охраны");
  await office.field("language").selectOption("ru");
  await office.save();
  await office.page.waitForSelector("[data-code=shown]");
  const code = await office.page.innerText("[data-part=code]");
  expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/);
  expect(await office.faults()).toEqual([]);
  const { items } = await stage.admin.ask<{ items: { id: string }[] }>("GET", "/devices");
  const id = items[0]?.id ?? "";
  await stage.admin.ask("PUT", `/users/${id}/cameras/${stage.camera(2).id}`, {});

  const browser = await Reopened.start();
  try {
    // By hand, wrong first: small letters and no hyphen do.
    const screen = new Screen(await browser.page(barcode));
    await screen.page.goto(stage.gateway.url);
    await screen.page.click("[data-act=screen]");
    await screen.page.fill("#code", "ABCD-EFGH");
    await screen.page.keyboard.press("Enter");
    await eventually(
      "the code is refused in words",
      answered,
      async () => (await screen.page.innerText("#trouble")).includes(codes.ru["auth.device_code"]({})),
      () => screen.page.innerText("body"),
    );
    await screen.page.fill("#code", code.replace("-", "").toLowerCase());
    await screen.page.keyboard.press("Enter");
    await screen.tile(0).plays(2, soon);
    await office.page.waitForSelector("[data-code=used]");

    // It watches and does nothing else.
    for (const act of ["menu", "sign-out"]) expect(await screen.page.locator(`[data-act=${act}]`).count()).toBe(0);
    await screen.page.keyboard.press("/");
    await screen.page.waitForSelector("dialog .row");
    expect(await screen.page.locator("[data-tool=star]").count()).toBe(0);
    await screen.page.keyboard.press("Escape");

    // A power cut.
    await browser.flush();
    await eventually("the cookie is on the disk", onDisk, () => browser.kept("rtsp_viewer_refresh"), undefined, 250);
    await browser.kill();
    await browser.begin();
    const back = new Screen(await browser.page(barcode));
    await back.page.goto(stage.gateway.url);
    await back.tile(0).plays(2, comeback);

    // Revoked: out at once, with words, and with the way back in.
    await office.open(`#/devices/${id}`);
    await eventually("the list says that it is in", answered, () =>
      office.page.locator("[data-signed-in=true]").count().then(Boolean),
    );
    await office.act("end");
    await office.page.click("dialog [data-act=yes]");
    await eventually(
      "the screen tells why it is dark",
      soon,
      async () => (await back.page.innerText("body")).includes(door.ended),
      () => back.page.innerText("body"),
    );
    expect(await back.page.locator("video").count()).toBe(0);
    await office.reads(t.signedOut, "[data-part=sign-in]");

    // A new code by its link, and out for good with the device.
    await office.act("renew", "[data-part=sign-in]");
    const link = await office.page.inputValue("[data-code=shown] input");
    await back.page.goto(link);
    await back.tile(0).plays(2, comeback);
    expect(back.page.url()).not.toContain("device");
    await office.act("delete");
    await office.page.click("dialog [data-act=yes]");
    await back.page.waitForSelector("#code");
  } finally {
    await browser.close();
  }
});
