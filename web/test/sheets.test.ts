import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Importing } from "../src/admin/sheets/importing";
import { doubtful, first, leftOut, toTake, VerdictList } from "../src/admin/sheets/judged";
import { stem, today } from "../src/admin/sheets/save";
import { Rows } from "../src/admin/state/rows";
import { sheetsWords } from "../src/admin/words/sheets";
import { Client, problem } from "../src/api/client";
import { Lines } from "../src/api/lines";
import { type Answered, type ImportReport, type JudgedRow, type Step, sendSheet } from "../src/api/sheets";
import { FakeClock, settled } from "./clock";

const row = (number: number, known: Partial<JudgedRow> = {}): JudgedRow => ({
  row: number,
  verdict: "new",
  id: "",
  number: 0,
  name: `Камера ${number}`,
  fields: [],
  errors: [],
  of: 0,
  address: { scheme: "rtsp", host: `10.0.0.${number}`, port: "554", path: "/live", username: "", has_password: false },
  sub_address: null,
  ...known,
});

const report = (rows: JudgedRow[], known: Partial<ImportReport> = {}): ImportReport => {
  const count = (verdict: JudgedRow["verdict"]) => rows.filter((r) => r.verdict === verdict).length;
  return {
    applied: false,
    sheet: "Камеры",
    sheets: 1,
    header: 1,
    columns: [],
    new: count("new"),
    changed: count("changed"),
    unchanged: count("unchanged"),
    wrong: count("wrong"),
    duplicate: count("duplicate"),
    rows,
    ...known,
  };
};

describe("Lines", () => {
  it("gives each value once, as soon as its line is whole", () => {
    const lines = new Lines();
    expect(lines.read("")).toEqual([]);
    expect(lines.read('{"a":1')).toEqual([]);
    expect(lines.read('{"a":1}\n\n{"b"')).toEqual([{ a: 1 }]);
    expect(lines.read('{"a":1}\n\n{"b":2}\r\n[3]\n{"c')).toEqual([{ b: 2 }, [3]]);
    expect(lines.finish('{"a":1}\n\n{"b":2}\r\n[3]\n{"c":4}')).toEqual([{ c: 4 }]);
    expect(lines.finish('{"a":1}\n\n{"b":2}\r\n[3]\n{"c":4}')).toEqual([]);
  });

  it("makes nothing of a line that was cut off", () => {
    expect(new Lines().finish('{"a":1}\n{"repo')).toEqual([{ a: 1 }]);
  });
});

/** As much of a request as sendSheet uses; the test is the gateway. */
class FakeRequest {
  readonly headers: Record<string, string> = {};
  readonly upload: { onprogress?: (e: { loaded: number; total: number }) => void; onload?: () => void } = {};
  route = "";
  sent: FormData | undefined;
  status = 0;
  responseText = "";
  type = "application/json";
  onprogress?: () => void;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;

  open(method: string, path: string): void {
    this.route = `${method} ${path}`;
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  getResponseHeader(name: string): string | null {
    return name === "Content-Type" && this.status !== 0 ? this.type : null;
  }
  send(form: FormData): void {
    this.sent = form;
  }
  abort(): void {
    this.onabort?.();
  }
  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = typeof body === "string" ? body : JSON.stringify(body);
    this.onload?.();
  }
  line(value: object): void {
    this.status = 200;
    this.type = "application/x-ndjson";
    this.responseText += `${JSON.stringify(value)}\n`;
    this.onprogress?.();
  }
}

