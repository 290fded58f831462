import { useState } from "preact/hooks";
import type { Result } from "../../api/client";
import { useLanguage, useShell, useTelling } from "../context";
import { save } from "./save";

/** Has files of the gateway downloaded, in the user's language; what fails is told. */
export function useFile(): {
  busy: boolean;
  /** Says whether it worked. */
  get: (ask: (language: string) => Promise<Result<Blob>>, name: string) => Promise<boolean>;
} {
  const shell = useShell();
  const tell = useTelling();
  const language = useLanguage();
  const [busy, setBusy] = useState(false);
  const get = async (ask: (language: string) => Promise<Result<Blob>>, name: string) => {
    setBusy(true);
    const got = await ask(language);
    setBusy(false);
    if (got.ok) save(got.value, name);
    else shell.say(tell.problem(got), "failed");
    return got.ok;
  };
  return { busy, get };
}
