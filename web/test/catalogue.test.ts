import { describe, expect, it } from "vitest";
import type { Client, Problem } from "../src/api/client";
import type { Camera } from "../src/api/types";
import { backoff } from "../src/base/clock";
import { deviceLabel } from "../src/base/device";
import { fold } from "../src/base/fold";
import { uuid } from "../src/base/uuid";
import { Catalogue, search } from "../src/state/catalogue";

const cameras: Camera[] = [
  { id: "a", number: 2, name: "Ёлочная аллея", location: "Сектор 12" },
  { id: "b", number: 12, name: "Gate North", location: "Building B", tags: ["street"] },
  { id: "c", number: 1, name: "Склад", location: "Корпус А" },
];
const found = (query: string) => search(cameras, query).map((c) => c.id);

describe("search", () => {
  it("does not mind case, ё and order of words", () => {
    expect(found("елочная")).toEqual(["a"]);
    expect(found("АЛЛЕЯ ёлоч")).toEqual(["a"]);
    expect(found("b gate")).toEqual(["b"]);
    expect(found("STREET")).toEqual(["b"]);
    expect(found("nothing")).toEqual([]);
    expect(found("  ")).toEqual(["a", "b", "c"]);
  });

  it("puts an exact number first", () => {
    expect(found("12")).toEqual(["b", "a"]); // number 12 before "Сектор 12"
    expect(found("1")[0]).toBe("c");
  });
});

describe("Catalogue", () => {
  const client = (over: Partial<Client>): Client =>
    ({
      cameras: async () => ({ ok: true, value: cameras }),
      favourites: async () => ({ ok: true, value: new Set(["b"]) }),
      ...over,
    }) as unknown as Client;
  const failed: Problem = {
    ok: false,
    code: "network",
    status: 0,
    detail: "",
    requestID: "",
    params: {},
    retryAfter: 0,
    fields: [],
  };

  it("lists favourites first, then by number", async () => {
    const c = new Catalogue(client({}));
    await c.load();
    expect(c.state.value.cameras.map((x) => x.id)).toEqual(["b", "c", "a"]);
  });

  it("keeps what it knew when the list can't be read again", async () => {
    let up = true;
    const c = new Catalogue(client({ cameras: async () => (up ? { ok: true, value: cameras } : failed) }));
    await c.load();
    up = false;
    await c.load();
    expect(c.state.value).toMatchObject({ phase: "there" });
    expect(c.byNumber(12)?.id).toBe("b");
  });

  it("takes a star back that the gateway refused", async () => {
    const c = new Catalogue(client({ favour: async () => failed }));
    await c.load();
    const toggled = c.toggle("a");
    expect(c.state.value.favourites.has("a")).toBe(true);
    await toggled;
    expect(c.state.value.favourites.has("a")).toBe(false);
  });
});

describe("small things", () => {
  it("fold", () => expect(fold("  ЁЖ\u00a0 и  é ")).toBe("еж и é"));

  it("uuid", () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid()).not.toBe(uuid());
  });

  it("backoff stays within its ladder", () => {
    const ladder = { first: 500, most: 15_000 };
    expect(backoff(ladder, 0, 0)).toBe(250);
    expect(backoff(ladder, 0, 1)).toBe(500);
    expect(backoff(ladder, 1000, 1)).toBe(15_000);
  });

  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
      "Chrome, Windows",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 YaBrowser/25.2 Safari/537.36",
      "Yandex Browser, Windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
      "Safari, macOS",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"],
    [
      "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 EdgA/140.0",
      "Edge, Android",
    ],
    ["curl/8", "browser"],
  ])("%s is %s", (ua, label) => expect(deviceLabel(ua)).toBe(label));
});