describe("sendSheet", () => {
  let requests: FakeRequest[];
  let steps: Step[];
  let giveUp: AbortController;
  let refreshed: number;
  let client: Client;

  beforeEach(async () => {
    requests = [];
    steps = [];
    refreshed = 0;
    giveUp = new AbortController();
    const clock = new FakeClock();
    client = new Client({
      clock,
      signedIn: () => {},
      signedOut: () => {},
      fetch: async (path) => {
        if (String(path).endsWith("/auth/refresh")) refreshed++;
        const body = { access_token: `t${refreshed}`, expires_at: new Date(clock.wall() + 900_000).toISOString() };
        return new Response(JSON.stringify(body));
      },
    });
    await client.signIn("a", "p");
  });

  const begin = async (deed: "judge" | "take all" | "take right" = "judge"): Promise<Promise<Answered>[]> => {
    const answered = sendSheet(client, {
      sheet: { name: "камеры.xlsx", bytes: new Blob(["PK"]) },
      deed,
      signal: giveUp.signal,
      progress: (step) => steps.push(step),
      open: () => {
        const request = new FakeRequest();
        requests.push(request);
        return request as unknown as XMLHttpRequest;
      },
    });
    await settled();
    return [answered]; // a promise in a list is not waited for
  };
  const last = () => requests[requests.length - 1] as FakeRequest;

  it("sends the file with the session's headers and tells how much of it has gone", async () => {
    const [answered] = await begin();
    expect(last().route).toBe("POST /api/v1/cameras/import?dry_run=true");
    expect(last().headers).toMatchObject({ Authorization: "Bearer t0", "X-Requested-With": "rtsp-viewer" });
    expect(last().headers.Accept).toContain("application/x-ndjson");
    expect((last().sent as FormData).get("file")).toMatchObject({ name: "камеры.xlsx" });
    last().upload.onprogress?.({ loaded: 1, total: 2 });
    last().upload.onload?.();
    expect(steps).toEqual([
      { step: "sending", done: 1, of: 2 },
      { step: "waiting", done: 0, of: 0 },
    ]);
    last().answer(200, report([row(2)]));
    expect(await answered).toMatchObject({ ok: true, value: { new: 1 } });
  });

  it("asks for what is to be done", async () => {
    await begin("take all");
    expect(last().route).toBe("POST /api/v1/cameras/import");
    await begin("take right");
    expect(last().route).toBe("POST /api/v1/cameras/import?skip_invalid=true");
  });

  it("tells the gateway's steps line by line, and takes the report from the last one", async () => {
    const [answered] = await begin();
    last().line({ step: "reading", done: 100, of: 0 });
    last().line({ step: "judging", done: 200, of: 500 });
    last().line({ report: report([row(2), row(3)]) });
    last().onload?.();
    expect(await answered).toMatchObject({ ok: true, value: { new: 2 } });
    expect(steps).toEqual([
      { step: "reading", done: 100, of: 0 },
      { step: "judging", done: 200, of: 500 },
    ]);
  });

  it("takes a problem from the last line, with what each row comes to", async () => {
    const [answered] = await begin("take all");
    last().line({ step: "judging", done: 1, of: 1 });
    const wrong = report([row(2, { verdict: "wrong" })]);
    last().line({
      problem: { status: 422, code: "sheet.rows_wrong", params: { wrong: "1" }, request_id: "r1", import: wrong },
    });
    last().onload?.();
    const got = await answered;
    expect(got).toMatchObject({ ok: false, status: 422, code: "sheet.rows_wrong", requestID: "r1" });
    expect(got).toMatchObject({ params: { wrong: "1" }, report: { wrong: 1 } });
  });

  it("takes lines without a last word for a broken connection", async () => {
    const [answered] = await begin();
    last().line({ step: "judging", done: 1, of: 2 });
    last().responseText += '{"report":{"ro';
    last().onload?.();
    expect(await answered).toMatchObject({ ok: false, code: "network" });
  });

  it("takes plain problems, a broken connection, and being given up", async () => {
    const [refused] = await begin("take all");
    last().answer(422, { code: "sheet.column_twice", errors: [{ path: "D1", code: "address" }] });
    expect(await refused).toMatchObject({ code: "sheet.column_twice", fields: [{ path: "D1", code: "address" }] });
    const [wrong] = await begin("take all");
    last().answer(422, { code: "sheet.rows_wrong", import: report([row(2, { verdict: "wrong" })]) });
    expect(await wrong).toMatchObject({ code: "sheet.rows_wrong", report: { wrong: 1 } });
    const [broken] = await begin();
    last().onerror?.();
    expect(await broken).toMatchObject({ code: "network" });
    const [proxy] = await begin();
    last().answer(502, "<html>Bad Gateway");
    expect(await proxy).toMatchObject({ code: "network", status: 502 });
    const [given] = await begin();
    giveUp.abort();
    expect(await given).toMatchObject({ code: "cancelled" });
  });

  it("sends it once more when the session had to be renewed", async () => {
    const [answered] = await begin();
    last().answer(401, { code: "auth.expired" });
    await settled();
    expect(refreshed).toBe(1);
    expect(requests).toHaveLength(2);
    expect(last().headers.Authorization).toBe("Bearer t1");
    last().answer(200, report([row(2)]));
    expect(await answered).toMatchObject({ ok: true });
  });
});

