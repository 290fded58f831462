import type { Client, Result } from "../../api/client";
import type { ImportReport, JudgedRow, ReadAddress, Verdict } from "../../api/sheets";
import { fold } from "../../base/fold";

/** The verdicts in the order in which somebody looks at them. */
export const verdicts: readonly Verdict[] = ["wrong", "duplicate", "new", "changed", "unchanged"];

/** How many rows will be left out. */
export function leftOut(report: ImportReport): number {
  return report.wrong + report.duplicate;
}

/** How many rows would change something. */
export function toTake(report: ImportReport): number {
  return report.new + report.changed;
}

/** What to look at first: what is wrong, if anything is. */
export function first(report: ImportReport): Verdict | undefined {
  return verdicts.slice(0, 2).find((verdict) => report[verdict] > 0);
}

/**
 * What makes one look twice at how an address was read: a "host" without a dot, or an @ in the path, is what is left of a password that ended
 * too early.
 */
export function doubtOf({ host, path }: ReadAddress): "host" | "path" | undefined {
  if (!host.includes(".") && !host.startsWith("[") && host !== "localhost") return "host";
  return /@|%40/.test(path) ? "path" : undefined;
}

/** Whether one of a row's addresses makes one look twice. */
export function doubtful(row: JudgedRow): boolean {
  return [row.address, row.sub_address].some((address) => address !== null && doubtOf(address) !== undefined);
}

/**
 * VerdictList answers what a list asks of the gateway out of a report that is here already: it searches, narrows, sorts and pages.
 */
export class VerdictList implements Pick<Client, "request" | "all"> {
  readonly #rows: readonly JudgedRow[];
  readonly #words: (row: JudgedRow) => string;
  readonly #folded = new Map<JudgedRow, string>();

  /** words: what is written of a row, for searching in it. */
  constructor(rows: readonly JudgedRow[], words: (row: JudgedRow) => string) {
    this.#rows = rows;
    this.#words = words;
  }

  async request<T>(_: string, path: string): Promise<Result<T>> {
    // Thousands of rows may just have been read: what is on the screen is drawn before more is done.
    await new Promise((resolve) => setTimeout(resolve));
    const query = new URL(path, "http://here").searchParams;
    const found = this.#find(query);
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? found.length);
    const to = from + limit;
    const page = {
      items: found.slice(from, to),
      total: found.length,
      next_cursor: to < found.length ? String(to) : "",
    };
    return { ok: true, value: page as T };
  }

  all<T>(path: string): Promise<Result<T[]>> {
    const found = this.#find(new URL(path, "http://here").searchParams) as T[];
    return Promise.resolve({ ok: true, value: found });
  }

  #find(query: URLSearchParams): readonly JudgedRow[] {
    const wanted = query.getAll("verdict");
    const doubts = query.has("doubt");
    const words = fold(query.get("q") ?? "").split(" ");
    const found = this.#rows.filter(
      (row) =>
        (wanted.length === 0 || wanted.includes(row.verdict)) &&
        (!doubts || doubtful(row)) &&
        words.every((word) => word === "" || this.#text(row).includes(word)),
    );
    const sort = query.get("sort") ?? "row";
    const order = orders[sort.replace("-", "")];
    if (order && sort !== "row") found.sort(sort.startsWith("-") ? (a, b) => order(b, a) : order);
    return found;
  }

  #text(row: JudgedRow): string {
    let text = this.#folded.get(row);
    if (text === undefined) {
      text = fold(this.#words(row));
      this.#folded.set(row, text);
    }
    return text;
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

const orders: Record<string, (a: JudgedRow, b: JudgedRow) => number> = {
  row: (a, b) => a.row - b.row,
  number: (a, b) => a.number - b.number || a.row - b.row,
  name: (a, b) => compare(a.name, b.name) || a.row - b.row,
};
