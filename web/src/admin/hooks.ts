import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { browserClock } from "../base/clock";
import { useDesk } from "../ui/context";
import { useShell, useUser, useWords } from "./context";
import type { DraftOf, Form } from "./state/form";
import { noQuery, type Query, queryText, Rows, readQuery } from "./state/rows";
import { common } from "./words/common";

interface ListOptions {
  /** Filters that the address may carry. */
  filters?: readonly string[];
  /** The order of the list when nobody chose one. */
  sort?: string;
  limit?: number;
  /** "kept": search, order and filters stand in the address, so that back and reload bring them back. */
  address?: "kept";
}

/** A list of the gateway at a path of the API, read at once. */
export function useRows<T>(path: string, { filters = [], sort = "", limit, address }: ListOptions = {}): Rows<T> {
  const { client, router } = useShell();
  const rows = useMemo(() => {
    const here = router.where.value;
    const kept = address === "kept";
    const settled = (query: Query) => router.replace({ path: here.path, query: queryText(query) });
    return new Rows<T>({
      client,
      clock: browserClock,
      path,
      query: kept ? readQuery(here.query, filters, sort) : { ...noQuery, sort },
      ...(limit === undefined ? {} : { limit }),
      ...(kept ? { settled } : {}),
    });
  }, [path]);
  useEffect(() => {
    void rows.load();
    if (address !== "kept") return () => rows.stop();
    // A link to this very page, or a typed address, asks something else.
    const { path: here } = router.where.value;
    const undo = router.where.subscribe((where) => {
      if (where.path === here) void rows.ask(readQuery(where.query, filters, sort));
    });
    return () => {
      undo();
      rows.stop();
    };
  }, [rows]);
  return rows;
}

/** Asks before unsaved changes of a form are left. When the session ends by itself they are kept, and stand in the form again after the sign-in. */
export function useGuard<V extends object>(form: Form<V>): void {
  const shell = useShell();
  const { router } = shell;
  const { session, drafts } = useDesk();
  const { id } = useUser();
  const t = useWords(common);
  useEffect(() => {
    // A page may have several forms, of different fields.
    const where = `${router.where.value.path} ${Object.keys(form.base)}`;
    const draft = drafts.take(id, where);
    if (draft) {
      form.restore(draft as DraftOf<V>);
      shell.say(t.restored);
    }
    const unguard = router.guard(() => form.dirty);
    return () => {
      unguard();
      const state = session.state.value;
      if (state.phase !== "out" || state.why !== "ended" || !form.dirty) return;
      drafts.keep(id, where, { base: form.base, changes: form.changes });
    };
  }, [form, router]);
}

/** Does something every ms while the page can be seen. */
export function useEvery(ms: number, fn: () => void): void {
  const now = useRef(fn);
  now.current = fn;
  useEffect(() => {
    const id = setInterval(() => {
      if (document.visibilityState === "visible") now.current();
    }, ms);
    return () => clearInterval(id);
  }, [ms]);
}

/**
 * Something read from the gateway; undefined until it is there, and if it can't be had. It is read again when turn is another one; what was
 * read before stays until then.
 */
export function useRead<T>(path: string, turn = 0): T | undefined {
  const { client } = useShell();
  const [read, setRead] = useState<{ path: string; value: T }>();
  useEffect(() => {
    const asked = new AbortController();
    void client.request<T>("GET", path, undefined, { signal: asked.signal }).then((got) => {
      if (got.ok && !asked.signal.aborted) setRead({ path, value: got.value });
    });
    return () => asked.abort();
  }, [path, turn]);
  return read?.path === path ? read.value : undefined;
}
