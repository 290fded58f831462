import { beforeEach, describe, expect, it } from "vitest";
import { may, placesFor } from "../src/route/places";
import { Router } from "../src/route/router";
import { match, readHash, to, writeHash } from "../src/route/where";
import { settled } from "./clock";

/** A window with a history as browsers keep it: a step through it is told later, by popstate. */
class FakeWindow {
  steps: { hash: string; state: unknown }[] = [{ hash: "", state: null }];
  at = 0;
  readonly #listeners = new Map<string, ((event: Event) => void)[]>();

  readonly location = this.#location();
  readonly history = this.#history();

  addEventListener(type: string, listener: (event: Event) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  fire(type: string): Event {
    const event = new Event(type, { cancelable: true });
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
    return event;
  }

  /** Somebody writes an address, or follows a link that no script sees. */
  type(hash: string): void {
    this.steps = [...this.steps.slice(0, this.at + 1), { hash, state: null }];
    this.at++;
    this.fire("popstate");
  }

  get hash(): string {
    return this.steps[this.at]?.hash ?? "";
  }

  #location() {
    const hash = () => this.hash;
    return {
      get hash() {
        return hash();
      },
      pathname: "/",
      search: "",
    };
  }

  #history() {
    const state = () => this.steps[this.at]?.state;
    return {
      get state() {
        return state();
      },
      pushState: (to: unknown, _: string, hash?: string | URL | null) => {
        this.steps = [...this.steps.slice(0, this.at + 1), { hash: String(hash), state: to }];
        this.at++;
      },
      replaceState: (to: unknown, _: string, hash?: string | URL | null) => {
        this.steps[this.at] = { hash: hash === undefined ? this.hash : String(hash), state: to };
      },
      go: (n = 0) => {
        void Promise.resolve().then(() => {
          this.at = Math.max(0, Math.min(this.steps.length - 1, this.at + n));
          this.fire("popstate");
        });
      },
    };
  }
}

describe("Router", () => {
  let window: FakeWindow;
  let router: Router;
  let dirty: boolean;

  beforeEach(() => {
    window = new FakeWindow();
    router = new Router(window);
    dirty = false;
  });

  const go = async (n: number) => {
    window.history.go(n);
    await settled();
  };
  const path = () => router.where.value.path;

  it("goes to pages, back and forward", async () => {
    router.go("/cameras?q=gate");
    router.go("/cameras/1");
    expect([path(), window.hash]).toEqual(["/cameras/1", "#/cameras/1"]);
    await go(-1);
    expect([path(), router.where.value.query.get("q")]).toEqual(["/cameras", "gate"]);
    await go(-1);
    expect(path()).toBe("/");
    await go(2);
    expect(path()).toBe("/cameras/1");
    window.type("#/log");
    expect(path()).toBe("/log");
  });

  it("asks before a guarded page is left by a link, and stays or leaves as told", () => {
    router.go("/users");
    router.guard(() => dirty);
    dirty = true;
    router.go("/log");
    expect(path()).toBe("/users");
    router.leaving.value?.stay();
    expect([path(), router.leaving.value]).toEqual(["/users", undefined]);
    router.go("/log");
    router.leaving.value?.leave();
    expect([path(), window.hash, router.leaving.value]).toEqual(["/log", "#/log", undefined]);
  });

  it("asks before a guarded page is left by back, by forward and by a typed address; the address stays until then", async () => {
    for (const p of ["/cameras", "/users", "/groups"]) router.go(p);
    await go(-1);
    router.guard(() => dirty);
    dirty = true;
    for (const n of [-1, -2, 1]) {
      await go(n);
      expect([path(), window.hash]).toEqual(["/users", "#/users"]);
      router.leaving.value?.stay();
      expect(window.hash).toBe("#/users");
    }
    window.type("#/log");
    await settled();
    expect([path(), window.hash]).toEqual(["/users", "#/users"]);
    router.leaving.value?.stay();
    await go(-2);
    router.leaving.value?.leave();
    await settled();
    expect([path(), window.hash, router.leaving.value]).toEqual(["/", "", undefined]);
  });

  it("does not ask where nothing would be lost: unchanged, left behind, or another search on the same page", async () => {
    router.go("/cameras");
    const undo = router.guard(() => dirty);
    router.go("/users");
    expect(path()).toBe("/users");
    dirty = true;
    router.go("/users?role=admin");
    expect(router.where.value.query.get("role")).toBe("admin");
    undo();
    await go(-2);
    expect([path(), router.leaving.value]).toEqual(["/cameras", undefined]);
  });

  it("has the browser ask before the tab is closed with unsaved changes", () => {
    router.guard(() => dirty);
    expect(window.fire("beforeunload").defaultPrevented).toBe(false);
    dirty = true;
    expect(window.fire("beforeunload").defaultPrevented).toBe(true);
  });

  it("replaces the address without a step", async () => {
    router.go("/cameras");
    router.replace({ path: "/cameras", query: new URLSearchParams({ q: "ёлка" }) });
    expect(readHash(window.hash).query.get("q")).toBe("ёлка");
    await go(-1);
    expect(path()).toBe("/");
  });
});

describe("addresses", () => {
  it("are read and written", () => {
    expect(readHash("").path).toBe("/");
    expect(readHash("#tile").path).toBe("/");
    expect(readHash("#/users/").path).toBe("/users");
    expect(writeHash(readHash("#/a?b=1&b=2"))).toBe("#/a?b=1&b=2");
  });

  it("fit patterns part by part, whatever stands in them", () => {
    expect(match("/cameras/:id", "/cameras/new")).toEqual({ id: "new" });
    expect(match("/cameras/:id", to("cameras", "a/b ё"))).toEqual({ id: "a/b ё" });
    expect(match("/cameras/:id", "/cameras")).toBeUndefined();
    expect(match("/cameras/:id", "/cameras/%zz")).toBeUndefined();
    expect(match("/cameras", "/cameras/1")).toBeUndefined();
  });
});

describe("the menu", () => {
  const user = { id: "u", login: "u", role: "user" } as const;

  it("shows what the role may see", () => {
    const names = (role: "user" | "moderator" | "admin") => placesFor({ ...user, role }).map((p) => p.name);
    expect(names("user")).toEqual(["wall", "account"]);
    expect(names("moderator")).toEqual(["wall", "cameras", "groups", "people", "views", "account"]);
    expect(names("admin")).toContain("settings");
  });

  it("leaves a screen on a wall with the wall", () => {
    expect(placesFor({ ...user, kind: "device" }).map((p) => p.name)).toEqual(["wall"]);
    expect(may({ ...user, kind: "device" }, "user", "/account")).toBe(false);
  });
});
