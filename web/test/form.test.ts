import { beforeEach, describe, expect, it } from "vitest";
import { Edit } from "../src/admin/state/edit";
import { Form } from "../src/admin/state/form";
import type { Asking, Client, Problem, Result } from "../src/api/client";
import { settled } from "./clock";

const refused = (known: Partial<Problem>): Problem => ({
  ok: false,
  code: "camera.invalid",
  status: 422,
  detail: "",
  requestID: "r1",
  params: {},
  retryAfter: 0,
  fields: [],
  ...known,
});

describe("Form", () => {
  const make = () => new Form({ name: "Gate", tags: ["a"], number: "5" }, { "camera.number_taken": "number" });

  it("knows what was changed", () => {
    const form = make();
    form.set("name", "Gate 2");
    form.set("tags", ["a"]);
    expect([form.dirty, form.changes]).toEqual([true, { name: "Gate 2" }]);
    form.set("name", "Gate");
    expect(form.dirty).toBe(false);
  });

  it("puts complaints at the fields they belong to, until those are changed", async () => {
    const form = make();
    const fields = [
      { path: "body.name", code: "too_long" },
      { path: "tags[3]", code: "characters" },
      { path: "nothing", code: "x" },
    ];
    await form.submit(async () => refused({ fields }));
    expect(form.state.value).toMatchObject({ faults: { name: "too_long", tags: "characters" }, busy: false });
    expect(form.state.value.problem).toBeUndefined();
    form.set("name", "Gate");
    expect(form.state.value.faults).toEqual({ tags: "characters" });
  });

  it("puts a fault of the whole at its field, or over all", async () => {
    const form = make();
    await form.submit(async () => refused({ code: "camera.number_taken", status: 409 }));
    expect(form.state.value.faults).toEqual({ number: "camera.number_taken" });
    await form.submit(async () => refused({ code: "internal", status: 500 }));
    expect(form.state.value).toMatchObject({ faults: {}, problem: { code: "internal" } });
  });

  it("is sent once at a time", async () => {
    const form = make();
    let sent = 0;
    let done: (result: Result<string>) => void = () => {};
    const send = () => {
      sent++;
      return new Promise<Result<string>>((resolve) => {
        done = resolve;
      });
    };
    const first = form.submit(send);
    expect(await form.submit(send)).toBeUndefined();
    done({ ok: true, value: "made" });
    expect([sent, (await first)?.ok, form.state.value.busy]).toEqual([1, true, false]);
  });

  it("keeps what was typed when what it was read from changes", () => {
    const form = make();
    form.set("name", "Mine");
    form.rebase({ name: "Theirs", tags: ["b"], number: "5" });
    expect([form.values, form.changes]).toEqual([{ name: "Mine", tags: ["b"], number: "5" }, { name: "Mine" }]);
  });
});

interface Thing {
  version: number;
  name: string;
  notes: string;
  state: string;
}

describe("Edit", () => {
  let thing: Thing;
  let patches: { body: object; ifMatch: number | undefined }[];
  let edit: Edit<Thing, { name: string; notes: string }>;

  const client = {
    request: async (method: string, _: string, body: Partial<Thing> = {}, asking: Asking = {}) => {
      if (method === "GET") return { ok: true, value: thing };
      patches.push({ body, ifMatch: asking.ifMatch });
      if (asking.ifMatch !== thing.version) return refused({ code: "precondition.version", status: 412 });
      thing = { ...thing, ...body, version: thing.version + 1 };
      return { ok: true, value: thing };
    },
  } as unknown as Client;

  beforeEach(async () => {
    thing = { version: 1, name: "Gate", notes: "", state: "live" };
    patches = [];
    edit = new Edit({
      client,
      path: "/things/1",
      values: ({ name, notes }: Thing) => ({ name, notes }),
      body: (changes) => changes,
      empty: { name: "", notes: "" },
    });
    await edit.load();
  });

  it("sends what was changed, with the version that it was read at", async () => {
    edit.form.set("name", "Gate 2");
    expect(await edit.save()).toMatchObject({ name: "Gate 2", version: 2 });
    expect(patches).toEqual([{ body: { name: "Gate 2" }, ifMatch: 1 }]);
    expect(edit.form.dirty).toBe(false);
  });

  it("shows what somebody else changed, and sends nothing before a person decides", async () => {
    edit.form.set("name", "Mine");
    thing = { ...thing, name: "Theirs", notes: "by night", version: 2 };
    expect(await edit.save()).toBeUndefined();
    expect(edit.state.value.conflict?.differences).toEqual([
      { name: "name", before: "Gate", theirs: "Theirs", mine: "Mine" },
      { name: "notes", before: "", theirs: "by night", mine: "" },
    ]);
    expect(patches).toHaveLength(1);
    expect(thing.name).toBe("Theirs");
  });

  it("saves over what they saved, and leaves alone what was not touched here", async () => {
    edit.form.set("name", "Mine");
    thing = { ...thing, name: "Theirs", notes: "by night", version: 2 };
    await edit.save();
    expect(await edit.overwrite()).toMatchObject({ name: "Mine", notes: "by night", version: 3 });
    expect(patches[1]).toEqual({ body: { name: "Mine" }, ifMatch: 2 });
    expect(edit.state.value.conflict).toBeUndefined();
  });

  it("asks again when a third one was quicker still", async () => {
    edit.form.set("name", "Mine");
    thing = { ...thing, name: "Theirs", version: 2 };
    await edit.save();
    thing = { ...thing, name: "Others’", version: 3 };
    expect(await edit.overwrite()).toBeUndefined();
    expect(edit.state.value.conflict?.differences).toEqual([
      { name: "name", before: "Theirs", theirs: "Others’", mine: "Mine" },
    ]);
  });

  it("gives up what was typed for theirs", async () => {
    edit.form.set("name", "Mine");
    thing = { ...thing, name: "Theirs", version: 2 };
    await edit.save();
    edit.takeTheirs();
    expect([edit.form.values.name, edit.form.dirty]).toEqual(["Theirs", false]);
  });

  it("does not trouble anybody when nothing of what they see was changed", async () => {
    edit.form.set("name", "Mine");
    thing = { ...thing, state: "stalled", version: 2 };
    await edit.save();
    await settled();
    expect([thing.name, thing.version, edit.state.value.conflict]).toEqual(["Mine", 3, undefined]);
  });

  it("follows what changes by itself, but not under somebody’s hands", async () => {
    thing = { ...thing, state: "stalled" };
    await edit.refresh();
    expect(edit.state.value.thing?.state).toBe("stalled");
    edit.form.set("name", "Mine");
    thing = { ...thing, name: "Theirs", version: 2 };
    await edit.refresh();
    expect([edit.form.values.name, edit.state.value.thing?.version]).toEqual(["Mine", 1]);
    edit.form.reset(edit.form.base);
    await edit.refresh();
    expect(edit.form.values.name).toBe("Theirs");
  });
});