describe("Importing", () => {
  let sent: { deed: string; bytes: Blob; signal: AbortSignal; answer: (a: Answered) => void }[];
  let importing: Importing;

  beforeEach(() => {
    sent = [];
    importing = new Importing({
      client: {} as Client,
      wall: () => Date.UTC(2026, 10, 22, 12),
      send: (_, { deed, sheet, signal }) =>
        new Promise((resolve) => {
          sent.push({ deed, bytes: sheet.bytes, signal, answer: resolve });
          signal.addEventListener("abort", () => resolve(problem({ code: "cancelled" })));
        }),
    });
  });

  const file = (text = "PK one", name = "site.xlsx") => new File([text], name);
  const state = () => importing.state.value;
  const last = () => sent[sent.length - 1] as (typeof sent)[number];
  /** Chooses a file and has it checked. */
  const checked = async (chosen = file(), what = report([row(2)])) => {
    const done = importing.choose(chosen);
    await expect.poll(() => sent.length).toBeGreaterThan(0);
    const before = sent.length;
    last().answer({ ok: true, value: what });
    await done;
    expect(sent).toHaveLength(before);
  };

  it("checks a file as soon as it is chosen, and stands guard over it until it is taken", async () => {
    expect(importing.loaded).toBe(false);
    await checked();
    expect(state()).toMatchObject({ phase: "checked", name: "site.xlsx", at: "2026-11-22T12:00:00.000Z" });
    expect(importing.loaded).toBe(true);
    const done = importing.take("take all");
    expect(state()).toMatchObject({ phase: "taking" });
    expect(last().deed).toBe("take all");
    last().answer({ ok: true, value: report([row(2)], { applied: true }) });
    await done;
    expect(state()).toMatchObject({ phase: "taken", report: { applied: true } });
    expect(importing.loaded).toBe(false);
  });

  it("refuses what can be refused here: nothing, too much", async () => {
    await importing.choose(file(""));
    expect(state()).toMatchObject({ phase: "empty", problem: { code: "sheet.not_xlsx" } });
    await importing.choose({ name: "big.xlsx", size: (32 << 20) + 1 } as File);
    expect(state()).toMatchObject({ phase: "empty", name: "big.xlsx", problem: { code: "sheet.too_large" } });
    const held = { name: "held.xlsx", size: 5, arrayBuffer: () => Promise.reject(new Error("held")) };
    await importing.choose(held as unknown as File);
    expect(state()).toMatchObject({ phase: "empty", problem: { code: "sheet.unreadable" } });
    expect(sent).toHaveLength(0);
  });

  it("keeps the file for another try when the gateway refused it", async () => {
    const done = importing.choose(file());
    await expect.poll(() => sent.length).toBe(1);
    last().answer(problem({ code: "sheet.busy", status: 503 }));
    await done;
    expect(state()).toMatchObject({ phase: "empty", name: "site.xlsx", problem: { code: "sheet.busy" } });
    const again = importing.check();
    last().answer({ ok: true, value: report([]) });
    await again;
    expect(state()).toMatchObject({ phase: "checked" });
    expect(state().problem).toBeUndefined();
  });

  it("forgets the answer to a file that another one has replaced", async () => {
    const one = importing.choose(file("PK one"));
    await expect.poll(() => sent.length).toBe(1);
    const two = importing.choose(file("PK two", "two.xlsx"));
    await expect.poll(() => sent.length).toBe(2);
    await one;
    expect(state()).toMatchObject({ phase: "checking", name: "two.xlsx" });
    last().answer({ ok: true, value: report([row(2), row(3)]) });
    await two;
    expect(state()).toMatchObject({ phase: "checked", name: "two.xlsx", report: { new: 2 } });
  });

  it("can be cancelled while it checks", async () => {
    const done = importing.choose(file());
    await expect.poll(() => sent.length).toBe(1);
    importing.cancel();
    await done;
    expect(state()).toMatchObject({ phase: "empty", problem: { code: "cancelled" } });
  });

  it("does not know what became of rows when the connection broke, until it has checked again", async () => {
    await checked();
    const done = importing.take("take right");
    last().answer(problem({ code: "network" }));
    await done;
    expect(state()).toMatchObject({ phase: "unclear" });
    expect(importing.loaded).toBe(true);
    const again = importing.check();
    last().answer({ ok: true, value: report([row(2, { verdict: "unchanged" })]) });
    await again;
    expect(state()).toMatchObject({ phase: "checked", report: { unchanged: 1 } });
  });

  it("shows what the rows come to now when they were refused", async () => {
    await checked();
    const done = importing.take("take all");
    last().answer({
      ...problem({ code: "sheet.rows_wrong", status: 422 }),
      report: report([row(2, { verdict: "wrong" })]),
    });
    await done;
    expect(state()).toMatchObject({ phase: "checked", problem: { code: "sheet.rows_wrong" }, report: { wrong: 1 } });
  });

  it("notices that the file is another one, or can't be read any more, and still takes what was checked", async () => {
    const disk = { text: "PK one" };
    const changing = {
      name: "site.xlsx",
      get size() {
        return disk.text.length;
      },
      arrayBuffer: () => new Blob([disk.text]).arrayBuffer(),
      slice: (from: number, to: number) => {
        if (disk.text === "gone") throw new Error("gone");
        return new Blob([disk.text]).slice(from, to);
      },
    };
    await checked(changing as unknown as File);
    expect(await importing.look()).toBe("same");
    disk.text = "PK two";
    expect(await importing.look()).toBe("changed");
    expect(state().disk).toBe("changed");
    const done = importing.take("take all");
    expect(await last().bytes.text()).toBe("PK one");
    last().answer({ ok: true, value: report([row(2)], { applied: true }) });
    await done;
  });

  it("takes a file that vanished for a changed one", async () => {
    let there = true;
    const vanishing = Object.assign(file(), {
      slice: () => {
        if (!there) throw new DOMException("gone", "NotReadableError");
        return new Blob(["PK one"]);
      },
    });
    await checked(vanishing);
    expect(await importing.look()).toBe("same");
    there = false;
    expect(await importing.look()).toBe("changed");
  });
});

