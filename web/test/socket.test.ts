import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StateMessage, ViewState, WatchMessage } from "../src/signal/messages";
import { Refusal, SignalSocket, type Standing, type ViewListener, type Wire } from "../src/signal/socket";
import { FakeClock, settled } from "./clock";

class FakeWire implements Wire {
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  sent: { type: string; view?: string; [key: string]: unknown }[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  give(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }

  break(): void {
    this.onclose?.({ code: 1006 } as CloseEvent);
  }

  hello(session: string, resumed = false, views: ViewState[] = [], limit = 4): void {
    const server_time = "2026-11-22T10:00:00Z";
    this.give({ type: "hello", session, resumed, ice_servers: [], limit, server_time, resume_ms: 60000, views });
  }

  types(): string[] {
    return this.sent.map((m) => (m.view ? `${m.type} ${m.view}` : m.type));
  }
}

class FakeTile implements ViewListener {
  heard: string[] = [];

  message(m: { type: string }): void {
    this.heard.push(m.type);
  }

  online(session: string, surviving: ViewState | undefined): void {
    this.heard.push(`online ${session} ${surviving?.generation ?? "-"}`);
  }

  offline(): void {
    this.heard.push("offline");
  }
}

const watch = (view: string, camera = "c"): WatchMessage => ({
  type: "watch",
  view,
  camera,
  admit: "if_free",
  offer: "sdp",
});

describe("SignalSocket", () => {
  let clock: FakeClock;
  let wires: FakeWire[];
  let standing: Standing;
  let doubts: string[];
  let socket: SignalSocket;
  const wire = () => wires[wires.length - 1] as FakeWire;

  beforeEach(() => {
    clock = new FakeClock();
    wires = [];
    standing = "good";
    doubts = [];
    socket = new SignalSocket({
      clock,
      open: () => {
        const made = new FakeWire();
        wires.push(made);
        return made;
      },
      authorize: async (doubt) => {
        doubts.push(doubt);
        return standing;
      },
    });
  });

  async function online(): Promise<void> {
    socket.start();
    await settled();
    wire().hello("s1");
  }

  it("is online with the first hello, and keeps the gateway's time and limit", async () => {
    await online();
    expect(socket.state.value.phase).toBe("online");
    expect(socket.limit.value).toBe(4);
    expect(new Date(socket.time()).toISOString()).toBe("2026-11-22T10:00:00.000Z");
  });

  it("connects again for ever, with waits that grow to 15 s and say when they end", async () => {
    await online();
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      wire().break();
      const { phase, retryAt = 0 } = socket.state.value;
      expect(phase).toBe("waiting");
      waits.push(retryAt - clock.now());
      await clock.pass(retryAt - clock.now());
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500, 7500]); // half of the ladder at no jitter
    expect(wires).toHaveLength(10);
  });

  it("names the views that play by HLS, at each change and on every new socket", async () => {
    const playing = () =>
      wire()
        .sent.filter((m) => m.type === "playing")
        .map((m) => m.views as string[]);
    const stopA = socket.plays("a"); // before there is a socket
    await online();
    expect(playing()).toEqual([["a"]]);
    const stopB = socket.plays("b");
    stopA();
    stopA(); // twice is harmless
    expect(playing()).toEqual([["a"], ["a", "b"], ["b"]]);
    wire().break();
    await clock.pass(1000);
    wire().hello("s2");
    wire().hello("s1", true);
    expect(playing()).toEqual([["b"]]);
    stopB();
    expect(playing()).toEqual([["b"], []]);
  });

  it("spreads the waits", async () => {
    await online();
    clock.jitter = 0.999;
    wire().break();
    expect((socket.state.value.retryAt ?? 0) - clock.now()).toBeGreaterThan(490);
  });

