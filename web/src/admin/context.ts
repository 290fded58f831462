import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Problem } from "../api/client";
import type { User } from "../api/types";
import type { Language } from "../i18n";
import type { Area } from "../i18n/area";
import type { Params } from "../signal/messages";
import { useDesk } from "../ui/context";
import { useStore } from "../ui/hooks";
import { type Moments, moments } from "./moments";
import type { Shell } from "./state/shell";
import { telling } from "./telling";

export const ShellContext = createContext<Shell | undefined>(undefined);

export const PartsContext = createContext<Record<string, string>>({});

/** A named part of the present page's path. */
export function usePart(name: string): string {
  return useContext(PartsContext)[name] ?? "";
}

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("ShellContext is missing");
  return shell;
}

export function useLanguage(): Language {
  return useStore(useDesk().text.language);
}

/** The words of an area in the present language. */
export function useWords<W>(area: Area<W>): W {
  return area[useLanguage()];
}

/** Puts problems and codes into words. */
export function useTelling(): {
  problem: (problem: Problem) => string;
  code: (code: string, params?: Params) => string;
  /** What is wrong with a field. */
  fault: (code: string) => string;
} {
  const language = useLanguage();
  return {
    problem: (problem) => telling.problem(language, problem),
    code: (code, params) => telling.code(language, code, params),
    fault: (code) => telling.fault(language, code),
  };
}

/** Dates and times in the present language. */
export function useMoments(): Moments {
  return moments(useLanguage());
}

/** Who works here. */
export function useUser(): User {
  const user = useStore(useDesk().session.user);
  if (!user) throw new Error("nobody is signed in");
  return user;
}
