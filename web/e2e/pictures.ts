import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Language } from "./chromium.ts";
import { Screen } from "./screen.ts";
import { Stage, soon } from "./stage.ts";

const sizes = {
  wide: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** Takes pictures of the real thing, for people to look at: every screen, in both languages and sizes, into a folder. */
export async function takePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const stage = new Stage();
  try {
    await stage.open();
    for (const language of ["en", "ru"] as const) {
      for (const size of ["wide", "phone"] as const) {
        const shoot = (page: Page, name: string) =>
          page.screenshot({ path: join(folder, `${name}.${size}.${language}.png`) });
        for (const take of [takeAll, takeLate]) {
          await take(stage, language, size, shoot);
          await stage.clear();
        }
      }
    }
  } finally {
    await stage.close();
  }
}

async function takeAll(
  stage: Stage,
  language: Language,
  size: keyof typeof sizes,
  shoot: (page: Page, name: string) => Promise<unknown>,
): Promise<void> {
  const who = await stage.person([1, 2, 3, 4, 5, 6], language === "ru" ? ["Анна", "Петрова"] : ["Anna", "Peters"]);
  const page = await stage.chromium.page(language, sizes[size]);
  await page.goto(stage.gateway.url);
  await page.waitForSelector("#login:focus");
  await shoot(page, "sign-in");

  const screen = new Screen(page);
  await screen.signIn(stage.gateway.url, who);
  const tiles = screen.tiles();
  await Promise.all(tiles.map((tile, i) => tile.plays(i + 1, 2 * soon)));
  await page.waitForFunction(() => document.querySelector(".views")?.textContent?.includes("4"));
  await shoot(page, "wall");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog .row");
  await shoot(page, "picker");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog .keys");
  await shoot(page, "help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  await page.waitForSelector(".overview");
  await tiles[0]?.plays(1, soon);
  await shoot(page, "enlarged");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".overview", { state: "detached" });

  // One camera silent, and one view closed for a fifth elsewhere.
  const other = await stage.screen(who, { browser: await stage.browser(), language, size: sizes[size] });
  await other.tile(0).says("limit", soon);
  await shoot(other.page, "limit");
  await other.call(0, 5);
  await other.tile(0).plays(5, soon);
  const evicted = Number(await page.locator('[data-state="evicted"]').getAttribute("data-tile"));
  const silent = evicted === 3 ? 3 : 4;
  await stage.cameras.do(silent, "pause");
  await tiles[silent - 1]?.says("stale", soon);
  await shoot(page, "troubles");
  await stage.cameras.do(silent, "resume");
}

/** What those have who can't have WebRTC, or not even modules. */
async function takeLate(
  stage: Stage,
  language: Language,
  size: keyof typeof sizes,
  shoot: (page: Page, name: string) => Promise<unknown>,
): Promise<void> {
  const who = await stage.person([1, 2, 3, 4, 5, 6], language === "ru" ? ["Анна", "Петрова"] : ["Anna", "Peters"]);
  const screen = await stage.screen(who, { language, size: sizes[size], lacks: "webrtc" });
  await Promise.all(screen.tiles().map((tile, i) => tile.playsBy("hls", i + 1, 2 * soon)));
  await Promise.all(screen.tiles().map((tile) => tile.behind()));
  await shoot(screen.page, "wall-hls");
  await screen.page.keyboard.press("f");
  await screen.page.waitForSelector(".overview");
  await screen.tile(0).plays(1, soon);
  await shoot(screen.page, "enlarged-hls");
  await screen.page.context().close();

  const page = await stage.chromium.page(language, sizes[size], "modules");
  await page.goto(stage.gateway.url);
  await page.waitForSelector("#login:focus");
  await shoot(page, "tv-sign-in");
  await page.keyboard.type(who.login);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.type(who.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".row:focus");
  await shoot(page, "tv-list");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.watch[data-state="live"]', { timeout: soon });
  await page.waitForFunction(() => document.querySelector(".delay")?.textContent?.includes("HLS"), null, {
    timeout: soon,
  });
  await shoot(page, "tv");
}
