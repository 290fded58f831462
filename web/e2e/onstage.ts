import { afterAll, afterEach, beforeAll } from "vitest";
import { Stage } from "./stage.ts";

/** Makes the stage of the calling test file, which goes with it. A failed test prints the programs' last words and leaves pictures of its pages. */
export function onStage(): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open());
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await stage.report();
    await stage.clear();
  });
  afterAll(() => stage.close());
  return stage;
}
