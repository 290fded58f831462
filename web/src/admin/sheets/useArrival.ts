import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Gives the focus to what has just appeared in the place of what had it. It needs a tabIndex of -1. */
export function useArrival<E extends HTMLElement>(): RefObject<E | null> {
  const here = useRef<E>(null);
  useEffect(() => here.current?.focus({ preventScroll: true }), []);
  return here;
}
