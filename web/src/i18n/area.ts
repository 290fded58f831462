import type { Params } from "../signal/messages";
import type { Language } from ".";

/** The words of one part of the app in both languages, loaded with that part. */
export type Area<W> = Record<Language, W>;

/** Makes an area; a word that one of the languages lacks does not compile. */
export function area<W>(en: W, ru: NoInfer<W>): Area<W> {
  return { en, ru };
}

/** What a code means, with the fault's parameters. */
export type CodeWords = (params: Params) => string;

/** Makes an area of words by code. */
export function codeArea<C extends string>(
  en: Record<C, CodeWords>,
  ru: Record<NoInfer<C>, CodeWords>,
): Area<Record<C, CodeWords>> {
  return { en, ru };
}