  it("resumes the lost session, and tells each tile whether its view lives", async () => {
    const [a, b] = [new FakeTile(), new FakeTile()];
    await online();
    socket.listen("a", a);
    socket.listen("b", b);
    wire().break();
    await clock.pass(1000);
    wire().hello("s2");
    expect(wire().sent).toEqual([{ type: "resume", session: "s1" }]);
    expect(socket.online).toBe(false); // nothing is asked before the session is known
    wire().hello("s1", true, [{ view: "a", camera: "c", generation: 7 }]);
    expect(socket.online).toBe(true);
    expect(a.heard).toEqual(["offline", "online resumed 7"]);
    expect(b.heard).toEqual(["offline", "online resumed -"]);

    wire().break();
    await clock.pass(1000);
    wire().hello("s3");
    expect(wire().sent[0]).toEqual({ type: "resume", session: "s1" }); // the session, not the last socket's
  });

  it("goes on with the new session when the old one is gone", async () => {
    const a = new FakeTile();
    await online();
    socket.listen("a", a);
    wire().break();
    await clock.pass(1000);
    wire().hello("s2");
    wire().hello("s2", false);
    expect(a.heard).toEqual(["offline", "online new -"]);
    wire().break();
    await clock.pass(1000);
    wire().hello("s3");
    expect(wire().sent[0]).toEqual({ type: "resume", session: "s2" });
  });

  it("closes what its tile gave up while the socket was away", async () => {
    await online();
    const unlisten = socket.listen("a", new FakeTile());
    wire().break();
    unlisten();
    await clock.pass(1000);
    wire().hello("s2");
    wire().hello("s1", true, [{ view: "a", camera: "c", generation: 7 }]);
    expect(wire().types()).toEqual(["resume", "close a"]);
  });

  it("gives each view's answer to its question and keeps one question of a view in the air", async () => {
    await online();
    const answers: string[] = [];
    const note = (name: string) => (m: { sdp: string }) => answers.push(`${name}: ${m.sdp}`);
    void socket.ask(watch("a", "c1")).then(note("a1"));
    void socket.ask(watch("a", "c2")).then(note("a2"));
    socket.send({ type: "candidate", view: "a", candidate: null }); // belongs to the second offer
    void socket.ask(watch("b")).then(note("b"));
    expect(wire().types()).toEqual(["watch a", "watch b"]);
    wire().give({ type: "answer", view: "b", generation: 1, sdp: "for b" });
    wire().give({ type: "answer", view: "a", generation: 2, sdp: "for c1" });
    expect(wire().types()).toEqual(["watch a", "watch b", "watch a"]);
    wire().give({ type: "answer", view: "a", generation: 3, sdp: "for c2" });
    expect(wire().types()).toEqual(["watch a", "watch b", "watch a", "candidate a"]);
    await settled();
    expect(answers).toEqual(["b: for b", "a1: for c1", "a2: for c2"]);
  });

  it("refuses a question with the gateway's code, and all that are open when the socket goes", async () => {
    await online();
    const limit = socket.ask(watch("a")).catch((e: Refusal) => e);
    wire().give({
      type: "error",
      view: "a",
      code: "view.limit",
      detail: "",
      retry: true,
      retry_after_ms: 5,
      params: { limit: "4" },
    });
    expect(await limit).toMatchObject({ code: "view.limit", retry: true, retryAfter: 5, params: { limit: "4" } });

    const lost = [socket.ask(watch("a")), socket.ask(watch("a")), socket.ask(watch("b"))].map((p) =>
      p.catch((e: Refusal) => e),
    );
    wire().break();
    for (const p of lost) expect(await p).toBeInstanceOf(Refusal);
    expect(await lost[0]).toMatchObject({ code: "signaling.lost" });
    await expect(socket.ask(watch("a"))).rejects.toMatchObject({ code: "signaling.lost" });
  });

