import { useState } from "preact/hooks";
import { verdictSheet } from "../../api/sheets";
import { useStore } from "../../ui/hooks";
import { useWords } from "../context";
import { useStartProbes } from "../probes/start";
import { sheetsWords } from "../words/sheets";
import type { Importing } from "./importing";
import { leftOut } from "./judged";
import { stem } from "./save";
import { useArrival } from "./useArrival";
import { useFile } from "./useFile";
import { Verdicts } from "./Verdicts";

/** The last step: what was done, and what one does next. */
export function Taken({ importing }: { importing: Importing }) {
  const t = useWords(sheetsWords);
  const { report, name } = useStore(importing.state);
  const { busy, get } = useFile();
  const heading = useArrival<HTMLHeadingElement>();
  if (!report) return null;
  const { sheet } = importing;
  const left = leftOut(report);
  const added = report.rows.filter((row) => row.verdict === "new" && row.id !== "").map((row) => row.id);
  const lines = [
    report.new > 0 && t.done.new(report.new),
    report.changed > 0 && t.done.changed(report.changed),
    report.new + report.changed === 0 && t.done.nothing,
    report.unchanged > 0 && t.done.same(report.unchanged),
    left > 0 && t.done.left(left),
  ];
  return (
    <>
      <section class="panel taken" data-taken="done">
        <h2 ref={heading} tabIndex={-1}>
          {t.done.title}
        </h2>
        <p role="status">{lines.filter(Boolean).join(" ")}</p>
        {left > 0 && sheet && (
          <div class="deed">
            <button
              type="button"
              class="button-quiet"
              data-act="rest"
              disabled={busy}
              onClick={() =>
                void get(
                  (language) => verdictSheet(importing.client, sheet, { rows: "left out", language }),
                  `${stem(name)}-${t.act.restFile}.xlsx`,
                )
              }
            >
              {t.act.rest}
            </button>
            <span class="hint">{t.act.restHint}</span>
          </div>
        )}
        {added.length > 0 && (
          <div class="deed">
            <Test ids={added} />
            <span class="hint">{t.done.testHint}</span>
          </div>
        )}
        <div class="form-buttons">
          {added.length > 0 && <a href="#/cameras?sort=-created_at">{t.done.list}</a>}
          <button type="button" class="button-link" data-act="more" onClick={() => importing.reset()}>
            {t.done.more}
          </button>
        </div>
      </section>
      <Verdicts report={report} title={t.done.title} />
    </>
  );
}

/** Begins a test of cameras, and goes where it can be watched. */
function Test({ ids }: { ids: string[] }) {
  const t = useWords(sheetsWords);
  const start = useStartProbes();
  const [busy, setBusy] = useState(false);
  const begin = async () => {
    setBusy(true);
    if (!(await start({ ids }))) setBusy(false);
  };
  return (
    <button type="button" class="button-main" data-act="test-new" disabled={busy} onClick={() => void begin()}>
      {t.done.test(ids.length)}
    </button>
  );
}
