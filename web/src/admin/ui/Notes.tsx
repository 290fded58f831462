import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import { useShell, useWords } from "../context";
import { common } from "../words/common";

/** What was done, or failed, said in passing. */
export function Notes() {
  const shell = useShell();
  const t = useWords(common);
  const notes = useStore(shell.notes);
  return (
    <div class="notes" role="status" aria-live="polite">
      {notes.map((note) => (
        <div key={note.id} class={`note-card note-${note.kind}`}>
          <span>{note.text}</span>
          <button
            type="button"
            class="button-icon"
            aria-label={t.dismiss}
            title={t.dismiss}
            onClick={() => shell.dismiss(note.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