describe("VerdictList", () => {
  const all = [
    row(2, { name: "Вход 2", number: 7 }),
    row(3, {
      name: "Ёлочная аллея",
      verdict: "wrong",
      errors: [{ field: "address", cell: "C3", code: "camera.address_scheme", item: 0 }],
      address: null,
    }),
    row(4, { name: "Вход 10", verdict: "unchanged", number: 5 }),
  ];
  const list = new VerdictList(all, (r) => `${r.name} ${r.errors.map((e) => e.cell).join(" ")}`);
  const rows = (query: string) =>
    new Rows<JudgedRow>({
      client: list,
      clock: new FakeClock(),
      path: "/rows",
      query: { q: "", sort: query, filters: {} },
    });
  const shown = (r: Rows<JudgedRow>) => r.state.value.items.map((i) => i.row);

  it("narrows by verdict and by words, as the gateway does", async () => {
    const r = rows("row");
    await r.load();
    expect(shown(r)).toEqual([2, 3, 4]);
    await r.filter("verdict", ["wrong"]);
    expect(shown(r)).toEqual([3]);
    await r.filter("verdict", []);
    for (const [q, found] of [
      ["елочная", [3]],
      ["c3", [3]],
      ["вход 10", [4]],
      ["вход", [2, 4]],
      ["крыша", []],
    ] as const) {
      r.search(q);
      await r.load();
      expect(shown(r), q).toEqual(found);
    }
  });

  it("sorts names as people do, and pages", async () => {
    const r = rows("name");
    await r.load();
    expect(shown(r)).toEqual([2, 4, 3]);
    await r.sort("-number");
    expect(shown(r)).toEqual([2, 4, 3]);
    await r.sort("-row");
    expect(shown(r)).toEqual([4, 3, 2]);
    const many = Array.from({ length: 250 }, (_, i) => row(i + 2));
    const paged = new Rows<JudgedRow>({
      client: new VerdictList(many, () => ""),
      clock: new FakeClock(),
      path: "/rows",
      query: { q: "", sort: "row", filters: {} },
    });
    await paged.load();
    await paged.next();
    await paged.next();
    expect(shown(paged)).toHaveLength(50);
    expect(paged.state.value).toMatchObject({ total: 250, more: "last" });
    const everything = await paged.all();
    expect(everything.ok && everything.value).toHaveLength(250);
  });
});

