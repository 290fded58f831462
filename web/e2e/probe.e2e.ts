import { expect, it } from "vitest";
import { camerasWords } from "../src/admin/words/cameras.ts";
import { common } from "../src/admin/words/common.ts";
import { probeWords } from "../src/admin/words/probe.ts";
import type { Passport } from "../src/api/probe.ts";
import { cameras as cameraCodes } from "../src/i18n/codes/cameras.ts";
import { probe as codes } from "../src/i18n/codes/probe.ts";
import { dicts } from "../src/i18n/index.ts";
import { eventually } from "./eventually.ts";
import { adminPassword } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";

const stage = onStage();
const [t, c, k] = [probeWords.ru, common.ru, camerasWords.ru];
const admin = { login: "admin", password: adminPassword };
const longest = 25_000; // ms: a test of one camera ends within 20 s
const part = "[data-part=test]";

function enter(hash: string): Promise<Office> {
  return Office.enter(stage.chromium, stage.gateway.url, admin, hash);
}

/** Waits until the test of a camera has come to something. */
async function verdict(office: Office, name: string): Promise<void> {
  await eventually(
    `the verdict ${name}`,
    longest,
    async () => (await office.page.getAttribute(`${part} .verdict`, "data-verdict", { timeout: 1000 })) === name,
    () => office.page.innerText(part),
  );
}

const fact = (office: Office, name: string) => office.page.innerText(`${part} [data-fact="${name}"]`);

it("tests a camera that is not saved yet, says what an installer has to change, and puts faults at their fields", async () => {
  const h265 = await stage.extra("--codec", "h265");
  const office = await enter("#/cameras/new");
  const { page } = office;

  await office.act("test");
  await office.reads(c.faults.required, "[data-field=address]");
  await page.waitForSelector("[name=address]:focus");
  await office.field("address").fill("htp:/10.0.0.1");
  await office.act("test");
  await office.reads(cameraCodes.ru["camera.address_scheme"]({}), "[data-field=address]");

  // By the keyboard alone; the button keeps the focus.
  await office.field("address").fill(stage.cameras.camera(4).address);
  await page.focus("[data-act=test]");
  await page.keyboard.press("Enter");
  await verdict(office, "well");
  await page.waitForSelector("[data-act=test]:focus");
  expect(await fact(office, "video")).toContain("H.264");
  expect(await fact(office, "picture")).toBe(`${t.size("704", "396")}, ${t.fps("15")}`);
  expect(await fact(office, "keyframes")).toContain(t.keyframeEvery("2"));
  expect(await fact(office, "b-frames")).toBe(t.bFramesNone);
  expect(await page.getAttribute(`${part} [data-way=WebRTC]`, "data-carried")).toBe("true");
  await eventually("the still", answered, () =>
    page.locator(".answer-still").evaluate((img: HTMLImageElement) => img.naturalWidth > 0),
  );
  expect(await office.faults()).toEqual([]);
  expect(office.hash).toBe("#/cameras/new");

  // The answer is not taken for that of another address.
  await office.field("address").fill(h265.camera(1).address);
  await office.reads(t.others, part);
  await office.act("test");
  await eventually(
    "what to change",
    longest,
    async () => (await page.innerText(part)).includes(codes.ru["probe.h265"]({})),
    () => page.innerText(part),
  );
  expect(await page.getAttribute(`${part} [data-way=WebRTC]`, "data-carried")).toBe("false");
  expect(await fact(office, "video")).toContain("H.265");

  const locked = stage.cameras.camera(2);
  await office.field("address").fill(locked.address);
  await office.field("username").fill(locked.username);
  await office.field("password").fill("Canary-7");
  await office.act("test");
  await verdict(office, "failed");
  await office.reads(dicts.ru.codes["camera.credentials"](), part);
  await office.reads(t.checks["camera.credentials"] ?? "", part);
  expect(await page.innerText(part)).not.toContain("Canary-7");

  await office.field("address").fill("rtsp://127.0.0.1:9/stream");
  await office.act("test");
  await office.reads(dicts.ru.codes["camera.unreachable"](), part);
  expect(await office.faults()).toEqual([]);
});

