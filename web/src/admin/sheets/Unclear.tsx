import { useWords } from "../context";
import { sheetsWords } from "../words/sheets";
import type { Importing } from "./importing";

/** The connection broke while rows were taken: another check says whether they were. */
export function Unclear({ importing }: { importing: Importing }) {
  const t = useWords(sheetsWords).unclear;
  return (
    <section class="panel" role="alert" data-unclear="">
      <p>{t.text}</p>
      <div class="deed">
        <button type="button" class="button-main" data-act="check-again" onClick={() => void importing.check()}>
          {t.act}
        </button>
        <span class="hint">{t.hint}</span>
      </div>
    </section>
  );
}
