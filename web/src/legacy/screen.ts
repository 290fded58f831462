import type { Dict } from "../i18n";
import type { Key } from "./keys";

/** A screen fills the page until the next one comes. */
export interface Screen {
  readonly root: HTMLElement;
  /** Called once it is in the page. */
  shown(): void;
  /** Does what a key means here; false: nothing, and the browser may do what it does. */
  key(key: Key, event: KeyboardEvent): boolean;
  /** The language is another one. */
  speak(t: Dict): void;
  gone(): void;
}
