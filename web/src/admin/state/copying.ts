import type { HeldCamera, HeldGroup } from "../../api/people";
import { isDirect } from "../access/Via";

/** What somebody was granted directly. */
export interface Holdings {
  cameras: readonly HeldCamera[];
  groups: readonly HeldGroup[];
}

/** A thing that a copy gives or withdraws. */
export interface Moved {
  id: string;
  kind: "camera" | "group";
  name: string;
}

/** What copying somebody's grants to somebody else comes to. */
export interface CopyPlan {
  given: Moved[];
  withdrawn: Moved[];
  /** Grants that both have. */
  kept: number;
}

/** Foresees a copy. "add" withdraws nothing; "replace" withdraws what the other does not have. */
export function planCopy(from: Holdings, to: Holdings, mode: "add" | "replace"): CopyPlan {
  const [theirs, mine] = [granted(from), granted(to)];
  const given = theirs.filter((t) => !holds(mine, t));
  const extra = mine.filter((m) => !holds(theirs, m));
  return { given, withdrawn: mode === "replace" ? extra : [], kept: mine.length - extra.length };
}

/** Whether a camera was granted itself, besides the ways through groups and role. */
export function direct(camera: HeldCamera): boolean {
  return camera.via.some(isDirect);
}

function granted({ cameras, groups }: Holdings): Moved[] {
  return [
    ...groups.map((g): Moved => ({ id: g.id, kind: "group", name: g.name })),
    ...cameras.filter(direct).map((c): Moved => ({ id: c.id, kind: "camera", name: `${c.number} ${c.name}` })),
  ];
}

function holds(all: readonly Moved[], one: Moved): boolean {
  return all.some((m) => m.kind === one.kind && m.id === one.id);
}
