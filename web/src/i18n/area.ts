import type { Language } from ".";

/** The words of one part of the app in both languages, loaded with that part. */
export type Area<W> = Record<Language, W>;

/** Makes an area; a word that one of the languages lacks does not compile. */
export function area<W>(en: W, ru: NoInfer<W>): Area<W> {
  return { en, ru };
}
