import type { Params } from "../../signal/messages";
import type { Language } from "..";
import { cameras } from "./cameras";
import { gateway } from "./gateway";
import { people } from "./people";

/** Words by code. */
export type Codes = Record<string, (params: Params) => string>;

/** The codes that only the administration's pages meet; the wall's stand in its dictionary. */
export const codes: Record<Language, Codes> = {
  en: { ...gateway.en, ...cameras.en, ...people.en },
  ru: { ...gateway.ru, ...cameras.ru, ...people.ru },
};
