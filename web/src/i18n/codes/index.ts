import type { Language } from "..";
import type { CodeWords } from "../area";
import { cameras } from "./cameras";
import { gateway } from "./gateway";
import { log } from "./log";
import { people } from "./people";
import { probe } from "./probe";
import { wire } from "./wire";

/** The codes that only the administration's pages meet; the wall's stand in its dictionary. */
export const codes: Record<Language, Record<string, CodeWords>> = {
  en: { ...gateway.en, ...cameras.en, ...people.en, ...log.en, ...probe.en, ...wire.en },
  ru: { ...gateway.ru, ...cameras.ru, ...people.ru, ...log.ru, ...probe.ru, ...wire.ru },
};
