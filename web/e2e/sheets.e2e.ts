import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { camerasWords } from "../src/admin/words/cameras.ts";
import { sheetsWords } from "../src/admin/words/sheets.ts";
import { cameras as codes } from "../src/i18n/codes/cameras.ts";
import { dicts } from "../src/i18n/index.ts";
import { eventually } from "./eventually.ts";
import { adminPassword, Gateway } from "./gateway.ts";
import { answered, Office } from "./office.ts";
import { onStage } from "./onstage.ts";
import { soon } from "./stage.ts";
import { archive, columns, siteRows, workbook } from "./workbook.ts";

const stage = onStage();
const t = sheetsWords.ru;
const admin = { login: "admin", password: adminPassword };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const tests = 6; // cameras that the stage has entered itself

function enter(hash: string, where = {}): Promise<Office> {
  return Office.enter(stage.chromium, stage.gateway.url, admin, hash, where);
}

/** Gives a page a file as its chooser does. act: the button that asks for it. */
async function choose(page: Page, act: string, buffer: Buffer, name = "объект.xlsx"): Promise<void> {
  await page.setInputFiles(`[data-file="${act}"]`, { name, mimeType: type, buffer });
}

/** Chooses a file that is larger than any sheet may be; runs in the page. */
function chooseHuge(): void {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array((32 << 20) + 1)], "снимки.xlsx"));
  const input = document.querySelector<HTMLInputElement>('[data-file="choose"]');
  if (input) input.files = files.files;
  input?.dispatchEvent(new Event("change"));
}

/** Drops a file somewhere on the page; runs in the page. */
function drop(base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "мост.xlsx"));
  for (const kind of ["dragover", "drop"]) {
    document.querySelector("h1")?.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}

/** What is counted under a verdict, once the sheet has been judged. */
async function counted(office: Office, verdict: string): Promise<number> {
  const text = await office.page.innerText(`[data-verdict="${verdict}"] .verdict-count`);
  return Number(text.replace(/\s/g, ""));
}

/** Clicks something that downloads a file, and gives the file. */
async function download(page: Page, click: () => Promise<unknown>): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent("download", { timeout: soon }), click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  return { name: file.suggestedFilename(), bytes: Buffer.concat(chunks) };
}

