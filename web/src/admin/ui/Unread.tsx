import type { Problem } from "../../api/client";
import { useTelling, useWords } from "../context";
import { useEvery } from "../hooks";
import { common } from "../words/common";
import { Page } from "./Page";

interface UnreadProps {
  title: string;
  up: { path: string; name: string };
  problem: Problem | undefined;
  onAgain: () => void;
}

const absent = 5000; // ms

/** What stands where a thing is still being read, or can't be. */
export function Unread({ title, up, problem, onAgain }: UnreadProps) {
  const t = useWords(common);
  const tell = useTelling();
  // Nobody has to stand by until an absent gateway is back.
  useEvery(absent, () => problem?.code === "network" && onAgain());
  return (
    <Page title={title} up={up} narrow="narrow">
      {problem ? (
        <div class="alert" role="alert">
          <span>{tell.problem(problem)}</span>
          {problem.status !== 404 && (
            <button type="button" class="button-quiet" onClick={onAgain}>
              {t.reload}
            </button>
          )}
        </div>
      ) : (
        <p role="status">{t.loading}</p>
      )}
    </Page>
  );
}
