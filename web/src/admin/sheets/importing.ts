import type { Client, Problem } from "../../api/client";
import { problem } from "../../api/client";
import { type Deed, type ImportReport, mostBytes, type Sheet, type Step, sendSheet } from "../../api/sheets";
import { Store } from "../../base/store";
import { leftOut, toTake } from "./judged";

/**
 * Where an import stands. "checked": the gateway has said what each row comes to. "unclear": the connection broke while rows were being
 * taken, so that all of them were or none.
 */
export type Phase = "empty" | "checking" | "checked" | "taking" | "unclear" | "taken";

export interface ImportState {
  phase: Phase;
  /** The sheet that was chosen; it stays in sight when it is refused. */
  name: string;
  step?: Step;
  /** Why it was refused, or could not be sent. */
  problem?: Problem;
  report?: ImportReport;
  /** When the report was made, RFC 3339. */
  at: string;
  /** "changed": the file is not any more what was checked. */
  disk: "same" | "changed";
}

export interface ImportingOptions {
  client: Client;
  /** Now, in ms since 1970. */
  wall: () => number;
  send?: typeof sendSheet;
}

const nothing: ImportState = { phase: "empty", name: "", at: "", disk: "same" };
const slice = 1 << 20; // bytes that are compared at a time

/**
 * Importing is one sheet on its way into the gateway: chosen, checked, taken. What was chosen is kept in memory, so that exactly what was
 * checked is taken, whatever becomes of the file meanwhile.
 */
export class Importing {
  readonly state = new Store<ImportState>(nothing);
  readonly #o: ImportingOptions;
  #file: File | undefined;
  #sheet: Sheet | undefined;
  #sent: AbortController | undefined;

  constructor(options: ImportingOptions) {
    this.#o = options;
  }

  get client(): Client {
    return this.#o.client;
  }

  /** What was chosen; undefined before. */
  get sheet(): Sheet | undefined {
    return this.#sheet;
  }

  /** Whether leaving would lose work: a sheet that was not taken yet and has something in it. */
  get loaded(): boolean {
    const { phase, report } = this.state.value;
    if (phase === "checked" && report) return toTake(report) + leftOut(report) > 0;
    return phase !== "empty" && phase !== "taken";
  }

  /** Whether something is on its way. */
  get busy(): boolean {
    const { phase } = this.state.value;
    return phase === "checking" || phase === "taking";
  }

  /** Takes a file, and has it checked. */
  async choose(file: File): Promise<void> {
    if (this.state.value.phase === "taking") return;
    this.#sent?.abort();
    this.#file = file;
    this.#sheet = undefined;
    const turn = new AbortController();
    this.#sent = turn;
    const { name } = file;
    if (file.size > mostBytes) return this.#refuse(name, "sheet.too_large");
    if (file.size === 0) return this.#refuse(name, "sheet.not_xlsx");
    this.state.set({ ...nothing, phase: "checking", name });
    try {
      const bytes = await file.arrayBuffer();
      if (turn.signal.aborted) return;
      this.#sheet = { name, bytes: new Blob([bytes]) };
    } catch {
      if (!turn.signal.aborted) this.#refuse(name, "sheet.unreadable");
      return;
    }
    await this.#judge();
  }

  /** Has the gateway say once more what each row comes to. */
  async check(): Promise<void> {
    if (!this.busy) await this.#judge();
  }

  async #judge(): Promise<void> {
    const answered = await this.#send("judge");
    if (answered === undefined) return;
    const { name, disk } = this.state.value;
    if (answered.ok)
      this.state.set({ ...nothing, phase: "checked", name, disk, report: answered.value, at: this.#now() });
    else this.state.set({ ...nothing, name, problem: answered });
  }

  /** Has rows taken. */
  async take(deed: Exclude<Deed, "judge">): Promise<void> {
    if (this.state.value.phase !== "checked") return;
    const before = this.state.value;
    const answered = await this.#send(deed);
    if (answered === undefined) return;
    if (answered.ok) {
      this.state.set({ ...nothing, phase: "taken", name: before.name, report: answered.value, at: this.#now() });
      return;
    }
    // Something else was changed meanwhile: what the rows come to now is at hand.
    if (answered.report) {
      this.state.set({ ...before, problem: answered, report: answered.report, at: this.#now() });
      return;
    }
    const unclear = answered.code === "network" || answered.code === "cancelled";
    this.state.set({ ...before, phase: unclear ? "unclear" : "checked", problem: answered });
  }

  /** Gives up what is on its way. */
  cancel(): void {
    this.#sent?.abort();
  }

  /** Begins anew. */
  reset(): void {
    this.#sent?.abort();
    this.#sent = undefined;
    this.#file = undefined;
    this.#sheet = undefined;
    this.state.set(nothing);
  }

  /** Looks whether the file still holds what was checked. One that is gone, or that the browser may not read any more, has changed. */
  async look(): Promise<"same" | "changed"> {
    const [file, sheet] = [this.#file, this.#sheet];
    if (!file || !sheet || this.state.value.phase !== "checked") return this.state.value.disk;
    const disk = (await alike(file, sheet.bytes)) ? "same" : "changed";
    if (this.#file === file && this.state.value.phase === "checked") this.state.set({ ...this.state.value, disk });
    return disk;
  }

  /** Sends what was chosen; undefined if another file was chosen meanwhile. */
  async #send(deed: Deed): Promise<Awaited<ReturnType<typeof sendSheet>> | undefined> {
    const sheet = this.#sheet;
    if (!sheet) return undefined;
    const sent = new AbortController();
    this.#sent = sent;
    const { problem: _, ...before } = this.state.value;
    const phase: Phase = deed === "judge" ? "checking" : "taking";
    this.state.set({ ...before, phase, step: { step: "sending", done: 0, of: sheet.bytes.size } });
    const send = this.#o.send ?? sendSheet;
    const answered = await send(this.#o.client, {
      sheet,
      deed,
      signal: sent.signal,
      progress: (step) => {
        if (this.#sent === sent) this.state.set({ ...this.state.value, step });
      },
    });
    return this.#sent === sent ? answered : undefined;
  }

  #refuse(name: string, code: string): void {
    this.state.set({ ...nothing, name, problem: problem({ code }) });
  }

  #now(): string {
    return new Date(this.#o.wall()).toISOString();
  }
}

async function alike(file: Blob, kept: Blob): Promise<boolean> {
  if (file.size !== kept.size) return false;
  try {
    for (let at = 0; at < kept.size; at += slice) {
      const [now, then] = await Promise.all(
        [file, kept].map(async (blob) => new Uint8Array(await blob.slice(at, at + slice).arrayBuffer())),
      );
      if (!now || !then || now.length !== then.length || now.some((byte, i) => byte !== then[i])) return false;
    }
    return true;
  } catch {
    return false;
  }
}
