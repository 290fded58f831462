import type { Passport } from "../../api/probe";
import { Icon, type IconName } from "../../ui/Icon";
import { useMoments, useWords } from "../context";
import { type Verdict, verdictOf } from "../state/passport";
import { probeWords } from "../words/probe";

export const verdictIcons: Record<Verdict, IconName> = {
  failed: "unlinked",
  uncarried: "unsupported",
  advice: "stale",
  well: "done",
};

/** What a camera’s last test came to, for a cell: a shape and two words. */
export function Mark({ passport }: { passport: Passport }) {
  const t = useWords(probeWords);
  const { full } = useMoments();
  const verdict = verdictOf(passport);
  return (
    <span class={`state verdict-${verdict}`} data-verdict={verdict} title={full(passport.at)}>
      <Icon name={verdictIcons[verdict]} />
      {t.marks[verdict]}
    </span>
  );
}
