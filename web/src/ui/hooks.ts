import { useEffect, useState } from "preact/hooks";

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
