import { describe, expect, it } from "vitest";
import { moments } from "../src/admin/moments";
import { telling } from "../src/admin/telling";
import type { Area } from "../src/i18n/area";

const files = import.meta.glob<Record<string, unknown>>(["../src/admin/**/words/*.ts", "../src/i18n/codes/*.ts"], {
  eager: true,
});

/** Words that are the same in both languages, or have no letters of their own. */
const alike = new Set(["TCP", "UDP", "—", "…"]);

function areas(): [string, Area<object>][] {
  return Object.entries(files).flatMap(([file, module]) =>
    Object.entries(module)
      .filter((entry): entry is [string, Area<object>] => {
        const value = entry[1];
        return typeof value === "object" && value !== null && "en" in value && "ru" in value;
      })
      .map(([name, value]): [string, Area<object>] => [`${file.split("/").slice(-1)[0]} ${name}`, value]),
  );
}

function leaves(node: object, path = ""): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(node)) {
    const here = path === "" ? key : `${path}/${key}`;
    if (typeof value === "object" && value !== null) for (const [k, v] of leaves(value, here)) found.set(k, v);
    else found.set(here, value);
  }
  return found;
}

/** What a leaf says; functions are given whatever they can use. */
function said(leaf: unknown): string {
  if (typeof leaf !== "function") return String(leaf);
  for (const args of [
    [3, 4, 5],
    [{}, ""],
    ["K", "K", "K"],
    ["K", 3, 3],
    [3, "K", "K"],
    [["K"], ["K"]],
  ]) {
    try {
      const text: unknown = leaf(...args);
      if (typeof text === "string" && text !== "" && !/undefined|NaN|\[object/.test(text)) return text;
    } catch {
      // not what this one takes
    }
  }
  return "";
}

describe("the words of the pages", () => {
  it("are found", () => {
    expect(areas().length).toBeGreaterThan(5);
  });

  it.each(areas())("%s says the same things in both languages, each in its own letters", (_, { en, ru }) => {
    const [english, russian] = [leaves(en), leaves(ru)];
    expect([...russian.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, leaf] of english) {
      if (path.startsWith("languages/")) continue; // a language has its name in itself
      const [e, r] = [said(leaf), said(russian.get(path))];
      expect(e.trim(), `en ${path}`).not.toBe("");
      expect(r.trim(), `ru ${path}`).not.toBe("");
      expect(/[а-яё]/i.test(e), `en ${path}: ${e}`).toBe(false);
      // Without letters of any language, or a name of its own, a word is everybody's.
      if (!alike.has(r) && /[a-z]/i.test(e) && e !== "K") expect(/[а-яё№]/i.test(r), `ru ${path}: ${r}`).toBe(true);
    }
  });
});

describe("telling", () => {
  const problem = { ok: false as const, status: 500, detail: "", params: {}, retryAfter: 0, fields: [] };

  it("knows the pages’ codes, the wall’s codes, and keeps a code that nobody knows", () => {
    expect(telling.code("ru", "camera.number_taken")).toMatch(/номер/);
    expect(telling.code("ru", "camera.unreachable")).toMatch(/камер/);
    expect(telling.code("en", "camera.on_fire")).toContain("camera.on_fire");
    expect(telling.code("en", "toString")).toContain("toString");
    expect(telling.fault("ru", "required")).toMatch(/Заполните/);
    expect(telling.fault("en", "camera.number_taken")).toMatch(/number/);
  });

  it("names the request to look for when the gateway itself failed", () => {
    expect(telling.problem("en", { ...problem, code: "internal", requestID: "r-7" })).toContain("r-7");
    expect(telling.problem("en", { ...problem, code: "network", requestID: "" })).not.toContain("equest number");
  });
});

describe("moments", () => {
  const at = new Date(2026, 10, 22, 14, 5, 9).toISOString();

  it("are written as the language writes them", () => {
    expect(moments("en").full(at)).toMatch(/22 Nov 2026.*14:05/);
    expect(moments("ru").full(at)).toMatch(/22 нояб\. 2026.*14:05/);
    expect(moments("en").exact(at)).toContain("14:05:09");
    expect(moments("en").full("no time")).toBe("");
  });

  it("tell how long ago", () => {
    const now = Date.parse(at) + 5 * 60_000;
    expect(moments("en").ago(at, now)).toBe("5 minutes ago");
    expect(moments("ru").ago(at, now)).toBe("5 минут назад");
    expect(moments("en").ago(at, Date.parse(at) - 3 * 86_400_000)).toBe("in 3 days");
  });
});
