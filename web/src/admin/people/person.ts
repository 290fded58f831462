import { useEffect, useReducer, useState } from "preact/hooks";
import type { PersonRecord } from "../../api/cameras";
import type { Problem } from "../../api/client";
import { to } from "../../route/where";
import { useShell } from "../context";

interface Read {
  person?: PersonRecord;
  problem?: Problem;
  again: () => void;
}

/** Somebody by id, as whoever grants cameras may know them. */
export function usePerson(id: string): Read {
  const { client } = useShell();
  const [read, setRead] = useState<Omit<Read, "again">>({});
  const [turn, again] = useReducer((n: number, _: undefined) => n + 1, 0);
  useEffect(() => {
    const asked = new AbortController();
    void client.request<PersonRecord>("GET", to("people", id), undefined, { signal: asked.signal }).then((got) => {
      if (asked.signal.aborted) return;
      setRead(got.ok ? { person: got.value } : { problem: got });
    });
    return () => asked.abort();
  }, [client, id, turn]);
  return { ...read, again: () => again(undefined) };
}