it("keeps the answer with a camera once what was tested is saved", async () => {
  // Keyframes come so often that a look takes a moment.
  const [fast, slow] = await Promise.all([stage.extra("--gop", "5"), stage.extra("--gop", "5", "--fps", "10")]);
  const office = await enter("#/cameras/new");
  const { page } = office;
  const passport = async () => {
    const id = office.hash.split("/")[2];
    const { passport } = await stage.admin.ask<{ passport: Passport | null }>("GET", `/cameras/${id}`);
    return passport;
  };
  await office.field("name").fill("Двор, ворота");
  await office.field("address").fill(fast.camera(1).address);
  await office.act("test");
  await verdict(office, "well");
  await office.save();
  await office.heading(/Двор, ворота$/);
  await eventually(
    "the new camera’s passport",
    longest,
    async () => Math.round((await passport())?.video?.fps ?? 0) === 25,
  );

  await office.field("address").fill(slow.camera(1).address);
  await office.act("test");
  await eventually("the other picture", longest, async () =>
    (await page.innerText(part, { timeout: 1000 })).includes(t.fps("10")),
  );
  await office.save();
  await office.reads(k.saved, ".notes");
  await eventually(
    "the changed camera’s passport",
    longest,
    async () => Math.round((await passport())?.video?.fps ?? 0) === 10,
  );
  await eventually("it on the page", longest, async () =>
    (await page.innerText(part, { timeout: 1000 })).includes(t.fps("10")),
  );
});

it("keeps what a camera answered on its page and in the list, and gives up by Escape", async () => {
  const camera = stage.camera(2);
  const office = await enter(`#/cameras/${camera.id}`);
  const { page } = office;

  // The kept password goes to no other device.
  const { address } = stage.cameras.camera(2);
  await office.field("address").fill(address.replace(/:\d+\//, ":9/"));
  await office.act("test");
  await office.reads(cameraCodes.ru["camera.password_required"]({}), "[data-field=password]");
  await office.act("undo");

  // However slow the camera is: nobody has to wait for its answer.
  await page.route("**/cameras/probe", () => {});
  await office.act("test");
  await office.reads(t.running, part);
  expect(await page.isVisible("[data-act=cancel-test]")).toBe(true);
  await page.keyboard.press("Escape");
  await office.reads(t.cancelled, part);
  await page.unroute("**/cameras/probe");

  await office.act("test");
  await eventually("a picture", longest, async () => (await page.locator(".answer-still").count()) === 1);
  const word = await page.getAttribute(`${part} .verdict`, "data-verdict");
  expect(["well", "advice"]).toContain(word);
  await page.reload();
  await office.settled();
  await verdict(office, word ?? "");
  await office.reads(t.when("").trim(), part);
  await office.reads(t.again, part);

  await office.open("#/cameras");
  await office.heading(k.title);
  await page.waitForSelector(`[data-row="${camera.id}"] [data-verdict="${word}"]`);
  await page.selectOption("[data-filter=passport] select", "none");
  await eventually("the others", answered, async () => {
    const rows = await page.locator("[data-row]").count();
    return rows > 0 && (await page.locator(`[data-row="${camera.id}"]`).count()) === 0;
  });
});

it("tests many cameras as a job that outlives the page, shows the one that runs, and is stopped", async () => {
  const h265 = await stage.extra("--codec", "h265");
  const modern = await stage.add({ name: "Новая камера", address: h265.camera(1).address });
  const dead = await stage.add({ name: "Без питания", address: "rtsp://127.0.0.1:9/stream" });
  const office = await enter("#/cameras");
  const { page } = office;
  for (const { id } of [modern, dead, stage.camera(4)]) await page.check(`[data-row="${id}"] input`);
  await office.act("test-many");
  await page.waitForSelector(".job");
  const hash = office.hash;
  expect(hash).toMatch(/^#\/probes\/.+/);

  await page.reload();
  await page.waitForSelector(".job[data-state=done]", { timeout: 3 * longest });
  await office.reads(t.jobs.tested("3", "3"), ".job");
  await page.waitForSelector(`[data-row="${dead.id}"] [data-verdict=failed]`);
  expect(await page.innerText(`[data-row="${modern.id}"]`)).toContain(codes.ru["probe.h265"]({}));
  expect(await office.faults()).toEqual([]);
  await page.selectOption("[data-filter=outcome] select", "failed");
  await eventually("the failed alone", answered, async () => (await office.column("name")).join() === dead.name);
  const download = page.waitForEvent("download");
  await office.act("sheet");
  expect((await download).suggestedFilename()).toMatch(/\.xlsx$/);

  // All of them, with one that keeps its test busy, and a second that has to wait.
  await stage.cameras.do(6, "blackhole");
  await office.open("#/probes");
  await office.heading(t.jobs.title);
  expect(await page.locator("[data-part=recent] tbody tr").count()).toBe(1);
  await office.save();
  await page.waitForSelector(".job[data-state=running]");
  const running = office.hash;
  expect(running).not.toBe(hash);
  await office.open("#/probes");
  await office.save();
  await office.reads(t.jobs.another.title, "dialog");
  await office.act("yes", "dialog");
  await page.waitForSelector(".job");
  expect(office.hash).toBe(running);
  await office.act("stop");
  await page.waitForSelector(".job[data-state=cancelled]", { timeout: longest });
  await stage.cameras.do(6, "resume");
});
