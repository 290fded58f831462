import { beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../src/api/client";
import type { Camera } from "../src/api/types";
import { Store } from "../src/base/store";
import type { Player, PlayerState } from "../src/player/player";
import type { SignalSocket, SocketState } from "../src/signal/socket";
import { Catalogue } from "../src/state/catalogue";
import { type Memory, Place } from "../src/state/place";
import { Wall } from "../src/state/wall";
import { FakeClock } from "./clock";
import { memory } from "./memory";

class FakePlayer implements Player {
  onState: (state: PlayerState) => void = () => {};
  onBreak: () => void = () => {};
  tried = 0;
  closed: string | undefined;
  switched: string[] = [];
  refuse: () => void = () => {};
  constructor(readonly attempt: { view: string; camera: string; admit: string }) {}
  switchTo(camera: string, admit: string, refused: () => void): boolean {
    if (!this.connected) return false;
    this.switched.push(`${camera} ${admit}`);
    this.refuse = refused;
    this.onState({ phase: "asking", transport: "webrtc", path: "connected" });
    return true;
  }
  connected = false;
  start(): void {}
  show(): void {}
  behind(): undefined {}
  tryWebRTC(): void {
    this.tried++;
  }
  close(place: "gone" | "kept"): void {
    this.closed = place;
  }
  async framesDecoded(): Promise<number | undefined> {
    return undefined;
  }
  open(): void {
    this.onState({ phase: "open", transport: "webrtc", path: "connecting" });
  }
  over(code: string, retry: boolean): void {
    this.onState({ phase: "over", transport: "webrtc", path: "lost", end: { code, params: {}, retry, retryAfter: 0 } });
  }
}

const camera = (n: number): Camera => ({ id: `c${n}`, number: n, name: `Camera ${n}` });
const cameras = [1, 2, 3, 4, 5, 6].map(camera);
const free = async () => false;

describe("Wall", () => {
  let clock: FakeClock;
  let players: FakePlayer[];
  let socketState: Store<SocketState>;
  let catalogue: Catalogue;
  let storage: { tab: Memory; browser: Memory };
  const asked = () => players.map((p) => `${p.attempt.camera} ${p.attempt.admit}`);

  beforeEach(() => {
    clock = new FakeClock();
    players = [];
    storage = { tab: memory(), browser: memory() };
    socketState = new Store<SocketState>({ phase: "online", since: 0 });
    catalogue = new Catalogue({} as Client);
    catalogue.state.set({ cameras, favourites: new Set(), phase: "there" });
  });

  async function wall(tiles = 4, only?: { camera: string; by: "person" | "machine" }): Promise<Wall> {
    const place = await Place.find({ ...storage, taken: free }, "u1", tiles);
    const socket = {
      state: socketState,
      time: () => clock.wall(),
      get online() {
        return socketState.value.phase === "online";
      },
      get reachable() {
        return socketState.value.phase === "online" || socketState.value.blocked === true;
      },
    } as unknown as SignalSocket;
    const made = new Wall({
      place,
      socket,
      catalogue,
      clock,
      makePlayer: (attempt) => {
        const p = new FakePlayer(attempt);
        players.push(p);
        return p;
      },
      ...(only ? { only } : {}),
    });
    return made;
  }

  it("fills a newcomer's wall with the first cameras, closing nobody's view", async () => {
    (await wall()).restore();
    expect(asked()).toEqual(["c1 if_free", "c2 if_free", "c3 if_free", "c4 if_free"]);
  });

  it("puts back the same cameras under the same view ids after a reload, closing nobody's view", async () => {
    const before = await wall();
    before.restore();
    before.call(1, camera(6));
    before.close(2);
    players = [];
    const after = await wall();
    after.restore();
    expect(asked()).toEqual(["c1 if_free", "c6 if_free", "c4 if_free"]);
    expect(after.tiles.map((t) => t.view)).toEqual(before.tiles.map((t) => t.view));
    expect(players.map((p) => p.attempt.view)).toEqual([0, 1, 3].map((i) => before.tiles[i]?.view));
  });

  it("lets a call close the oldest view, and calls into one tile alone", async () => {
    const w = await wall();
    w.restore();
    players[2]?.open();
    w.call(2, camera(5));
    expect(asked().slice(4)).toEqual(["c5 evict_oldest"]);
    expect(players[4]?.attempt.view).toBe(players[2]?.attempt.view); // the same place
    expect(players.map((p) => p.closed)).toEqual([undefined, undefined, "kept", undefined, undefined]);
  });

  it("calls another camera over the connection that there is, and anew where that is refused", async () => {
    const w = await wall();
    w.call(1, camera(5));
    players[0]?.open();
    const playing = players[0] as FakePlayer;
    playing.connected = true;
    playing.onState({
      phase: "open",
      transport: "webrtc",
      path: "connected",
      stream: { status: "refused", code: "camera.credentials", audio: false },
    });
    expect(w.tiles[1]?.state.value.status.name).toBe("refused");
    w.call(1, camera(6));
    expect(playing.switched).toEqual(["c6 evict_oldest"]);
    expect(asked()).toEqual(["c5 evict_oldest"]); // no other player
    expect(playing.closed).toBeUndefined();
    expect(w.tiles[1]?.state.value).toMatchObject({
      camera: camera(6),
      status: { name: "connecting" },
      picture: "none",
    });

    w.again(1); // the same camera: a person wants it opened anew
    expect(playing.closed).toBe("kept");
    expect(asked()).toEqual(["c5 evict_oldest", "c6 evict_oldest"]);
    playing.refuse(); // too late
    expect(players).toHaveLength(2);

    const second = players[1] as FakePlayer;
    second.open();
    second.connected = true;
    w.call(1, camera(4));
    expect(second.switched).toEqual(["c4 evict_oldest"]);
    second.refuse();
    expect(second.closed).toBe("kept");
    expect(asked().slice(2)).toEqual(["c4 evict_oldest"]); // still the person's act
  });

  it("never closes a view by its own retries, however it came to them", async () => {
    const w = await wall();
    w.call(0, camera(5));
    players[0]?.open();
    players[0]?.over("view.expired", true);
    await clock.pass(30_000);
    players[1]?.over("webrtc.no_path", true);
    await clock.pass(30_000);
    expect(asked()).toEqual(["c5 evict_oldest", "c5 if_free", "c5 if_free"]);
  });

  it("lets those who had places before an outage come back first", async () => {
    const w = await wall();
    w.restore();
    players[0]?.open();
    players[1]?.over("view.limit", false);
    await clock.pass(9_000);
    socketState.set({ phase: "waiting", since: 0 });
    await clock.pass(12_000);
    socketState.set({ phase: "online", since: 0 });
    players[0]?.over("signaling.lost", true);
    await clock.pass(15_000);
    expect(asked().slice(4)).toEqual(["c1 if_free"]);
    await clock.pass(10_000);
    expect(asked().slice(4)).toEqual(["c1 if_free", "c2 if_free"]);
  });

  it("keeps a click's right while a lost socket comes back, but not for long", async () => {
    socketState.set({ phase: "waiting", since: 0 });
    const w = await wall();
    w.call(0, camera(5));
    w.call(1, camera(6));
    expect(players).toHaveLength(0);
    await clock.pass(3000);
    socketState.set({ phase: "online", since: 0 });
    expect(asked()).toEqual(["c5 evict_oldest", "c6 evict_oldest"]);

    socketState.set({ phase: "waiting", since: 0 });
    w.call(2, camera(4));
    await clock.pass(60_000);
    socketState.set({ phase: "online", since: 0 });
    expect(asked()[2]).toBe("c4 if_free");
  });

  it("does not reopen by itself what was evicted, revoked or closed", async () => {
    const w = await wall();
    w.restore();
    for (const [i, code] of ["view.evicted", "view.revoked", "view.closed", "camera.deleted"].entries()) {
      players[i]?.over(code, false);
    }
    socketState.set({ phase: "waiting", since: 0 });
    await clock.pass(60_000);
    socketState.set({ phase: "online", since: 0 });
    await clock.pass(600_000);
    expect(players).toHaveLength(4);
    expect(w.tiles.map((t) => t.state.value.status.name)).toEqual(["evicted", "refused", "ended", "ended"]);
    w.wake(0);
    expect(asked()[4]).toBe("c1 evict_oldest");
  });

  it("asks for a free place every 10 s at most where the limit was reached", async () => {
    const w = await wall();
    w.restore();
    players[3]?.over("view.limit", true);
    expect(w.tiles[3]?.state.value.status.name).toBe("limit");
    await clock.pass(9900);
    expect(players).toHaveLength(4);
    await clock.pass(200);
    expect(asked()[4]).toBe("c4 if_free");
  });

  it("opens a camera in the selected tile if free, else the next free, else the selected one; once only", async () => {
    const w = await wall();
    w.callAnywhere(camera(1));
    w.callAnywhere(camera(2));
    w.callAnywhere(camera(3));
    w.callAnywhere(camera(4));
    expect(w.tiles.map((t) => t.state.value.camera?.number)).toEqual([1, 2, 3, 4]);
    w.select(1);
    w.callAnywhere(camera(4));
    expect(w.selected.value).toBe(3); // it is there already
    expect(players).toHaveLength(4);
    w.select(1);
    w.callAnywhere(camera(5));
    expect(w.tiles.map((t) => t.state.value.camera?.number)).toEqual([1, 5, 3, 4]);
  });

  it("calls a camera by its number and forgets half a number", async () => {
    const w = await wall();
    w.digit("5");
    expect(w.callNumber()).toBe(true);
    expect(w.tiles[0]?.state.value.camera?.id).toBe("c5");
    w.digit("9");
    expect(w.callNumber()).toBe(false);
    await clock.pass(6000);
    expect(w.digits.value).toBe("");
  });

  it("moves the selection within its edges", async () => {
    const w = await wall();
    const path = (["right", "right", "down", "left", "left", "up", "up"] as const).map((d) => {
      w.move(d);
      return w.selected.value;
    });
    expect(path).toEqual([1, 1, 3, 2, 2, 0, 0]);
  });

  it("gives one tile the sound, and only one that has any", async () => {
    const w = await wall();
    w.restore();
    const sound = { type: "state", view: "", generation: 1, status: "live", since: "", audio: true } as const;
    for (const i of [0, 1])
      players[i]?.onState({ phase: "open", transport: "webrtc", path: "connected", stream: sound });
    w.hear(2);
    expect(w.heard.value).toBeUndefined();
    w.hear(0);
    w.hear(1);
    expect(w.heard.value).toBe(1);
    w.call(1, camera(6));
    expect(w.heard.value).toBeUndefined(); // another camera does not begin to speak by itself
  });

  it("leaves the shared layout alone in a window of one camera", async () => {
    (await wall()).call(0, camera(3));
    storage.tab = memory(); // another tab
    players = [];
    const single = await wall(1, { camera: "c6", by: "person" });
    single.restore();
    single.call(0, camera(5));
    expect(asked()).toEqual(["c6 evict_oldest", "c5 evict_oldest"]);
    storage.tab = memory();
    players = [];
    (await wall()).restore();
    expect(asked()).toEqual(["c3 if_free"]);
  });
});