describe("what a report says", () => {
  it("counts what is taken and what is left out, and begins with what is wrong", () => {
    const r = report([row(2), row(3, { verdict: "changed" }), row(4, { verdict: "duplicate" })]);
    expect([toTake(r), leftOut(r), first(r)]).toEqual([2, 1, "duplicate"]);
    expect(first(report([row(2)]))).toBeUndefined();
    expect(first(report([row(2, { verdict: "wrong" }), row(4, { verdict: "duplicate" })]))).toBe("wrong");
  });

  it("looks twice where the rest of a password may stand for the device or in the path", () => {
    const at = (host: string, path = "/live") =>
      doubtful(row(2, { address: { scheme: "rtsp", host, port: "554", path, username: "a", has_password: true } }));
    expect([at("ss"), at("10.0.0.1", "/1@10.0.0.2/live"), at("10.0.0.1", "/a%40b")]).toEqual([true, true, true]);
    expect([at("10.0.0.1"), at("cam.example.com"), at("[fe80::1]"), at("localhost")]).toEqual(Array(4).fill(false));
    expect(doubtful(row(2, { address: null }))).toBe(false);
  });

  it("names files after what they are", () => {
    expect(today(new Date(2026, 0, 5))).toBe("2026-01-05");
    expect(stem("Объект 1.2.xlsx")).toBe("Объект 1.2");
  });
});

describe("the words of cells", () => {
  const go = (file: string) => readFileSync(join(import.meta.dirname, "../../camera", file), "utf8");

  it("know every column", () => {
    const [, list = ""] = /fieldsOfSheets = \[\]string\{([^}]*)\}/.exec(go("sheet_columns.go")) ?? [];
    const fields = [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name);
    expect(fields.length).toBeGreaterThan(8);
    for (const field of [...fields, "groups", "logins"]) {
      expect(Object.keys(sheetsWords.ru.fields)).toContain(field);
      expect(Object.keys(sheetsWords.ru.about)).toContain(field);
    }
  });

  it("know every code that a cell may have", () => {
    const codes = [...go("sheet.go").matchAll(/^\tcell\w+\s*=\s*"([\w.]+)"/gm)].map(([, code]) => code);
    const addresses = [...go("address.go").matchAll(/^\tbad\w+\s*=\s*"([\w.]+)"/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(4);
    expect(addresses.length).toBeGreaterThan(4);
    for (const code of [...codes, ...addresses]) expect(Object.keys(sheetsWords.ru.cells)).toContain(code);
  });
});
