import { afterAll, afterEach, beforeAll } from "vitest";
import { Stage } from "./stage.ts";

const tidied = 5000; // ms to end everything in when the run was broken off

/** Makes the stage of the calling test file, which goes with it. A failed test prints the programs' last words and leaves pictures of its pages. */
export function onStage(host?: string): Stage {
  const stage = new Stage(host);
  // The run was broken off, and this process with it: what it started must not stay. The kernel ends whatever is left.
  process.once("disconnect", () => {
    const end = () => process.kill(process.pid, "SIGKILL");
    setTimeout(end, tidied);
    void stage.close().finally(end);
  });
  beforeAll(() => stage.open());
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await stage.report();
    await stage.clear();
  });
  afterAll(() => stage.close());
  return stage;
}
