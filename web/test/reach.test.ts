import { describe, expect, it } from "vitest";
import type { Reason } from "../src/player/player";
import { Reach } from "../src/player/reach";
import { Way } from "../src/player/way";
import { FakeClock } from "./clock";

const because = (code: string): Reason => ({ code, params: {} });
const minutes = 60_000;

describe("Reach", () => {
  it("keeps tiles from a blocked network for a while, and longer each time it is confirmed", async () => {
    const clock = new FakeClock();
    const reach = new Reach(clock, () => undefined);
    expect(reach.why("c1")).toBeUndefined();
    reach.failed("c1", because("webrtc.no_path"));
    expect(reach.why("c2")?.code).toBe("webrtc.no_path");
    await clock.pass(5 * minutes);
    expect(reach.why("c2")).toBeUndefined();
    reach.failed("c2", because("webrtc.no_path"));
    await clock.pass(9 * minutes);
    expect(reach.why("c2")?.code).toBe("webrtc.no_path");
    reach.worked();
    expect(reach.why("c2")).toBeUndefined();
  });

  it("does not blame the network for one tile while others just connected", () => {
    const reach = new Reach(new FakeClock(), () => undefined);
    reach.worked();
    reach.failed("c1", because("webrtc.no_path"));
    expect(reach.why("c2")).toBeUndefined();
  });

  it("forgets the network when it changes, but neither the browser nor the cameras", () => {
    const reach = new Reach(new FakeClock(), () => undefined);
    reach.failed("c1", because("media.bframes"));
    reach.failed("c2", because("webrtc.no_path"));
    reach.forget();
    expect(reach.why("c1")?.code).toBe("media.bframes");
    expect(reach.why("c2")).toBeUndefined();
    reach.failed("c2", because("signaling.codecs"));
    reach.forget();
    expect(reach.why("c3")?.code).toBe("signaling.codecs");
  });

  it("looks at a camera with B-frames again after a while: somebody may have turned them off", async () => {
    const clock = new FakeClock();
    const reach = new Reach(clock, () => undefined);
    reach.failed("c1", because("media.bframes"));
    expect(reach.why("c2")).toBeUndefined();
    await clock.pass(5 * minutes);
    expect(reach.why("c1")).toBeUndefined();
  });

  it("says first what keeps every tile from WebRTC", () => {
    const reach = new Reach(new FakeClock(), () => because("signaling.blocked"));
    expect(reach.why("c1")?.code).toBe("signaling.blocked");
  });
});

describe("Way", () => {
  it("names ports, protocols and hosts of the gateway's candidates", () => {
    const way = new Way();
    way.read(
      "v=0\r\na=candidate:1 1 udp 2130706431 203.0.113.5 8189 typ host\r\na=candidate:2 1 tcp 1671430143 203.0.113.5 8189 typ host tcptype passive\r\n",
    );
    expect(way.params()).toEqual({ port: "8189", protocols: "UDP,TCP", host: "203.0.113.5" });
    for (const n of [6, 7, 8]) way.add(`candidate:3 1 udp 1 203.0.113.${n} 8189 typ host`);
    expect(way.params().host).toBe("203.0.113.5, 203.0.113.6, 203.0.113.7, …");
  });

  it("says nothing where it knows nothing", () => {
    expect(new Way().params()).toEqual({});
  });
});
