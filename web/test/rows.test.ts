import { beforeEach, describe, expect, it } from "vitest";
import { type Query, queryText, Rows, readQuery } from "../src/admin/state/rows";
import { Selection } from "../src/admin/state/selection";
import type { Asking, Client, Problem, Result } from "../src/api/client";
import { FakeClock, settled } from "./clock";

interface Row {
  id: string;
}

interface Sent {
  path: string;
  signal: AbortSignal | undefined;
  answer: (ids: string[], next?: string, total?: number) => void;
  refuse: (code: string) => void;
}

describe("Rows", () => {
  let clock: FakeClock;
  let sent: Sent[];
  let addresses: Query[];
  let rows: Rows<Row>;

  const client = {
    request: (_: string, path: string, __: unknown, asking: Asking = {}) =>
      new Promise<Result<unknown>>((resolve) => {
        sent.push({
          path,
          signal: asking.signal,
          answer: (ids, next = "", total = ids.length) =>
            resolve({ ok: true, value: { items: ids.map((id) => ({ id })), next_cursor: next, total } }),
          refuse: (code) => resolve({ ok: false, code, status: 500, fields: [], params: {} } as unknown as Problem),
        });
      }),
    all: async () => ({ ok: true, value: [] }),
  } as unknown as Client;

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    addresses = [];
    rows = new Rows<Row>({
      client,
      clock,
      path: "/cameras",
      query: readQuery(new URLSearchParams("tag=a&tag=b&other=1"), ["tag"], "number"),
      settled: (query) => addresses.push(query),
    });
  });

  const shown = () => rows.state.value.items.map((r) => r.id);
  const last = () => sent[sent.length - 1] as Sent;

  it("asks for what the address says", () => {
    void rows.load();
    expect(last().path).toBe("/cameras?sort=number&tag=a&tag=b&limit=100");
  });

  it("searches when the typing rests, and gives the older question up", async () => {
    void rows.load();
    rows.search("в");
    rows.search("во");
    await clock.pass(200);
    rows.search("вор");
    await clock.pass(200);
    expect(sent).toHaveLength(1);
    await clock.pass(100);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.signal?.aborted).toBe(true);
    expect(new URLSearchParams(last().path.split("?")[1]).get("q")).toBe("вор");
    // The older answer comes late and is not heard.
    last().answer(["2"]);
    sent[0]?.answer(["1"]);
    await settled();
    expect(shown()).toEqual(["2"]);
    expect(addresses.map((a) => a.q)).toEqual(["", "вор"]);
  });

  it("turns pages by cursors, and begins anew with another order", async () => {
    void rows.load();
    last().answer(["1"], "c1", 3);
    await settled();
    void rows.next();
    expect(last().path).toContain("cursor=c1");
    last().answer(["2"], "c2", 3);
    await settled();
    expect(rows.state.value).toMatchObject({ page: 1, more: "more", total: 3 });
    void rows.next();
    last().answer(["3"], "", 3);
    await settled();
    expect(rows.state.value).toMatchObject({ page: 2, more: "last" });
    void rows.previous();
    expect(last().path).toContain("cursor=c1");
    last().answer(["2"], "c2", 3);
    await settled();
    void rows.sortBy("name");
    expect(last().path).not.toContain("cursor");
    expect(last().path).toContain("sort=name");
    void rows.sortBy("name");
    expect(last().path).toContain("sort=-name");
  });

  it("goes a page back when the last one has become empty", async () => {
    void rows.load();
    last().answer(["1"], "c1", 2);
    await settled();
    void rows.next();
    last().answer(["2"], "", 2);
    await settled();
    void rows.again();
    last().answer([], "", 1);
    await settled();
    last().answer(["1"], "", 1);
    await settled();
    expect(rows.state.value).toMatchObject({ page: 0, total: 1, phase: "there" });
  });

  it("tells a failure and keeps the rows; a quiet look that fails says nothing", async () => {
    void rows.load();
    last().answer(["1"]);
    await settled();
    void rows.again("quietly");
    expect(rows.state.value.phase).toBe("there");
    last().refuse("network");
    await settled();
    expect(rows.state.value).toMatchObject({ phase: "there" });
    void rows.again();
    expect(rows.state.value.phase).toBe("loading");
    last().refuse("internal");
    await settled();
    expect(rows.state.value).toMatchObject({ phase: "failed", problem: { code: "internal" } });
    expect(shown()).toEqual(["1"]);
    void rows.again();
    last().answer(["2"]);
    await settled();
    expect(rows.state.value.problem).toBeUndefined();
  });

  it("asks an absent gateway again until it is back, and no other failure by itself", async () => {
    void rows.load();
    last().refuse("network");
    await clock.pass(4999);
    expect([sent.length, rows.state.value.phase]).toEqual([1, "failed"]);
    await clock.pass(1);
    expect(sent.length).toBe(2);
    last().refuse("internal");
    await clock.pass(60_000);
    expect([sent.length, rows.state.value.phase]).toEqual([2, "failed"]);
    void rows.load();
    last().refuse("network");
    await settled();
    rows.stop();
    await clock.pass(60_000);
    expect(sent.length).toBe(3);
  });

  it("filters, and drops text and filters but keeps the order", () => {
    void rows.filter("state", ["refused"]);
    expect(last().path).toContain("state=refused");
    void rows.filter("tag", []);
    expect(last().path).not.toContain("tag=");
    rows.search("x");
    void rows.clear();
    expect(last().path).toBe("/cameras?sort=number&limit=100");
  });

  it("asks what an address says, and the same again only once", () => {
    const query = readQuery(new URLSearchParams("q=gate"), ["tag"], "number");
    void rows.ask(query);
    void rows.ask({ ...query });
    expect(sent.map((s) => s.path)).toEqual(["/cameras?q=gate&sort=number&limit=100"]);
  });

  it("joins its questions to a path that has one", () => {
    const inside = new Rows<Row>({ client, clock, path: "/cameras?group=7", query: { q: "", sort: "", filters: {} } });
    void inside.load();
    expect(last().path).toBe("/cameras?group=7&limit=100");
  });

  it("writes what it reads", () => {
    const query = { q: "ёлка & Co", sort: "-name", filters: { tag: ["a b", "c"] } };
    expect(readQuery(queryText(query), ["tag"])).toEqual(query);
  });
});

describe("Selection", () => {
  it("holds rows of several pages", () => {
    const selection = new Selection();
    selection.mark(["1", "2"], "in");
    selection.mark(["9"], "in");
    expect([selection.of(["1", "2"]), selection.of(["2", "3"]), selection.of(["3"]), selection.of([])]).toEqual([
      "all",
      "some",
      "none",
      "none",
    ]);
    selection.mark(["1"], "out");
    expect([...selection.ids.value]).toEqual(["2", "9"]);
    selection.clear();
    expect(selection.ids.value.size).toBe(0);
  });
});
