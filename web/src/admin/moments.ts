import type { Language } from "../i18n";

/** Moments puts times into words of a language, in this computer's time zone. Times are RFC 3339 text, as the gateway sends them. */
export interface Moments {
  /** 22 Nov 2026, 14:05 */
  full(at: string): string;
  /** 22 Nov 2026, 14:05:09 */
  exact(at: string): string;
  /** 22 Nov 2026 */
  day(at: string): string;
  /** 14:05 if it was today, else with its date. */
  since(at: string): string;
  /** 5 minutes ago, in 3 days. */
  ago(at: string, now?: number): string;
  /** A whole number with the language's marks for thousands. */
  number(n: number): string;
}

const tags: Record<Language, string> = { en: "en-GB", ru: "ru-RU" };
const made: Partial<Record<Language, Moments>> = {};

export function moments(language: Language): Moments {
  made[language] ??= make(tags[language]);
  return made[language];
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

function make(tag: string): Moments {
  const date = { day: "numeric", month: "short", year: "numeric" } as const;
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  const full = new Intl.DateTimeFormat(tag, { ...date, ...time });
  const exact = new Intl.DateTimeFormat(tag, { ...date, ...time, second: "2-digit" });
  const day = new Intl.DateTimeFormat(tag, date);
  const clock = new Intl.DateTimeFormat(tag, time);
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const number = new Intl.NumberFormat(tag);
  const read = (format: Intl.DateTimeFormat, at: string) => {
    const ms = Date.parse(at);
    return Number.isNaN(ms) ? "" : format.format(ms);
  };
  return {
    full: (at) => read(full, at),
    exact: (at) => read(exact, at),
    day: (at) => read(day, at),
    since: (at) => read(new Date(at).toDateString() === new Date().toDateString() ? clock : full, at),
    ago(at, now = Date.now()) {
      const ms = Date.parse(at) - now;
      if (Number.isNaN(ms)) return "";
      const [unit, length] = steps.find(([, l]) => Math.abs(ms) >= l) ?? ["second", 1000];
      return relative.format(Math.round(ms / length), unit);
    },
    number: (n) => number.format(n),
  };
}
