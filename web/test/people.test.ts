import { describe, expect, it } from "vitest";
import { planCopy } from "../src/admin/state/copying";
import { countdown } from "../src/admin/state/countdown";
import { limitOf, limitText } from "../src/admin/state/limit";
import { makePassword } from "../src/admin/state/password";
import type { HeldCamera, HeldGroup } from "../src/api/people";
import { doorWords } from "../src/i18n/door";
import { Post } from "../src/state/post";
import { memory } from "./memory";

describe("a limit of views", () => {
  it.each([
    [null, ""],
    [0, "0"],
    [12, "12"],
  ])("of %s is the same after a form held it", (limit, text) => {
    expect(limitText(limit)).toBe(text);
    expect(limitOf(text)).toBe(limit);
  });
});

describe("a password that was made", () => {
  const all = (byte: number) => makePassword((bytes) => bytes.fill(byte));

  it("has four groups of four, of letters that nobody mixes up", () => {
    const made = new Set<string>();
    for (let byte = 0; byte < 256; byte++) {
      expect(all(byte)).toMatch(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){3}$/);
      made.add(all(byte).charAt(0));
    }
    expect(made.size).toBe(32); // each letter stands for five bits, all as likely
  });

  it("takes every group from the source", () => {
    let next = 0;
    const made = makePassword((bytes) =>
      bytes.forEach((_, i) => {
        bytes[i] = next++;
      }),
    );
    expect(new Set(made.replaceAll("-", "")).size).toBe(16);
  });
});

describe("the time that a code is good", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");

  it("is told in minutes and seconds", () => {
    expect(countdown("2026-11-22T12:14:59.5Z", now)).toBe("14:59");
    expect(countdown("2026-11-22T12:00:09Z", now)).toBe("0:09");
  });

  it("is nothing once it is over, or unknown", () => {
    expect(countdown("2026-11-22T12:00:00Z", now)).toBe("");
    expect(countdown("2026-11-22T11:00:00Z", now)).toBe("");
    expect(countdown("never", now)).toBe("");
  });
});

describe("copying somebody's grants", () => {
  const never = { expires_at: null, granted_at: null, granted_by: "", group_id: "", group_name: "", reason: "" };
  const camera = (n: number, ...kinds: ("grant" | "group" | "role")[]): HeldCamera => ({
    id: `c${n}`,
    number: n,
    name: `Camera ${n}`,
    location: "",
    tags: [],
    state: "live",
    state_code: "",
    state_since: null,
    seen_at: null,
    via: kinds.map((kind) => ({ ...never, kind })),
  });
  const group = (id: string): HeldGroup => ({
    id,
    name: `Group ${id}`,
    cameras: 1,
    expires_at: null,
    reason: "",
    granted_at: "",
    granted_by: "",
  });
  const ids = (moved: { id: string }[]) => moved.map(({ id }) => id);
  const from = { cameras: [camera(1, "grant"), camera(2, "group"), camera(3, "grant", "group")], groups: [group("a")] };
  const to = { cameras: [camera(3, "grant"), camera(4, "grant"), camera(5, "role")], groups: [group("b")] };

  it("adds what is missing and leaves the rest", () => {
    const plan = planCopy(from, to, "add");
    expect(ids(plan.given)).toEqual(["a", "c1"]);
    expect(plan.withdrawn).toEqual([]);
    expect(plan.kept).toBe(1);
  });

  it("withdraws what the other does not have when it replaces", () => {
    const plan = planCopy(from, to, "replace");
    expect(ids(plan.given)).toEqual(["a", "c1"]);
    expect(ids(plan.withdrawn)).toEqual(["b", "c4"]);
    expect(plan.kept).toBe(1);
  });

  it("counts no camera that came by a group or a role alone", () => {
    const plan = planCopy({ cameras: [camera(1, "group"), camera(2, "role")], groups: [] }, to, "add");
    expect(plan.given).toEqual([]);
  });

  it("tells a group from a camera of the same id", () => {
    const plan = planCopy(
      { cameras: [], groups: [group("c3")] },
      { cameras: [camera(3, "grant")], groups: [] },
      "replace",
    );
    expect(plan.given).toEqual([{ id: "c3", kind: "group", name: "Group c3" }]);
    expect(ids(plan.withdrawn)).toEqual(["c3"]);
  });
});

describe("what a browser is for", () => {
  it("is a desk until a wall device was signed in, and stays a screen after it was signed out", () => {
    const kept = memory();
    const post = new Post(kept);
    expect(post.kind.value).toBe("desk");
    post.serve({ kind: "device" });
    expect(post.kind.value).toBe("wall");
    expect(new Post(kept).kind.value).toBe("wall");
  });

  it("is a desk again when a person signs in, or wants to", () => {
    const kept = memory();
    new Post(kept).serve({ kind: "device" });
    new Post(kept).serve({ kind: "person" });
    expect(new Post(kept).kind.value).toBe("desk");
    const post = new Post(kept);
    post.serve({ kind: "device" });
    post.release();
    expect(new Post(kept).kind.value).toBe("desk");
  });

  it("does without storage", () => {
    const forbidden = () => {
      throw new Error("SecurityError");
    };
    const post = new Post({ getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    post.serve({ kind: "device" });
    expect(post.kind.value).toBe("wall");
  });

  it("has words in both languages for every place", () => {
    for (const [name, en] of Object.entries(doorWords.en)) {
      const ru = doorWords.ru[name as keyof typeof doorWords.ru];
      const said = (w: unknown) => (typeof w === "function" ? String(w(3)) : String(w));
      expect(said(en), name).not.toMatch(/[а-яё]/i);
      expect(said(ru), name).toMatch(/[а-яё]/i);
    }
  });
});
