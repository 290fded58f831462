import type { Problem } from "../api/client";
import { dicts, type Language, words } from "../i18n";
import { codes } from "../i18n/codes";
import type { Params } from "../signal/messages";
import { common } from "./words/common";

/** Puts what the gateway says into words. */
export const telling = {
  /** A problem in a sentence; what is the gateway's own fault with the number to look for in its log. */
  problem(language: Language, { code, params, requestID }: Problem): string {
    const text = telling.code(language, code, params);
    return code === "internal" && requestID !== "" ? `${text} ${common[language].request(requestID)}` : text;
  },

  code(language: Language, code: string, params: Params = {}): string {
    const known = codes[language];
    return Object.hasOwn(known, code) ? (known[code]?.(params) ?? "") : words(dicts[language], code, params);
  },

  /** What is wrong with a field. */
  fault(language: Language, code: string): string {
    const known: Record<string, string> = common[language].faults;
    return Object.hasOwn(known, code) ? (known[code] ?? "") : telling.code(language, code);
  },
};
