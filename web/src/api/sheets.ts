import { base, type Client, type Problem, parseJSON, problem, problemFrom, type Result } from "./client";
import { Lines } from "./lines";
import type { components } from "./schema";

// Cameras by spreadsheet. The shapes come from the gateway's own document, which does not say what may be null.

type Schemas = components["schemas"];

export type ReadAddress = Schemas["ImportAddress"];
export type CellFault = Schemas["ImportError"];
export type Verdict = Schemas["ImportRow"]["verdict"];

/** What a row of a sheet comes to. */
export interface JudgedRow extends Omit<Schemas["ImportRow"], "address" | "sub_address"> {
  address: ReadAddress | null;
  sub_address: ReadAddress | null;
}

/** What a sheet comes to. */
export interface ImportReport extends Omit<Schemas["ImportReport"], "rows"> {
  rows: JudgedRow[];
}

/** A sheet's bounds, as the gateway has them. */
export const mostBytes = 32 << 20;

/** How far the work on a sheet is: "sending" is this browser's part, "waiting" is where nothing is known of the gateway's. */
export interface Step {
  step: "sending" | "waiting" | "unpacking" | "reading" | "judging" | "writing";
  done: number;
  /** 0: not known. */
  of: number;
}

/** What is to be done with a sheet: say what it comes to; take all rows or none; take the rows that are right. */
export type Deed = "judge" | "take all" | "take right";

export interface Sheet {
  name: string;
  bytes: Blob;
}

/** What the gateway said of a sheet. A refusal to take all rows comes with what each of them comes to. */
export type Answered = { ok: true; value: ImportReport } | (Problem & { report?: ImportReport });

interface Sending {
  sheet: Sheet;
  deed: Deed;
  /** Told whenever there is more to know. */
  progress: (step: Step) => void;
  signal: AbortSignal;
  /** Makes the request; browsers' own XMLHttpRequest, which alone tells how much of a file has been sent. */
  open?: () => XMLHttpRequest;
}

const flags: Record<Deed, string> = { judge: "?dry_run=true", "take all": "", "take right": "?skip_invalid=true" };

/** Sends a sheet, and tells how far it and the gateway are. A problem with the code "cancelled" was wished for. */
export async function sendSheet(client: Client, sending: Sending): Promise<Answered> {
  // A long upload should not end at a token that ran out before it began.
  const fresh = await client.fresh();
  if (!fresh.ok) return fresh;
  return client.carry<ImportReport>((headers) => send(headers, sending));
}

function send(headers: Record<string, string>, { sheet, deed, progress, signal, open }: Sending): Promise<Answered> {
  return new Promise((resolve) => {
    const request = open ? open() : new XMLHttpRequest();
    const answer = new Answer(progress);
    const give = () => request.abort();
    const end = (answered: Answered) => {
      signal.removeEventListener("abort", give);
      resolve(answered);
    };
    request.open("POST", `${base}/cameras/import${flags[deed]}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("Accept", `${linesType}, application/json`);
    request.upload.onprogress = ({ loaded, total }) => progress({ step: "sending", done: loaded, of: total });
    request.upload.onload = () => progress({ step: "waiting", done: 0, of: 0 });
    request.onprogress = () => answer.more(request);
    request.onload = () => end(answer.end(request));
    request.onerror = () => end(problem({ code: "network" }));
    request.onabort = () => end(problem({ code: "cancelled" }));
    signal.addEventListener("abort", give);
    if (signal.aborted) return end(problem({ code: "cancelled" }));
    const form = new FormData();
    form.append("file", sheet.bytes, sheet.name);
    request.send(form);
  });
}

const linesType = "application/x-ndjson";

/** A line of the answer. */
interface Line extends Partial<Step> {
  report?: ImportReport;
  problem?: object;
}

/** Answer reads the answer to a sheet while it comes: lines of steps with the report last, or one JSON value. */
class Answer {
  readonly #progress: (step: Step) => void;
  readonly #lines = new Lines();
  #last: Line = {};

  constructor(progress: (step: Step) => void) {
    this.#progress = progress;
  }

  more(request: XMLHttpRequest): void {
    if (isLines(request)) this.#take(this.#lines.read(request.responseText));
  }

  end(request: XMLHttpRequest): Answered {
    const { status } = request;
    const headers = { get: (name: string) => request.getResponseHeader(name) };
    if (!isLines(request)) {
      const read = parseJSON(request.responseText);
      if (status >= 200 && status < 300 && isReport(read)) return { ok: true, value: read };
      return refusal(problemFrom({ status, headers }, read), read);
    }
    this.#take(this.#lines.finish(request.responseText));
    const { report, problem: refused } = this.#last;
    if (report) return { ok: true, value: report };
    // Without a last word the connection broke, whatever the browser makes of it.
    if (!refused) return problem({ code: "network" });
    return refusal(problemFrom({ status: statusOf(refused), headers }, refused), refused);
  }

  #take(values: readonly unknown[]): void {
    for (const value of values) {
      const line = (typeof value === "object" && value !== null ? value : {}) as Line;
      if (line.report || line.problem) this.#last = line;
      else if (line.step) this.#progress({ step: line.step, done: line.done ?? 0, of: line.of ?? 0 });
    }
  }
}

function isLines(request: XMLHttpRequest): boolean {
  return (request.getResponseHeader("Content-Type") ?? "").startsWith(linesType);
}

function isReport(read: unknown): read is ImportReport {
  return typeof read === "object" && read !== null && Array.isArray((read as Partial<ImportReport>).rows);
}

function statusOf(body: object): number {
  const { status } = body as { status?: unknown };
  return typeof status === "number" ? status : 500;
}

function refusal(refused: Problem, body: unknown): Answered {
  const report = (body as { import?: unknown } | undefined)?.import;
  return isReport(report) ? { ...refused, report } : refused;
}

/** Has the gateway write a sheet with its verdicts. rows: "left out" are those that are wrong or duplicates. */
export function verdictSheet(
  client: Client,
  sheet: Sheet,
  { rows, language }: { rows: "all" | "left out"; language: string },
): Promise<Result<Blob>> {
  const form = new FormData();
  form.append("file", sheet.bytes, sheet.name);
  const only = rows === "left out" ? "&skip_invalid=true" : "";
  return client.file("POST", `/cameras/import?dry_run=true&as=xlsx&lang=${language}${only}`, form);
}

/** An empty sheet with explanations. */
export function template(client: Client, language: string): Promise<Result<Blob>> {
  return client.file("GET", `/cameras/template?lang=${language}`);
}

/** All cameras as a sheet. */
export function exportSheet(
  client: Client,
  { passwords, language }: { passwords: "with" | "without"; language: string },
): Promise<Result<Blob>> {
  const secrets = passwords === "with" ? "&passwords=true" : "";
  return client.file("GET", `/cameras/export?lang=${language}${secrets}`);
}
