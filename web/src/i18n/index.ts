import { Store } from "../base/store";
import type { Params } from "../signal/messages";
import { type Dict, en } from "./en";
import { ru } from "./ru";

export type Language = "en" | "ru";

export const dicts: Record<Language, Dict> = { en, ru };
export const languages: { id: Language; name: string }[] = [
  { id: "ru", name: "Русский" },
  { id: "en", name: "English" },
];

const key = "rtsp-viewer.language";

/** Text is the language that the screen speaks: what was chosen here, else the account's, else the browser's. */
export class Text {
  readonly language: Store<Language>;
  #chosen: boolean;
  readonly #memory: Pick<Storage, "getItem" | "setItem"> | undefined;

  constructor(browser: readonly string[], memory: Pick<Storage, "getItem" | "setItem"> | undefined) {
    this.#memory = memory;
    const chosen = this.#recall();
    this.#chosen = chosen !== undefined;
    this.language = new Store<Language>(chosen ?? preferred(browser));
  }

  get dict(): Dict {
    return dicts[this.language.value];
  }

  /** A person's choice; it outlives the visit. */
  choose(language: Language): void {
    this.#chosen = true;
    try {
      this.#memory?.setItem(key, language);
    } catch {
      // storage is forbidden: the choice holds until the page goes
    }
    this.language.set(language);
  }

  /** The account's language; it yields to a choice made here. */
  suggest(language: string | undefined): void {
    if (!this.#chosen && (language === "ru" || language === "en")) this.language.set(language);
  }

  /** The account's language, which goes before a choice made at this computer; nothing if the account has none. */
  adopt(language: string | undefined): void {
    if (language === "ru" || language === "en") this.language.set(language);
  }

  #recall(): Language | undefined {
    try {
      const kept = this.#memory?.getItem(key);
      return kept === "ru" || kept === "en" ? kept : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The first language of the browser's list that we speak; English if none. */
export function preferred(browser: readonly string[]): Language {
  for (const tag of browser) {
    const primary = tag.slice(0, 2).toLowerCase();
    if (primary === "ru" || primary === "en") return primary;
  }
  return "en";
}

/** Puts a code into words. An unknown one keeps its code, for whoever is asked for help. */
export function words(dict: Dict, code: string, params: Params = {}): string {
  const known: Record<string, (p: Params) => string> = dict.codes;
  return Object.hasOwn(known, code) ? (known[code]?.(params) ?? "") : dict.unknownCode(code);
}

/** A time of day, 14:05:09; with its date if that is not today's. */
export function timeOfDay(ms: number, today: number): string {
  const t = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  if (t.toDateString() === new Date(today).toDateString()) return time;
  return `${two(t.getDate())}.${two(t.getMonth() + 1)}.${t.getFullYear()} ${time}`;
}

export type { Dict } from "./en";
