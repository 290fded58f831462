import type { ComponentChildren } from "preact";
import type { Problem } from "../../api/client";
import { Icon } from "../../ui/Icon";
import { useTelling } from "../context";

/** What went wrong, in words; children: what can be done about it. */
export function Trouble({ problem, children }: { problem: Problem | undefined; children?: ComponentChildren }) {
  const { problem: tell } = useTelling();
  if (!problem || problem.code === "cancelled") return null;
  return (
    <div class="alert" role="alert">
      <Icon name="stale" />
      <span>{tell(problem)}</span>
      {children}
    </div>
  );
}
