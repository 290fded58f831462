import { useStore } from "../../ui/hooks";
import { useWords } from "../context";
import type { Edit } from "../state/edit";
import { common } from "../words/common";

interface ConflictProps<T extends { version: number }, V extends object> {
  edit: Edit<T, V>;
  /** The fields' labels. */
  names: Partial<Record<keyof V, string>>;
  /** Shows a value that is no plain text. */
  show?: (name: keyof V, value: unknown) => string;
  onSaved: (thing: T) => void;
}

/** Somebody else saved first: what they changed beside what was typed here, and the two ways on. */
export function Conflict<T extends { version: number }, V extends object>(props: ConflictProps<T, V>) {
  const { edit, names, show, onSaved } = props;
  const t = useWords(common);
  const { conflict } = useStore(edit.state);
  if (!conflict) return null;
  const text = (name: keyof V, value: unknown) => {
    const said = show?.(name, value) ?? (Array.isArray(value) ? value.join(", ") : String(value ?? ""));
    return said === "" ? <em>{t.conflict.empty}</em> : said;
  };
  const overwrite = async () => {
    const saved = await edit.overwrite();
    if (saved) onSaved(saved);
  };
  return (
    <section class="conflict" role="alert" aria-label={t.conflict.title}>
      <h2>{t.conflict.title}</h2>
      <p>{t.conflict.text}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t.conflict.field}</th>
            <th scope="col">{t.conflict.before}</th>
            <th scope="col">{t.conflict.theirs}</th>
            <th scope="col">{t.conflict.mine}</th>
          </tr>
        </thead>
        <tbody>
          {conflict.differences.map((d) => (
            <tr key={String(d.name)} data-field={String(d.name)}>
              <th scope="row">{names[d.name] ?? String(d.name)}</th>
              <td data-column={t.conflict.before}>{text(d.name, d.before)}</td>
              <td data-column={t.conflict.theirs}>{text(d.name, d.theirs)}</td>
              <td data-column={t.conflict.mine}>
                {JSON.stringify(d.mine) === JSON.stringify(d.before) ? "—" : text(d.name, d.mine)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">{t.conflict.overwriteHint}</p>
      <div class="form-buttons">
        <button type="button" class="button-quiet" data-act="take-theirs" onClick={() => edit.takeTheirs()}>
          {t.conflict.takeTheirs}
        </button>
        <button type="button" class="button-danger" data-act="overwrite" onClick={() => void overwrite()}>
          {t.conflict.overwrite}
        </button>
      </div>
    </section>
  );
}
