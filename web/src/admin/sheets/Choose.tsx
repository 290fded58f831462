import { type ComponentChildren, Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { template } from "../../api/sheets";
import { useShell, useWords } from "../context";
import { sheetsWords } from "../words/sheets";
import { useFile } from "./useFile";

/** What a browser offers first; the gateway looks into the file itself. */
const kinds = ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

interface PickProps {
  looks: "button-main" | "button-quiet" | "button-link";
  act: string;
  onFile: (file: File) => void;
  children: ComponentChildren;
}

/** A button that has the browser ask for a file. */
export function Pick({ looks, act, onFile, children }: PickProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={looks} data-act={act} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        accept={kinds}
        hidden
        data-file={act}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // so that the same file, mended, can be chosen again
          if (file) onFile(file);
        }}
      />
    </>
  );
}

/** Lets a file be dropped anywhere on the page; one that misses must not take the browser off to the file. Says whether one hangs above it. */
export function useDrop(onFile: (file: File) => void): boolean {
  const t = useWords(sheetsWords).choose;
  const shell = useShell();
  const [over, setOver] = useState(false);
  const now = useRef(onFile);
  now.current = onFile;
  useEffect(() => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!holds(event)) return;
      event.preventDefault();
      setOver(false);
      const [file, more] = event.dataTransfer?.files ?? [];
      if (more) shell.say(t.one, "failed");
      else if (file) now.current(file);
    };
    addEventListener("dragover", drag);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", drag);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [shell, t]);
  return over;
}

/** The first step: a place for the file, the template, and what the columns mean. */
export function Choose({ over, onFile }: { over: boolean; onFile: (file: File) => void }) {
  const t = useWords(sheetsWords);
  return (
    <>
      <section class="panel drop" data-over={over} aria-label={t.steps.choose}>
        <p class="drop-here">{t.choose.drop}</p>
        <p class="hint drop-or">{t.choose.or}</p>
        <Pick looks="button-main" act="choose" onFile={onFile}>
          {t.choose.act}
        </Pick>
        <p class="hint">{t.choose.kinds}</p>
      </section>
      <Help />
    </>
  );
}

function Help() {
  const t = useWords(sheetsWords);
  const { client } = useShell();
  const { busy, get } = useFile();
  const fields = Object.entries(t.about) as [keyof typeof t.about, string][];
  return (
    <section class="panel" aria-labelledby="sheet-help">
      <h2 id="sheet-help">{t.choose.help}</h2>
      <ul class="help-lines">
        {t.choose.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p class="help-template">
        <button
          type="button"
          class="button-quiet"
          data-act="template"
          disabled={busy}
          onClick={() => void get((language) => template(client, language), `${t.choose.file}.xlsx`)}
        >
          {t.choose.template}
        </button>
        <span class="hint">{t.choose.templateHint}</span>
      </p>
      <details class="help-columns">
        <summary>{t.choose.columns}</summary>
        <dl class="facts">
          {fields.map(([field, about]) => (
            <Fragment key={field}>
              <dt>{t.fields[field]}</dt>
              <dd>{about}</dd>
            </Fragment>
          ))}
        </dl>
      </details>
    </section>
  );
}
