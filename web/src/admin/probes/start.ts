import type { ProbesRecord } from "../../api/probe";
import { to } from "../../route/where";
import { useShell, useTelling, useWords } from "../context";
import { probeWords } from "../words/probe";

/** Which cameras are tested: those named, those with a tag, those of a group; all, if none of it is said. */
export interface Chosen {
  ids?: string[];
  tag?: string;
  group?: string;
}

const most = 10_000; // ids in a request

/** Starts a test of many cameras and goes to its page; where another one runs, offers the way to that. True: it goes to a page. */
export function useStartProbes(): (chosen: Chosen) => Promise<boolean> {
  const { jobs: t } = useWords(probeWords);
  const shell = useShell();
  const tell = useTelling();
  return async (chosen) => {
    if ((chosen.ids?.length ?? 0) > most) {
      shell.say(t.tooMany, "failed");
      return false;
    }
    const begun = await shell.client.request<ProbesRecord>("POST", "/probes", chosen);
    if (begun.ok) {
      shell.router.go(to("probes", begun.value.id));
      return true;
    }
    const { id } = begun.params;
    if (begun.code !== "probe.running" || !id) {
      shell.say(tell.problem(begun), "failed");
      return false;
    }
    if (!(await shell.confirm({ ...t.another }))) return false;
    shell.router.go(to("probes", id));
    return true;
  };
}
