import { useDict } from "./context";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";

export function Help({ onClose }: { onClose: () => void }) {
  const t = useDict();
  const { rows, names } = t.help;
  const table: [string, string][] = [
    [names.arrows, rows.arrows],
    [names.enter, rows.enter],
    [names.digits, rows.digits],
    ["/", rows.search],
    ["F", rows.enlarge],
    ["M", rows.sound],
    ["R", rows.again],
    ["W", rows.webrtc],
    [names.close, rows.close],
    [names.esc, rows.esc],
    ["?", rows.help],
  ];
  return (
    <Dialog label={t.help.heading} class="help" onClose={onClose}>
      <header class="dialog-head">
        <h2>{t.help.heading}</h2>
        <button type="button" class="button-icon" aria-label={t.close} title={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {table.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="keys-note">{t.help.leaving}</p>
    </Dialog>
  );
}
