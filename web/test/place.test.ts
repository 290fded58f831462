import { describe, expect, it } from "vitest";
import { type Channel, Place, Roll } from "../src/state/place";
import { memory } from "./memory";

const nobody = async () => false;

describe("Place", () => {
  it("keeps the view ids of a tab through reloads, and gives another tab its own", async () => {
    const tab = memory();
    const browser = memory();
    const first = await Place.find({ tab, browser, taken: nobody }, "u", 4);
    const reloaded = await Place.find({ tab, browser, taken: nobody }, "u", 4);
    const other = await Place.find({ tab: memory(), browser, taken: nobody }, "u", 4);
    expect(reloaded.views).toEqual(first.views);
    expect(new Set([...first.views, ...other.views]).size).toBe(8);
  });

  it("gives a duplicated tab view ids of its own but the same cameras", async () => {
    const tab = memory();
    const first = await Place.find({ tab, browser: memory(), taken: nobody }, "u", 2);
    first.keep([{ id: "c1", number: 1, name: "Gate" }, null], "shared");
    const twin = await Place.find({ tab, browser: memory(), taken: async (name) => name === first.tab }, "u", 2);
    expect(twin.views).not.toEqual(first.views);
    expect(twin.layout()).toEqual([{ id: "c1", number: 1, name: "Gate" }, null]);
  });

  it("keeps users of one browser apart", async () => {
    const browser = memory();
    const anna = await Place.find({ tab: memory(), browser, taken: nobody }, "anna", 2);
    anna.keep([null, null], "shared");
    const boris = await Place.find({ tab: memory(), browser, taken: nobody }, "boris", 2);
    expect(boris.layout()).toBeUndefined();
    expect((await Place.find({ tab: memory(), browser, taken: nobody }, "anna", 2)).layout()).toEqual([null, null]);
  });

  it("works where storage is forbidden or full of rubbish", async () => {
    const forbidden = {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
      removeItem: () => {},
    };
    const place = await Place.find({ tab: forbidden, browser: forbidden, taken: nobody }, "u", 4);
    expect(place.views).toHaveLength(4);
    place.keep([null], "shared");
    const rubbish = memory();
    rubbish.setItem("rtsp-viewer.tab", "{not json");
    expect((await Place.find({ tab: rubbish, browser: rubbish, taken: nobody }, "u", 4)).layout()).toBeUndefined();
  });
});

describe("Roll", () => {
  function channels(): [Channel, Channel] {
    const a: Channel = {
      onmessage: null,
      postMessage: (data) => queueMicrotask(() => b.onmessage?.({ data } as MessageEvent)),
    };
    const b: Channel = {
      onmessage: null,
      postMessage: (data) => queueMicrotask(() => a.onmessage?.({ data } as MessageEvent)),
    };
    return [a, b];
  }

  it("finds a living tab by its name", async () => {
    const [a, b] = channels();
    const living = new Roll(a);
    const asking = new Roll(b);
    living.answer("tab-1");
    expect(await asking.taken("tab-1")).toBe(true);
    expect(await asking.taken("tab-2")).toBe(false);
  });
});
