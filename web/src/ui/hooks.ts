import { useEffect, useReducer, useState } from "preact/hooks";
import type { Store } from "../base/store";

/** Renders again every ms, for countdowns and clocks. on: "off" stops it. */
export function useTicking(ms: number, on: "on" | "off" = "on"): void {
  const [, tick] = useState(0);
  useEffect(() => {
    if (on === "off") return;
    const id = setInterval(() => tick((n) => n + 1), ms);
    return () => clearInterval(id);
  }, [ms, on]);
}

/** Whole seconds from now until a moment, never below nought. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000));
}

/** Gives a store's value and renders the component again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, again] = useReducer((n: number, _: undefined) => n + 1, 0);
  const seen = store.value;
  useEffect(() => {
    // A change between render and effect would be missed otherwise.
    if (!Object.is(seen, store.value)) again(undefined);
    return store.subscribe(() => again(undefined));
  }, [store]);
  return seen;
}
