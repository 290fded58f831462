type Child = HTMLElement | string | null | undefined | false;

interface Looks {
  class?: string;
  text?: string;
  click?: () => void;
  attributes?: Record<string, string>;
}

/** Makes an element. Text is set as text, so that no camera's name can become markup. */
export function el(tag: string, looks: Looks = {}, ...children: Child[]): HTMLElement {
  const e = document.createElement(tag);
  if (looks.class) e.className = looks.class;
  if (looks.text) e.textContent = looks.text;
  const attributes = looks.attributes ?? {};
  for (const name of Object.keys(attributes)) e.setAttribute(name, attributes[name] as string);
  const { click } = looks;
  if (click) {
    e.onclick = (event) => {
      event.preventDefault();
      click();
    };
  }
  fill(e, children);
  return e;
}

/** Adds children; what is not there is left out. */
export function fill(parent: HTMLElement, children: Child[]): void {
  for (const child of children) {
    if (child) parent.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
}

export function empty(parent: HTMLElement): void {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
}

export function button(text: string, click: () => void, attributes: Record<string, string> = {}): HTMLElement {
  return el("button", { text, click, attributes: { type: "button", ...attributes } });
}

/** Moves the focus by one step along elements and keeps it in sight. */
export function step(along: HTMLElement[], by: number): void {
  const at = along.indexOf(document.activeElement as HTMLElement);
  const next = along[at < 0 ? 0 : Math.max(0, Math.min(along.length - 1, at + by))];
  next?.focus();
}
