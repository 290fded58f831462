import { beforeEach, describe, expect, it } from "vitest";
import { Edit } from "../src/admin/state/edit";
import { Form } from "../src/admin/state/form";
import type { Client } from "../src/api/client";
import { Drafts } from "../src/state/drafts";

describe("Drafts", () => {
  const draft = { base: { name: "" }, changes: { name: "Gate" } };

  it("gives a draft back to its writer, once", () => {
    const drafts = new Drafts();
    drafts.keep("anna", "/cameras/new", draft);
    expect(drafts.take("anna", "/cameras/2")).toBeUndefined();
    expect(drafts.take("anna", "/cameras/new")).toEqual(draft);
    expect(drafts.take("anna", "/cameras/new")).toBeUndefined();
  });

  it("shows nobody what somebody else typed, and forgets it then", () => {
    const drafts = new Drafts();
    drafts.keep("anna", "/cameras/new", draft);
    expect(drafts.take("boris", "/cameras/new")).toBeUndefined();
    expect(drafts.take("anna", "/cameras/new")).toBeUndefined();
  });
});

describe("a form with a draft in it", () => {
  interface Thing {
    version: number;
    name: string;
    notes: string;
  }
  let thing: Thing;
  let reachable = true;
  const client = {
    request: async () => (reachable ? { ok: true, value: thing } : { ok: false, code: "network" }),
  } as unknown as Client;
  const make = () =>
    new Edit<Thing, { name: string; notes: string }>({
      client,
      path: "/things/1",
      values: ({ name, notes }) => ({ name, notes }),
      body: (changes) => changes,
      empty: { name: "", notes: "" },
    });
  const base = { name: "Gate", notes: "old" };

  beforeEach(() => {
    thing = { version: 1, ...base };
    reachable = true;
  });

  it("goes on where it was, also with what was cleared, once the thing can be read", async () => {
    const edit = make();
    edit.form.restore({ base, changes: { notes: "" } });
    reachable = false;
    await edit.load();
    reachable = true;
    await edit.load();
    expect([edit.form.values, edit.form.changes]).toEqual([{ name: "Gate", notes: "" }, { notes: "" }]);
    expect(edit.state.value.conflict).toBeUndefined();
    await edit.load(); // read anew on purpose: the draft had its day
    expect(edit.form.dirty).toBe(false);
  });

  it("tells what somebody else saved in between", async () => {
    thing = { version: 2, name: "Theirs", notes: "old" };
    const edit = make();
    edit.form.restore({ base, changes: { name: "Mine" } });
    await edit.load();
    expect(edit.form.values.name).toBe("Mine");
    expect(edit.state.value.conflict?.differences).toEqual([
      { name: "name", before: "Gate", theirs: "Theirs", mine: "Mine" },
    ]);
  });

  it("stands in a new form at once, and is gone when that is sent", () => {
    const form = new Form({ name: "" });
    form.restore({ base: { name: "" }, changes: { name: "Gate" } });
    expect([form.values.name, form.dirty]).toEqual(["Gate", true]);
    form.reset(form.values);
    expect([form.dirty, form.restored]).toEqual([false, undefined]);
  });
});
