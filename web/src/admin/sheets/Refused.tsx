import type { Problem } from "../../api/client";
import { Icon } from "../../ui/Icon";
import { useTelling, useWords } from "../context";
import { common } from "../words/common";
import { sheetsWords } from "../words/sheets";
import { useArrival } from "./useArrival";

/** Refusals that another try may change. */
const passing = new Set([
  "network",
  "internal",
  "auth.token",
  "sheet.busy",
  "server.timeout",
  "server.not_ready",
  "server.stopping",
]);

interface RefusedProps {
  name: string;
  problem: Problem;
  onAgain: () => void;
}

/** Why a file was refused as a whole, and how it can be mended. */
export function Refused({ name, problem, onAgain }: RefusedProps) {
  const t = useWords(sheetsWords);
  const c = useWords(common);
  const tell = useTelling();
  const here = useArrival<HTMLDivElement>();
  if (problem.code === "cancelled") {
    return (
      <div class="alert alert-mild" role="status">
        <span>{t.cancelled}</span>
        <button type="button" class="button-quiet" data-act="again" onClick={onAgain}>
          {t.choose.again}
        </button>
      </div>
    );
  }
  const mends: Record<string, string> = t.mends;
  const fields: Record<string, string> = t.fields;
  const mend = Object.hasOwn(mends, problem.code) ? mends[problem.code] : undefined;
  return (
    <div ref={here} class="refused" role="alert" tabIndex={-1} data-refused={problem.code}>
      <Icon name="stale" />
      <div>
        <p class="refused-name">{name}</p>
        <p class="refused-why">{tell.problem(problem)}</p>
        {problem.code === "sheet.column_twice" && (
          <ul>
            {problem.fields.map(({ path, code }) => (
              <li key={path}>{t.twice(path, fields[code] ?? code)}</li>
            ))}
          </ul>
        )}
        {mend && <p>{mend}</p>}
        {problem.code !== "internal" && problem.requestID !== "" && !mend && (
          <p class="hint">{c.request(problem.requestID)}</p>
        )}
      </div>
      {passing.has(problem.code) && (
        <button type="button" class="button-quiet" data-act="again" onClick={onAgain}>
          {t.choose.again}
        </button>
      )}
    </div>
  );
}
