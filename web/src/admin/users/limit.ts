import { useWords } from "../context";
import { mostViews } from "../state/limit";
import type { Choice } from "../ui/Fields";
import { usersWords } from "../words/users";

/** Limits of views in words. */
export function useLimits(): { say: (limit: number | null) => string; choices: Choice[] } {
  const t = useWords(usersWords);
  const own = Array.from({ length: mostViews }, (_, i) => ({ value: String(i + 1), name: t.limits.views(i + 1) }));
  return {
    say: (limit) => (limit === null ? t.limits.usual : limit === 0 ? t.limits.none : String(limit)),
    choices: [{ value: "", name: t.limitChoices.usual }, { value: "0", name: t.limitChoices.none }, ...own],
  };
}

/** The languages that an account may have, as choices. */
export function useTongues(): Choice[] {
  const { languages } = useWords(usersWords);
  return [
    { value: "", name: languages.browser },
    { value: "ru", name: languages.ru },
    { value: "en", name: languages.en },
  ];
}
