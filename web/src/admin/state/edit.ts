import type { Client, Problem } from "../../api/client";
import { Store } from "../../base/store";
import { type Belongs, changed, type DraftOf, Form } from "./form";

/** A field that somebody else changed meanwhile. */
export interface Difference<V> {
  name: keyof V;
  before: unknown;
  theirs: unknown;
  /** What stands in the form; the same as before where nothing was typed. */
  mine: unknown;
}

export interface EditState<T, V> {
  phase: "loading" | "there" | "failed";
  thing?: T;
  problem?: Problem;
  /** Somebody else saved first: what they changed. Nothing is sent until a person decides. */
  conflict?: { theirs: T; differences: Difference<V>[] };
}

export interface EditOptions<T, V> {
  client: Pick<Client, "request">;
  /** The thing's path in the API. */
  path: string;
  /** The form's values out of a thing. */
  values: (thing: T) => V;
  /** The body of a PATCH out of what was changed. */
  body: (changes: Partial<V>, values: V) => object;
  /** The form before anything is read. */
  empty: V;
  belongs?: Belongs;
}

/**
 * Edit is one thing of the gateway in a form. It sends only the fields that were changed, and only if nobody has changed the thing since it
 * was read; else it reads it again and shows what is different.
 */
export class Edit<T extends { version: number }, V extends object> {
  readonly state = new Store<EditState<T, V>>({ phase: "loading" });
  readonly form: Form<V>;
  readonly #o: EditOptions<T, V>;

  constructor(options: EditOptions<T, V>) {
    this.#o = options;
    this.form = new Form(options.empty, options.belongs);
  }

  async load(): Promise<void> {
    const got = await this.#o.client.request<T>("GET", this.#o.path);
    if (!got.ok) return this.state.set({ phase: "failed", problem: got });
    const { restored } = this.form;
    this.#took(got.value);
    if (restored) this.#resume(restored, got.value);
  }

  /** Reads the thing again for what changes by itself; a form that somebody works on keeps what it was read from. */
  async refresh(): Promise<void> {
    const { phase, conflict, thing } = this.state.value;
    if (phase !== "there" || conflict || this.form.state.value.busy) return;
    const got = await this.#o.client.request<T>("GET", this.#o.path);
    if (!got.ok || this.state.value.thing !== thing) return;
    if (got.value.version === thing?.version) this.state.set({ phase: "there", thing: got.value });
    else if (!this.form.dirty && !this.form.state.value.busy) this.#took(got.value);
  }

  /** Saves; gives the thing as it is then, or nothing if it was not saved. */
  async save(): Promise<T | undefined> {
    const thing = this.state.value.thing;
    if (!thing) return undefined;
    const result = await this.form.submit((values, changes) =>
      this.#o.client.request<T>("PATCH", this.#o.path, this.#o.body(changes, values), { ifMatch: thing.version }),
    );
    if (result?.ok) {
      this.#took(result.value);
      return result.value;
    }
    if (result?.status === 412) await this.#compare();
    return undefined;
  }

  /** Gives up what was typed for what the other saved. */
  takeTheirs(): void {
    const { conflict } = this.state.value;
    if (conflict) this.#took(conflict.theirs);
  }

  /** Puts what was typed over what the other saved; fields that only they changed stay theirs. */
  async overwrite(): Promise<T | undefined> {
    const { conflict } = this.state.value;
    if (!conflict) return undefined;
    this.#rebase(conflict.theirs);
    return this.save();
  }

  async #compare(): Promise<void> {
    const got = await this.#o.client.request<T>("GET", this.#o.path);
    if (!got.ok) return; // the form says why it was not saved
    const differences = differ(this.form.base, this.form.values, this.#o.values(got.value));
    // Nothing that the form shows is different: a state, or what was changed and changed back.
    if (differences.length === 0) {
      this.#rebase(got.value);
      await this.save();
      return;
    }
    this.state.set({ ...this.state.value, conflict: { theirs: got.value, differences } });
  }

  /** Goes on with what was typed into an earlier reading; what somebody changed in between is shown before anything is sent. */
  #resume({ base, changes }: DraftOf<V>, thing: T): void {
    this.form.retype(changes);
    const differences = differ(base, { ...base, ...changes }, this.#o.values(thing));
    if (differences.length > 0) this.state.set({ phase: "there", thing, conflict: { theirs: thing, differences } });
  }

  #rebase(thing: T): void {
    this.form.rebase(this.#o.values(thing));
    this.state.set({ phase: "there", thing });
  }

  #took(thing: T): void {
    this.form.reset(this.#o.values(thing));
    this.state.set({ phase: "there", thing });
  }
}

function differ<V extends object>(before: V, mine: V, theirs: V): Difference<V>[] {
  return changed(before, theirs).map((name) => ({
    name,
    before: before[name],
    theirs: theirs[name],
    mine: mine[name],
  }));
}
