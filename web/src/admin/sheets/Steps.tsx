import { useWords } from "../context";
import { sheetsWords } from "../words/sheets";
import type { Phase } from "./importing";

const at: Record<Phase, number> = { empty: 0, checking: 1, checked: 1, taking: 2, unclear: 2, taken: 3 };

/** The way of a sheet, and where on it one stands. */
export function Steps({ phase }: { phase: Phase }) {
  const t = useWords(sheetsWords);
  return (
    <ol class="steps" aria-label={t.stepsOf}>
      {[t.steps.choose, t.steps.check, t.steps.take].map((name, i) => (
        <li key={name} data-past={i < at[phase]} aria-current={i === at[phase] ? "step" : undefined}>
          <span class="steps-number" aria-hidden="true">
            {i < at[phase] ? "✓" : i + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}
