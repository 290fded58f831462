import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dicts, type Language } from "../src/i18n";
import { codes } from "../src/i18n/codes";
import type { Params } from "../src/signal/messages";

const docs = join(import.meta.dirname, "../../api/docs");
const told = JSON.parse(readFileSync(join(docs, "codes.json"), "utf8")) as { code: string }[];

/** Parameters that stand for themselves: {camera}. */
const named: Params = new Proxy({}, { get: (_, name) => `{${String(name)}}` });

const words = (language: Language, code: string): string | undefined => {
  const known: Record<string, (p: Params) => string> = { ...dicts[language].codes, ...codes[language] };
  return Object.hasOwn(known, code) ? known[code]?.(named) : undefined;
};

it("has words in both languages for every code of the gateway", () => {
  const missing = told.map((c) => c.code).filter((code) => !words("en", code) || !words("ru", code));
  expect(missing).toEqual([]);
});

it("keeps the words of the page of errors; RENEW=1 writes them anew", () => {
  const all = Object.fromEntries(told.map(({ code }) => [code, { en: words("en", code), ru: words("ru", code) }]));
  const want = `${JSON.stringify(all, undefined, 2)}\n`;
  const path = join(docs, "words.json");
  if (process.env.RENEW) writeFileSync(path, want);
  expect(readFileSync(path, "utf8"), "stale: run make schema").toBe(want);
});
