import { useShell, useWords } from "../context";
import { accountWords } from "../words/account";

interface CopyProps {
  text: string;
  /** What the button says; "Copy" without. */
  label?: string;
}

/** A button that puts a text into the clipboard. */
export function Copy({ text, label }: CopyProps) {
  const t = useWords(accountWords).password;
  const shell = useShell();
  const copy = async () => {
    const done = await copyText(text);
    shell.say(done ? t.copied : t.copyFailed, done ? "done" : "failed");
  };
  return (
    <button type="button" class="button-quiet" data-act="copy" onClick={() => void copy()}>
      {label ?? t.copy}
    </button>
  );
}

/** Copies a text; false if the browser does not let the page. */
async function copyText(text: string): Promise<boolean> {
  try {
    // The clipboard is missing on plain http pages.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // not allowed: the old way may be
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Behind an open modal box nothing can be selected.
  const place = document.querySelector("dialog[open]") ?? document.body;
  const before = document.activeElement;
  place.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