it("takes 500 cameras of which 3 are wrong, mends them, and finds everything unchanged after an export", async () => {
  const rows = siteRows(500, tests);
  const right = rows.map((row) => [...row]);
  const spoil = (row: number, column: number, text: string) => {
    const cells = rows[row - 2]; // the first row is the header
    if (cells) cells[column] = text;
  };
  spoil(5, 3, "http://10.0.0.5/stream1");
  spoil(77, 0, "семь");
  spoil(500, 1, "");
  const [seventh] = rows;
  const [same] = right;
  // The trap of traps: everything that ends a password elsewhere stands in it.
  for (const row of [seventh, same])
    row?.splice(3, 3, "rtsp://admin:p@ss#1:пароль/@10.9.8.7:8554/live?channel=1", "", "");

  const office = await enter("#/cameras");
  const { page } = office;
  await office.act("import");
  await office.heading(t.title);
  expect(await office.faults()).toEqual([]);
  const template = await download(page, () => office.act("template"));
  expect(template.name).toBe(`${t.choose.file}.xlsx`);
  expect(template.bytes.subarray(0, 2).toString()).toBe("PK");

  await choose(page, "choose", workbook([columns, ...rows]));
  await office.reads(t.act.wrong(3), "[data-deeds]");
  expect([await counted(office, "wrong"), await counted(office, "new"), await counted(office, "all")]).toEqual([
    3, 497, 500,
  ]);
  const wrong = await office.column("why");
  expect(wrong).toHaveLength(3);
  expect(wrong[0]).toBe(`D5 ${t.fields.address}: ${t.cells["camera.address_scheme"]}`);
  expect(wrong[1]).toBe(`A77 ${t.fields.number}: ${t.cells["sheet.number"]}`);
  expect(wrong[2]).toBe(`B500 ${t.fields.name}: ${t.cells.required}`);
  expect(await office.faults()).toEqual([]);

  // How the address was read is to be seen, and its password is not.
  await page.click('[data-verdict="new"]');
  await page.fill(".verdicts input[type=search]", "10.9.8.7");
  await eventually("one row", answered, async () => (await office.column("read")).length === 1);
  const read = (await page.innerText('td[data-column="read"] .address')).replace(/\s/g, "");
  expect(read).toContain("rtsp://admin:");
  expect(read).toMatch(/@10\.9\.8\.7:8554\/live\?channel=1$/);
  expect(await page.innerText('td[data-column="read"] .address-host')).toBe("10.9.8.7:8554");
  expect(await page.content()).not.toContain("ss#1");
  const told = await download(page, () => office.act("verdict-sheet"));
  expect(told.name).toBe(`объект-${t.verdictFile}.xlsx`);

  await office.act("take-right");
  await office.reads(`${t.done.new(497)} ${t.done.left(3)}`, "[data-taken]");
  expect(await office.faults()).toEqual([]);
  const { total } = await stage.admin.ask<{ total: number }>("GET", "/cameras?limit=1");
  expect(total).toBe(497 + tests);
  const rest = await download(page, () => office.act("rest"));
  expect(rest.name).toBe(`объект-${t.act.restFile}.xlsx`);
  const link = await page.locator('td[data-column="name"] a').first().getAttribute("href");
  expect(link).toMatch(/^#\/cameras\/[0-9a-f-]+$/);

  // The sheet of the rest has those rows and no others.
  await office.act("more");
  await choose(page, "choose", rest.bytes, rest.name);
  await office.reads(t.act.wrong(3), "[data-deeds]");
  expect(await counted(office, "all")).toBe(3);
  // The mended sheet brings in what was missing.
  await choose(page, "mend", workbook([columns, ...right]));
  await office.reads(t.act.right(3), "[data-deeds]");
  expect(await counted(office, "unchanged")).toBe(497);
  await office.act("take");
  await office.reads(t.done.new(3), "[data-taken]");
  await office.act("more");
  await choose(page, "choose", workbook([columns, ...right]));
  await office.reads(t.act.nothing, "[data-deeds]");

  // Exported, with passwords and without, and imported again.
  await office.open("#/cameras");
  await office.heading(camerasWords.ru.title);
  const before = await stage.admin.lastEvent();
  await office.act("export");
  const plain = await download(page, () => office.act("download", "dialog"));
  expect(plain.name).toMatch(/^камеры-\d{4}-\d\d-\d\d\.xlsx$/);
  await office.act("export");
  await page.check("dialog input[value=with]");
  await office.reads(t.export.warning, "dialog");
  expect(await office.faults()).toEqual([]);
  await office.act("download", "dialog");
  await office.reads(t.export.sure.title, "dialog:has([data-act=yes])");
  const secret = await download(page, () => office.act("yes"));
  expect(secret.name).toContain(t.export.fileWith);
  const kinds = (await stage.admin.events(before)).map((event) => event.kind);
  expect(kinds.filter((kind) => kind === "camera.exported")).toHaveLength(1);
  await office.open("#/cameras/import");
  for (const [i, { name, bytes }] of [plain, secret].entries()) {
    await choose(page, i === 0 ? "choose" : "another", bytes, name);
    await office.reads(name, ".sheet-name");
    await office.reads(t.act.nothing, "[data-deeds]");
    expect(await counted(office, "unchanged")).toBe(500 + tests);
  }
});

it("says of each bad file what is wrong with it and how to mend it", async () => {
  const office = await enter("#/cameras/import", { size: phone });
  await office.heading(t.title);
  const wide = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  const row = ["Вход", "rtsp://10.0.0.1/live"];
  const bad: [code: keyof typeof t.mends, file: Buffer][] = [
    ["sheet.not_xlsx", Buffer.from("Название;Адрес\nВход;rtsp://10.0.0.1/live\n")],
    ["sheet.encrypted", Buffer.concat([wide, Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")])],
    ["sheet.macros", archive({ "xl/workbook.xml": "<workbook/>", "xl/vbaProject.bin": "x" })],
    ["sheet.no_header", workbook([["Вход", "rtsp://10.0.0.1/live"]])],
    [
      "sheet.column_twice",
      workbook([
        ["Название", "Адрес", "Ссылка"],
        [...row, ""],
      ]),
    ],
    ["sheet.empty", workbook([["Название", "Адрес"]])],
    ["sheet.too_many_rows", workbook([["Название", "Адрес"], ...Array.from({ length: 10_001 }, () => row)])],
  ];
  for (const [code, file] of [...bad, ["sheet.too_large", undefined] as const]) {
    if (file) await choose(office.page, "choose", file);
    else await office.page.evaluate(chooseHuge);
    await office.page.waitForSelector(`[data-refused="${code}"]`);
    await office.reads(codes.ru[code as keyof typeof codes.ru]({}), ".refused");
    await office.reads(t.mends[code], ".refused");
  }
  expect(await office.faults()).toEqual([]);
  const overhang = await office.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overhang).toBeLessThanOrEqual(0);
  await choose(
    office.page,
    "choose",
    workbook([
      ["Название", "Адрес", "Ссылка"],
      [...row, ""],
    ]),
  );
  await office.reads(t.twice("C1", t.fields.address), ".refused");
});

it("is done by keyboard alone, guards what is loaded, and notices that the file has changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rtsp-viewer-sheet-"));
  try {
    const path = join(folder, "двор.xlsx");
    const rows = [["Название", "Адрес потока"], ...[1, 2, 3].map((i) => [`Двор ${i}`, `rtsp://10.7.7.${i}/live`])];
    await writeFile(path, workbook(rows));
    const office = await enter("#/cameras");
    const { page } = office;
    const press = async (act: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((name) => document.activeElement?.getAttribute("data-act") === name, act)) break;
      }
      await page.keyboard.press("Enter");
    };
    await press("import");
    await office.heading(t.title);
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press("choose")]);
    // As the chooser does it, with the file itself rather than a copy of it.
    const cdp = await page.context().newCDPSession(page);
    const { root } = await cdp.send("DOM.getDocument");
    const found = await cdp.send("DOM.querySelector", { nodeId: root.nodeId, selector: '[data-file="choose"]' });
    await cdp.send("DOM.setFileInputFiles", { files: [path], nodeId: found.nodeId });
    expect(chooser.isMultiple()).toBe(false);
    await office.reads(t.act.right(3), "[data-deeds]");
    await eventually("the focus at what was found", answered, () =>
      page.evaluate(() => document.activeElement?.classList.contains("deeds-line") ?? false),
    );

    // Neither a link nor the browser's own ways lose it without asking.
    await office.open("#/groups");
    await office.reads(t.leave.text, "dialog");
    await office.act("stay", "dialog");
    await office.heading(t.title);

    await writeFile(path, workbook([...rows, ["Двор 4", "rtsp://10.7.7.4/live"]]));
    await page.focus(".deeds-line");
    await press("take");
    await office.reads(t.disk.title, "dialog");
    await page.keyboard.press("Escape");
    await office.reads(t.disk.note, "[data-disk]");
    await page.focus(".deeds-line");
    await press("take");
    await office.reads(t.disk.title, "dialog");
    await press("yes");
    await office.reads(t.done.new(3), "[data-taken]");
    await eventually("the focus at what was done", answered, () =>
      page.evaluate(() => document.activeElement?.closest("[data-taken]") !== null),
    );
    // Nothing is held back any more.
    await office.open("#/groups");
    expect(office.hash).toMatch(/^#\/groups/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("loses nothing when the session ends or the connection breaks", async () => {
  const who = { login: "keeper-of-sheets", password: "battery staple keeper" };
  const { id } = await stage.admin.ask<{ id: string }>("POST", "/users", { ...who, role: "moderator" });
  const office = await Office.enter(stage.chromium, stage.gateway.url, who, "#/cameras/import");
  const { page } = office;
  await office.heading(t.title);
  const sheet = workbook([
    ["Название", "Адрес потока"],
    ...[1, 2].map((i) => [`Мост ${i}`, `rtsp://10.8.8.${i}/live`]),
  ]);
  await page.evaluate(drop, sheet.toString("base64"));
  await office.reads(t.act.right(2), "[data-deeds]");

  await stage.admin.ask("DELETE", `/users/${id}/sessions`);
  await office.act("take");
  await office.signIn(who);
  await office.reads(t.act.right(2), "[data-deeds]");
  await office.reads(t.restored, ".notes");

  // All the rows are written or none: another check says which.
  await page.route(/cameras\/import$/, (route) => route.abort("connectionreset"), { times: 1 });
  await office.act("take");
  await office.reads(t.unclear.text, "[data-unclear]");
  expect(await office.faults()).toEqual([]);
  await office.act("check-again");
  await office.reads(t.act.right(2), "[data-deeds]");
  await office.act("take");
  await office.reads(t.done.new(2), "[data-taken]");
  await office.act("test-new");
  await eventually("the page of the test", answered, () => office.hash.startsWith("#/probes/"));
});

