import type { Step } from "../../api/sheets";
import { useWords } from "../context";
import { common } from "../words/common";
import { sheetsWords } from "../words/sheets";
import { useArrival } from "./useArrival";

interface WorkingProps {
  name: string;
  step: Step | undefined;
  deed: "check" | "take";
  onCancel: () => void;
}

/** How far a sheet is on its way. */
export function Working({ name, step, deed, onCancel }: WorkingProps) {
  const t = useWords(sheetsWords).progress;
  const c = useWords(common);
  const part = step && step.of > 0 ? Math.min(1, step.done / step.of) : undefined;
  const words = step ? t.steps[step.step] : t.steps.sending;
  const heading = useArrival<HTMLHeadingElement>();
  const title = deed === "check" ? t.check(name) : t.take(name);
  return (
    <section class="panel working" aria-label={title} aria-busy="true">
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p class="working-step">
        <span role="status">{words}</span>
        {part !== undefined && <span class="hint">{t.percent(Math.round(part * 100))}</span>}
      </p>
      <progress aria-label={words} max={1} {...(part === undefined ? {} : { value: part })} />
      {deed === "take" && <p class="hint">{t.taking}</p>}
      <div class="form-buttons">
        <button type="button" class="button-quiet" data-act="cancel" onClick={onCancel}>
          {c.cancel}
        </button>
      </div>
    </section>
  );
}
