import { verdictSheet } from "../../api/sheets";
import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import { useMoments, useShell, useWords } from "../context";
import { Trouble } from "../ui/Trouble";
import { sheetsWords } from "../words/sheets";
import { Pick } from "./Choose";
import type { Importing } from "./importing";
import { leftOut, toTake } from "./judged";
import { stem } from "./save";
import { useArrival } from "./useArrival";
import { useFile } from "./useFile";
import { Verdicts } from "./Verdicts";

/** The second step: what the sheet comes to, and what is to be done with it. */
export function Checked({ importing, onFile }: { importing: Importing; onFile: (file: File) => void }) {
  const t = useWords(sheetsWords);
  const { report, disk, problem } = useStore(importing.state);
  if (!report) return null;
  return (
    <>
      {disk === "changed" && (
        <div class="advice disk" role="status" data-disk="changed">
          <span>{t.disk.note}</span>{" "}
          <Pick looks="button-quiet" act="choose-changed" onFile={onFile}>
            {t.disk.again}
          </Pick>
        </div>
      )}
      {problem?.code === "sheet.rows_wrong" ? (
        <p class="advice" role="alert">
          {t.meanwhile}
        </p>
      ) : (
        <Trouble problem={problem} />
      )}
      <div class="checked">
        <Deeds importing={importing} onFile={onFile} />
        <Facts importing={importing} onFile={onFile} />
      </div>
      <Verdicts report={report} title={t.title} />
    </>
  );
}

/** Which file, which of its sheets, and which of its columns were read. */
function Facts({ importing, onFile }: { importing: Importing; onFile: (file: File) => void }) {
  const t = useWords(sheetsWords);
  const { name, report, at } = useStore(importing.state);
  const { since } = useMoments();
  const { busy, get } = useFile();
  if (!report) return null;
  const { sheet } = importing;
  return (
    <section class="panel sheet-facts" aria-label={name}>
      <p class="sheet-name">
        <b>{name}</b> <span class="hint">{t.checkedAt(since(at))}</span>
      </p>
      <p class="hint">
        {t.sheet(report.sheet, report.header)}
        {report.sheets > 1 && ` (${t.sheets(report.sheets)})`}
      </p>
      <details>
        <summary>{t.understood}</summary>
        <p class="understood">
          {report.columns.map(({ letter, title, field }) => (
            <span key={letter} class="tag">
              <b>{letter}</b> {title} <Meaning field={field} title={title} />
            </span>
          ))}
        </p>
      </details>
      <div class="sheet-buttons">
        {sheet && (
          <button
            type="button"
            class="button-quiet"
            data-act="verdict-sheet"
            disabled={busy}
            onClick={() =>
              void get(
                (language) => verdictSheet(importing.client, sheet, { rows: "all", language }),
                `${stem(name)}-${t.verdictFile}.xlsx`,
              )
            }
          >
            {t.verdictSheet}
          </button>
        )}
        <Pick looks="button-quiet" act="another" onFile={onFile}>
          {t.another}
        </Pick>
      </div>
    </section>
  );
}

/** What a column means, where its title does not say so itself. */
function Meaning({ field, title }: { field: string; title: string }) {
  const fields: Record<string, string> = useWords(sheetsWords).fields;
  const meant = fields[field] ?? field;
  return meant === title ? null : <span class="hint">= {meant}</span>;
}

/** What can be done with a sheet now; the first button is what is best. */
function Deeds({ importing, onFile }: { importing: Importing; onFile: (file: File) => void }) {
  const t = useWords(sheetsWords);
  const shell = useShell();
  const { since } = useMoments();
  const { report, at } = useStore(importing.state);
  const line = useArrival<HTMLParagraphElement>();
  if (!report) return null;
  const [right, left] = [toTake(report), leftOut(report)];
  const take = async (deed: "take all" | "take right") => {
    if ((await importing.look()) === "changed") {
      const question = { title: t.disk.title, text: t.disk.text(since(at)), act: t.disk.act };
      if (!(await shell.confirm(question))) return;
    }
    await importing.take(deed);
  };
  if (left === 0) {
    return (
      <section class="panel deeds" data-deeds="right">
        <p ref={line} class="deeds-line" tabIndex={-1}>
          <Icon name="done" /> {right > 0 ? t.act.right(right) : t.act.nothing}
        </p>
        {right > 0 && (
          <button type="button" class="button-main" data-act="take" onClick={() => void take("take all")}>
            {t.act.all(right)}
          </button>
        )}
      </section>
    );
  }
  return (
    <section class="panel deeds" data-deeds="wrong">
      <p ref={line} class="deeds-line deeds-wrong" tabIndex={-1}>
        <Icon name="stale" /> {t.act.wrong(left)}
      </p>
      <div class="deed">
        <Pick looks="button-main" act="mend" onFile={onFile}>
          {t.act.mend}
        </Pick>
        <span class="hint">{t.act.mendHint}</span>
      </div>
      <div class="deed">
        {right > 0 ? (
          <>
            <button type="button" class="button-quiet" data-act="take-right" onClick={() => void take("take right")}>
              {t.act.rightOnly(right)}
            </button>
            <span class="hint">{t.act.rightHint}</span>
          </>
        ) : (
          <span class="hint">{t.act.noneRight}</span>
        )}
      </div>
    </section>
  );
}