it("shows a new administrator where to begin", async () => {
  const gateway = await Gateway.start("127.0.0.1");
  try {
    const office = await Office.enter(stage.chromium, gateway.url, admin, "#/account");
    const { page } = office;
    await page.click(".brand");
    await page.waitForSelector("[data-tile]");
    await office.reads(dicts.ru.banner.noCameras, ".banner");
    await page.click('.banner a[href="#/cameras/import"]');
    await office.heading(t.title);
    expect(await page.locator(".banner").count()).toBe(0);
    // A sheet of the system before.
    await choose(
      page,
      "choose",
      workbook([
        ["id", "name", "stream_url", "location", "created_at"],
        ["7", "Вход", "rtsp://10.6.6.6/live", "", "x"],
      ]),
    );
    await office.reads(t.act.right(1), "[data-deeds]");
    await office.act("take");
    await office.reads(t.done.new(1), "[data-taken]");
    await page.click(".brand");
    await page.waitForSelector("[data-tile]");
    await eventually("no word of it any more", answered, async () => (await page.locator(".banner").count()) === 0);
  } finally {
    await gateway.close();
  }
});

it("offers passwords to administrators only", async () => {
  const login = "moderator-of-sheets";
  const password = "battery staple sheets";
  await stage.admin.ask("POST", "/users", { login, password, role: "moderator" });
  const office = await Office.enter(stage.chromium, stage.gateway.url, { login, password }, "#/cameras");
  await office.act("export");
  await office.reads(t.export.text, "dialog");
  expect(await office.page.locator("dialog input[type=radio]").count()).toBe(0);
  const file = await download(office.page, () => office.act("download", "dialog"));
  expect(file.bytes.length).toBeGreaterThan(0);
  await office.reads(t.export.done, ".notes");
});
