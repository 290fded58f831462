import type { ComponentChildren } from "preact";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { useWords } from "../context";
import { common } from "../words/common";

/** A modal box with a heading and a way to close it. */
export function Box({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const t = useWords(common);
  return (
    <Dialog label={title} class="box" onClose={onClose}>
      <header class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="button-icon" aria-label={t.close} title={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="box-body">{children}</div>
    </Dialog>
  );
}
