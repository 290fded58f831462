import type { Problem, Result } from "../../api/client";
import { Store } from "../../base/store";
import type { Draft } from "../../state/drafts";

export interface FormState<V> {
  values: V;
  /** What is wrong with a field, by its name, as a code. */
  faults: Readonly<Record<string, string>>;
  /** What is wrong with the whole. */
  problem?: Problem | undefined;
  busy: boolean;
}

/** Where a person mends a fault of the whole: the field by the problem's code. It goes before the fields that the gateway names. */
export type Belongs = Readonly<Record<string, string>>;

/** What somebody had typed into a form, and what it was read from. */
export interface DraftOf<V> extends Draft {
  base: V & object;
  changes: Partial<V>;
}

/** Form is values that a person edits: what they were, what they are, what is wrong with which. It knows no fields' looks. */
export class Form<V extends object> {
  readonly state: Store<FormState<V>>;
  #base: V;
  readonly #belongs: Belongs;
  #restored: DraftOf<V> | undefined;

  constructor(values: V, belongs: Belongs = {}) {
    this.#base = values;
    this.#belongs = belongs;
    this.state = new Store<FormState<V>>({ values, faults: {}, busy: false });
  }

  get values(): V {
    return this.state.value.values;
  }

  /** What the values were when they were last read or saved. */
  get base(): V {
    return this.#base;
  }

  get dirty(): boolean {
    return changed(this.#base, this.values).length > 0;
  }

  /** The fields that differ from what was read. */
  get changes(): Partial<V> {
    const changes: Partial<V> = {};
    for (const name of changed(this.#base, this.values)) changes[name] = this.values[name];
    return changes;
  }

  /** Takes what was typed; the complaint about the field goes. */
  set<K extends keyof V>(name: K, value: V[K]): void {
    const { [String(name)]: _, ...faults } = this.state.value.faults;
    this.state.set({ ...this.state.value, values: { ...this.values, [name]: value }, faults });
  }

  /** Complains about fields; no sending needed. */
  complain(faults: Readonly<Record<string, string>>): void {
    this.state.set({ ...this.state.value, faults, problem: undefined });
  }

  /** What was put back and not read anew since. */
  get restored(): DraftOf<V> | undefined {
    return this.#restored;
  }

  /** Puts back what somebody had typed before. */
  restore(draft: DraftOf<V>): void {
    this.#restored = draft;
    this.retype(draft.changes);
  }

  /** Takes several fields as if they were typed now. */
  retype(changes: Partial<V>): void {
    this.state.set({ ...this.state.value, values: { ...this.values, ...changes } });
  }

  /** Begins anew from other values. */
  reset(values: V): void {
    this.#restored = undefined;
    this.#base = values;
    this.state.set({ values, faults: {}, busy: false });
  }

  /** Takes other values for what was read, and keeps what was typed. */
  rebase(values: V): void {
    const mine = this.changes;
    this.#base = values;
    this.state.set({ ...this.state.value, values: { ...values, ...mine }, problem: undefined });
  }

  /** Sends the values; a second call while the first runs does nothing. What the gateway finds wrong lands at its fields. */
  async submit<T>(send: (values: V, changes: Partial<V>) => Promise<Result<T>>): Promise<Result<T> | undefined> {
    if (this.state.value.busy) return undefined;
    this.state.set({ ...this.state.value, faults: {}, problem: undefined, busy: true });
    const result = await send(this.values, this.changes);
    if (result.ok) this.state.set({ ...this.state.value, busy: false });
    else this.#refused(result);
    return result;
  }

  /** Takes what the gateway found wrong with the values when something else than saving was done with them; false if no field here mends it. */
  blame(problem: Problem): boolean {
    const faults = this.#faultsOf(problem);
    const told = Object.keys(faults).length > 0;
    if (told) this.complain(faults);
    return told;
  }

  #refused(problem: Problem): void {
    const faults = this.#faultsOf(problem);
    const told = Object.keys(faults).length > 0;
    this.state.set({ ...this.state.value, faults, problem: told ? undefined : problem, busy: false });
  }

  #faultsOf(problem: Problem): Record<string, string> {
    const faults: Record<string, string> = {};
    const own = this.#belongs[problem.code];
    if (own !== undefined) faults[own] = problem.code;
    else
      for (const { path, code } of problem.fields) {
        const name = fieldOf(path);
        if (name in this.values) faults[name] ??= code;
      }
    return faults;
  }
}

/** The names of the fields that differ. Values are plain: text, numbers, lists. */
export function changed<V extends object>(before: V, after: V): (keyof V)[] {
  const names = Object.keys(after) as (keyof V)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** "body.tags[2]" is about tags. */
function fieldOf(path: string): string {
  return path.replace(/^body\./, "").split(/[.[]/)[0] ?? "";
}
