import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useDict } from "./context";

/** A part of the app that comes when it is needed. */
export type Load = () => Promise<{ default: ComponentType }>;

type Got = { load: Load; part: ComponentType } | { load: Load; part?: undefined };

/** Shows a part of the app once it has come. After an update of the gateway the old part is gone: only the new page knows the new one. */
export function Later({ load }: { load: Load }) {
  const t = useDict();
  const [got, setGot] = useState<Got>();
  useEffect(() => {
    let here = true;
    load().then(
      (module) => here && setGot({ load, part: module.default }),
      () => here && setGot({ load }),
    );
    return () => {
      here = false;
    };
  }, [load]);
  if (got?.load !== load) return <p class="splash" role="status" aria-label={t.start.starting} />;
  if (got.part) return <got.part />;
  return (
    <div class="splash" role="alert">
      <p>{t.nav.failed}</p>
      <button type="button" class="button-quiet" onClick={() => location.reload()}>
        {t.nav.reload}
      </button>
    </div>
  );
}
