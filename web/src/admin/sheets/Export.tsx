import { useState } from "preact/hooks";
import { exportSheet } from "../../api/sheets";
import { may } from "../../route/places";
import { useShell, useUser, useWords } from "../context";
import { Box } from "../ui/Box";
import { common } from "../words/common";
import { sheetsWords } from "../words/sheets";
import { today } from "./save";
import { useFile } from "./useFile";

/** A button that exports all cameras into a spreadsheet; an administrator may have their passwords in it. */
export function Export() {
  const t = useWords(sheetsWords).export;
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button-quiet" data-act="export" onClick={() => setOpen(true)}>
        {t.entry}
      </button>
      {open && <ExportBox onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportBox({ onClose }: { onClose: () => void }) {
  const t = useWords(sheetsWords).export;
  const c = useWords(common);
  const shell = useShell();
  const user = useUser();
  const { busy, get } = useFile();
  const [passwords, setPasswords] = useState<"with" | "without">("without");
  const choice = (value: typeof passwords, name: string, hint: string) => (
    <label class="choice">
      <input
        type="radio"
        name="passwords"
        value={value}
        checked={passwords === value}
        onChange={() => setPasswords(value)}
      />
      <span>
        {name}
        <span class="hint">{hint}</span>
      </span>
    </label>
  );
  const download = async () => {
    const sure = { title: t.sure.title, text: t.sure.text, consequences: [t.warning, t.logged], act: t.sure.act };
    if (passwords === "with" && !(await shell.confirm({ ...sure, kind: "danger" }))) return;
    const name = `${passwords === "with" ? t.fileWith : t.file}-${today()}.xlsx`;
    if (!(await get((language) => exportSheet(shell.client, { passwords, language }), name))) return;
    shell.say(t.done);
    onClose();
  };
  return (
    <Box title={t.title} onClose={onClose}>
      <p>{t.text}</p>
      {may(user, "admin") && (
        <fieldset class="choices">
          <legend class="unseen">{t.title}</legend>
          {choice("without", t.without, t.withoutHint)}
          {choice("with", t.with, t.withHint)}
        </fieldset>
      )}
      {passwords === "with" && (
        <p class="advice" role="status">
          {t.warning} {t.logged}
        </p>
      )}
      <div class="box-buttons">
        <button type="button" class="button-quiet" onClick={onClose}>
          {c.cancel}
        </button>
        <button type="button" class="button-main" data-act="download" disabled={busy} onClick={() => void download()}>
          {busy ? t.preparing : t.act}
        </button>
      </div>
    </Box>
  );
}
