import type { CameraRecord, CamerasDeleted } from "../../api/cameras";
import { useShell, useTelling, useWords } from "../context";
import { camerasWords } from "../words/cameras";

interface Delete {
  /** Asks and deletes; true if the camera is gone. */
  one(camera: CameraRecord): Promise<boolean>;
  /** Asks and deletes; gives the ids of those that are gone. */
  many(ids: string[]): Promise<string[]>;
}

/** Deleting cameras: asked first, and once more with what hangs on them if they are in use. */
export function useDelete(): Delete {
  const t = useWords(camerasWords);
  const w = t.remove;
  const shell = useShell();
  const tell = useTelling();
  const failed = (problem: Parameters<typeof tell.problem>[0]) => shell.say(tell.problem(problem), "failed");
  const hanging = (params: Record<string, string | number | undefined>) =>
    (["views", "grants", "groups", "favourites"] as const).flatMap((what) => {
      const n = Number(params[what] ?? 0);
      return n > 0 ? [w[what](n)] : [];
    });
  return {
    async one(camera) {
      const sure = await shell.confirm({ title: w.title(camera.name), text: w.text, act: w.act, kind: "danger" });
      if (!sure) return false;
      const path = `/cameras/${encodeURIComponent(camera.id)}`;
      let done = await shell.client.request("DELETE", path);
      if (!done.ok && done.code === "camera.in_use") {
        const still = await shell.confirm({
          title: w.inUse(camera.name),
          text: w.hangs,
          consequences: hanging(done.params),
          act: w.anyway,
          kind: "danger",
        });
        if (!still) return false;
        done = await shell.client.request("DELETE", `${path}?force=true`);
      }
      if (!done.ok) failed(done);
      else shell.say(t.deleted(1));
      return done.ok;
    },

    async many(ids) {
      const sure = await shell.confirm({ title: w.many(ids.length), text: w.text, act: t.bulk.delete, kind: "danger" });
      if (!sure) return [];
      const ask = (which: string[], force: boolean) =>
        shell.client.request<CamerasDeleted>("POST", "/cameras/bulk-delete", { ids: which, force });
      const first = await ask(ids, false);
      if (!first.ok) {
        failed(first);
        return [];
      }
      const kept = new Set(first.value.failed.map((f) => f.id));
      const gone = ids.filter((id) => !kept.has(id));
      const used = first.value.failed.filter((f) => f.code === "camera.in_use");
      if (gone.length > 0) shell.say(t.deleted(gone.length));
      if (used.length === 0) return gone;
      const sum = (what: "views" | "grants") => used.reduce((n, f) => n + (f[what] ?? 0), 0);
      const still = await shell.confirm({
        title: w.manyInUse(used.length),
        text: w.hangs,
        consequences: hanging({ views: sum("views"), grants: sum("grants") }),
        act: w.anyway,
        kind: "danger",
      });
      if (!still) return gone;
      const second = await ask(
        used.map((f) => f.id),
        true,
      );
      if (!second.ok) {
        failed(second);
        return gone;
      }
      const left = new Set(second.value.failed.map((f) => f.id));
      const more = used.map((f) => f.id).filter((id) => !left.has(id));
      shell.say(t.deleted(more.length));
      return [...gone, ...more];
    },
  };
}
