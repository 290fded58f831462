import type { Client } from "../api/client";
import type { Camera, User } from "../api/types";
import { HLSDoor } from "../api/views";
import { browserClock, type Clock } from "../base/clock";
import { deviceLabel } from "../base/device";
import { uuid } from "../base/uuid";
import { HLSPlayer } from "../player/hls";
import { Ladder } from "../player/ladder";
import { makeEngine, warm } from "../player/modern";
import type { Reason } from "../player/player";
import { Reach } from "../player/reach";
import { WebRTCPlayer } from "../player/webrtc";
import { protocol } from "../signal/messages";
import { SignalSocket } from "../signal/socket";
import { Budget } from "./budget";
import { Catalogue } from "./catalogue";
import { Place, type Roll } from "./place";
import type { Session } from "./session";
import type { Act } from "./tile";
import { Wall } from "./wall";

/** What a signed-in person works with; made at sign-in, left at sign-out. */
export interface Room {
  user: User;
  socket: SignalSocket;
  catalogue: Catalogue;
  wall: Wall;
  budget: Budget;
  /** Somebody stands before the wall: its cameras open. */
  attend(): void;
  /** Nobody does: its views end, and what was in the tiles is kept for the way back. */
  depart(): void;
  leave(): void;
}

export interface RoomOptions {
  user: User;
  client: Client;
  session: Session;
  roll: Roll;
}

/** The one camera of a window that was opened for it: /?camera=ID, and by= if a person's click on this browser's wall opened it. */
interface Only {
  camera: string;
  by: Act;
}

const tilesOfWall = 4;
const clickLasts = 30_000; // ms that a new window may take to begin
const clickKey = (name: string) => `rtsp-viewer.click.${name}`;

export async function enter({ user, client, session, roll }: RoomOptions): Promise<Room> {
  const clock: Clock = browserClock;
  const only = onlyCamera();
  const memories = { tab: sessionStorage, browser: localStorage };
  const place = await Place.find({ ...memories, taken: (tab) => roll.taken(tab) }, user.id, only ? 1 : tilesOfWall);
  roll.answer(place.tab);
  const socket = new SignalSocket({
    open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/signaling`, protocol),
    authorize: (doubt) => session.stands(doubt),
    clock,
    drift: () => client.drift,
  });
  const catalogue = new Catalogue(client);
  const label = deviceLabel(navigator.userAgent);
  const door = new HLSDoor(client, (input, init) => fetch(input, init));
  const reach = new Reach(clock, () => withoutWebRTC(socket));
  const wall = new Wall({
    place,
    socket,
    catalogue,
    clock,
    makePlayer: (attempt) =>
      new Ladder({
        camera: attempt.camera,
        admit: attempt.admit,
        reach,
        clock,
        warm,
        webrtc: (admit, camera) => new WebRTCPlayer({ ...attempt, camera, admit, label, socket, clock }),
        hls: (admit, camera) =>
          new HLSPlayer({
            ...attempt,
            camera,
            admit,
            label,
            door,
            makeEngine,
            clock,
            time: () => socket.time(),
            plays: (view) => socket.plays(view),
          }),
      }),
    ...(only ? { only } : {}),
  });
  const budget = new Budget(client, clock);
  const hurry = () => {
    reach.forget();
    socket.hurry();
  };
  addEventListener("online", hurry);
  const undo = [
    () => removeEventListener("online", hurry),
    wall.changes.subscribe(() => {
      budget.changed();
      if (only) addressBar(wall);
    }),
    ...wall.tiles.map((tile) => tile.state.subscribe(onStatusChange(() => budget.changed()))),
  ];
  socket.start();
  budget.start();
  const listed = catalogue.load();
  let there = false; // before the wall
  let left: (Camera | undefined)[] | undefined; // what to bring back; nothing until the wall was restored once
  return {
    user,
    socket,
    catalogue,
    wall,
    budget,
    attend() {
      there = true;
      void listed.then(() => {
        if (!there) return;
        if (!left) wall.restore();
        // As a reload does: a machine's doing, which closes nobody's view.
        left?.forEach((camera, i) => {
          if (camera) wall.tiles[i]?.call(catalogue.byID(camera.id) ?? camera, "machine");
        });
        left = [];
      });
    },
    depart() {
      there = false;
      if (left) left = wall.tiles.map((tile) => tile.state.value.camera);
      wall.stop();
    },
    leave() {
      for (const f of undo) f();
      budget.stop();
      wall.stop();
      socket.stop();
    },
  };
}

/** What keeps every tile from WebRTC, whatever the network carries. */
function withoutWebRTC(socket: SignalSocket): Reason | undefined {
  if (typeof RTCPeerConnection === "undefined") return { code: "webrtc.missing", params: {} };
  return socket.online ? undefined : { code: "signaling.blocked", params: {} };
}

/** The address of a window for one camera. Opened by a click, it may close the oldest view; reloaded or typed, it may not. */
export function newWindowAddress(camera: string): string {
  const name = uuid();
  try {
    localStorage.setItem(clickKey(name), String(Date.now()));
  } catch {
    // storage is forbidden: the window asks before it closes anything
  }
  return `/?camera=${encodeURIComponent(camera)}&by=${name}`;
}

function onlyCamera(): Only | undefined {
  const query = new URLSearchParams(location.search);
  const camera = query.get("camera");
  if (!camera) return undefined;
  const name = query.get("by");
  if (name === null) return { camera, by: "machine" };
  history.replaceState(history.state, "", `/?camera=${encodeURIComponent(camera)}`);
  return { camera, by: spendClick(name) };
}

/** A click counts once: a reload or a restored window finds it spent. */
function spendClick(name: string): Act {
  try {
    const at = Number(localStorage.getItem(clickKey(name)) ?? 0);
    localStorage.removeItem(clickKey(name));
    return Date.now() - at < clickLasts ? "person" : "machine";
  } catch {
    return "machine";
  }
}

function addressBar(wall: Wall): void {
  const camera = wall.tiles[0]?.state.value.camera;
  if (camera) history.replaceState(history.state, "", `/?camera=${encodeURIComponent(camera.id)}`);
}

function onStatusChange(fn: () => void): (state: { status: { name: string } }) => void {
  let before = "";
  return ({ status }) => {
    if (status.name === before) return;
    before = status.name;
    fn();
  };
}