  it("takes a gateway that does not answer for gone", async () => {
    await online();
    const asked = socket.ask(watch("a")).catch((e: Refusal) => e.code);
    const first = wire();
    await clock.pass(10_000);
    expect(await asked).toBe("signaling.lost");
    expect(first.closed).toBe(true);
    await clock.pass(1000);
    expect(wires).toHaveLength(2);
    await clock.pass(10_000); // and so does a socket without hello
    await clock.pass(2000);
    expect(wires.length).toBeGreaterThan(2);
  });

  it("waits as long as the gateway asks when it says bye, and says why", async () => {
    await online();
    wire().give({ type: "bye", code: "server.stopping", retry_after_ms: 4000 });
    expect(socket.state.value).toMatchObject({ phase: "waiting", code: "server.stopping" });
    await clock.pass(3900);
    expect(wires).toHaveLength(1);
    await clock.pass(200);
    expect(wires).toHaveLength(2);
  });

  it("asks for a new sign-in when the session is over", async () => {
    await online();
    standing = "over";
    wire().give({ type: "bye", code: "auth.token", retry_after_ms: 0 });
    await clock.pass(1000);
    expect(doubts).toEqual(["trust", "doubt"]);
    expect(socket.state.value.phase).toBe("over");
    await clock.pass(60_000);
    expect(wires).toHaveLength(1);
  });

  it("keeps trying while the gateway can't say whether the session stands", async () => {
    await online();
    standing = "unreachable";
    wire().break();
    await clock.pass(60_000);
    expect(wires).toHaveLength(1);
    standing = "good";
    await clock.pass(15_000);
    expect(wires).toHaveLength(2);
  });

  it("tries at once when somebody asks", async () => {
    await online();
    wire().break();
    socket.hurry();
    await settled();
    expect(wires).toHaveLength(2);
    await clock.pass(60_000); // the wait that was cut short opens no second socket
    expect(wires.filter((w) => !w.closed)).toHaveLength(1);
  });

  it("passes a view's messages to its tile alone, and ignores what it does not know", async () => {
    const [a, b] = [new FakeTile(), new FakeTile()];
    await online();
    socket.listen("a", a);
    socket.listen("b", b);
    const state: Partial<StateMessage> = { type: "state", view: "a", generation: 1, status: "live" };
    wire().give(state);
    wire().give({ type: "weather", view: "a" });
    wire().onmessage?.({ data: "not json" } as MessageEvent);
    expect(a.heard).toEqual(["state"]);
    expect(b.heard).toEqual([]);
  });

  it("is silent after stop", async () => {
    await online();
    const tile = new FakeTile();
    socket.listen("a", tile);
    socket.stop();
    expect(wire().closed).toBe(true);
    const spy = vi.fn();
    socket.state.subscribe(spy);
    await clock.pass(60_000);
    expect(wires).toHaveLength(1);
    expect(spy).not.toHaveBeenCalled();
  });

  describe("where no WebSocket gets through", () => {
    it("says so after two refusals between which the gateway answered", async () => {
      socket.start();
      await settled();
      wires[0]?.break();
      expect(socket.reachable).toBe(false); // one may be chance
      await clock.pass(1000);
      wires[1]?.break();
      expect(socket.state.value).toMatchObject({ phase: "waiting", blocked: true });
      expect([socket.online, socket.reachable]).toEqual([false, true]);
    });

    it("says so after 4 s of silence, and takes it back with the first hello", async () => {
      socket.start();
      await clock.pass(3900);
      expect(socket.reachable).toBe(false);
      await clock.pass(200);
      expect(socket.state.value.blocked).toBe(true);
      wires[0]?.hello("s1");
      expect(socket.state.value).toMatchObject({ phase: "online", blocked: false });
    });

    it("does not say so of a gateway that is away altogether", async () => {
      socket.start();
      await settled();
      wires[0]?.hello("s1");
      standing = "unreachable";
      wires[0]?.break();
      await clock.pass(60_000);
      expect(socket.reachable).toBe(false);
    });
  });
});
