import { describe, expect, it } from "vitest";
import { dicts, preferred, Text, timeOfDay, words } from "../src/i18n";
import { pluralEn, pluralRu } from "../src/i18n/plural";
import { memory } from "./memory";

const { en, ru } = dicts;

/** Every leaf of a dictionary by its path. */
function leaves(node: object, path = ""): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(node)) {
    const here = path === "" ? key : `${path}/${key}`;
    if (typeof value === "object") for (const [k, v] of leaves(value, here)) found.set(k, v);
    else found.set(here, value);
  }
  return found;
}

/** What a leaf says; functions are given numbers, or parameters. */
function said(leaf: unknown): string {
  if (typeof leaf !== "function") return String(leaf);
  for (const args of [
    [3, 4, 5],
    [{ camera: "K", number: "5", where: "Chrome", codec: "H265" }, "10:00"],
    [4, {}, ""],
    ["K", "K", "K"],
  ]) {
    try {
      const text = leaf(...args);
      if (typeof text === "string" && !/undefined|NaN|\[object/.test(text)) return text;
    } catch {
      // not what this one takes
    }
  }
  return "";
}

describe("the two languages", () => {
  it("say the same things", () => {
    expect([...leaves(ru).keys()].sort()).toEqual([...leaves(en).keys()].sort());
  });

  it("say something everywhere, each in its own letters", () => {
    const same = new Set(["title", "help/names/enter", "help/names/esc"]);
    for (const [path, leaf] of leaves(ru)) {
      const [russian, english] = [said(leaf), said(leaves(en).get(path))];
      expect(russian.trim(), path).not.toBe("");
      expect(english.trim(), path).not.toBe("");
      if (!same.has(path)) expect(/[а-яё]/i.test(russian), `${path}: ${russian}`).toBe(true);
      expect(/[а-яё]/i.test(english), `${path}: ${english}`).toBe(false);
    }
  });

  it("put unknown codes into words that keep the code", () => {
    expect(words(en, "camera.on_fire")).toContain("camera.on_fire");
    expect(words(ru, "camera.on_fire")).toContain("camera.on_fire");
    expect(words(en, "toString")).toContain("toString");
  });

  it("name who evicted whom", () => {
    const params = { camera: "Gate 2", number: "5", where: "Chrome, Windows", address: "10.0.0.5" };
    expect(en.tile.evictedText(params, "14:05")).toBe(
      "“Gate 2” (No. 5) was opened in Chrome, Windows (10.0.0.5) at 14:05.",
    );
    expect(ru.tile.evictedText(params, "14:05")).toBe(
      "В 14:05 открыта камера «Gate 2» (№ 5): Chrome, Windows (10.0.0.5).",
    );
    expect(en.tile.evictedText({ ...params, where: "10.0.0.5" }, "")).toBe("“Gate 2” (No. 5) was opened in 10.0.0.5.");
  });
});

describe("plurals", () => {
  it.each([
    [0, "камер"],
    [1, "камера"],
    [2, "камеры"],
    [4, "камеры"],
    [5, "камер"],
    [11, "камер"],
    [14, "камер"],
    [21, "камера"],
    [22, "камеры"],
    [111, "камер"],
    [101, "камера"],
  ])("%i %s", (n, word) => {
    expect(pluralRu(n, "камера", "камеры", "камер")).toBe(word);
  });

  it("has one and many in English", () => {
    expect([0, 1, 2].map((n) => pluralEn(n, "view", "views"))).toEqual(["views", "view", "views"]);
  });
});

describe("the language of the screen", () => {
  it("is the browser's first that is known", () => {
    expect(preferred(["de-DE", "ru-RU", "en"])).toBe("ru");
    expect(preferred(["en-GB", "ru"])).toBe("en");
    expect(preferred(["de"])).toBe("en");
    expect(preferred([])).toBe("en");
  });

  it("is the account's unless somebody chose here", () => {
    const kept = memory();
    const text = new Text(["en"], kept);
    text.suggest("ru");
    expect(text.language.value).toBe("ru");
    text.choose("en");
    text.suggest("ru");
    expect(text.language.value).toBe("en");
    expect(new Text(["ru"], kept).language.value).toBe("en");
  });
});

describe("times", () => {
  it("have a date when they are not of today", () => {
    const noon = new Date(2026, 10, 22, 12, 3, 4).getTime();
    expect(timeOfDay(noon, noon)).toBe("12:03:04");
    expect(timeOfDay(noon, noon + 86_400_000)).toBe("22.11.2026 12:03:04");
  });
});
