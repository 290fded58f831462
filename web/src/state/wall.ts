import type { Camera } from "../api/types";
import type { Clock } from "../base/clock";
import { Store } from "../base/store";
import type { Catalogue } from "./catalogue";
import type { Place, Remembered } from "./place";
import { type Act, type PlayerMaker, Tile, type TileSocket } from "./tile";

export interface WallOptions {
  place: Place;
  socket: TileSocket;
  catalogue: Catalogue;
  clock: Clock;
  makePlayer: PlayerMaker;
  /** A window of one tile shows one camera and leaves the shared layout alone. */
  only?: { camera: string; by: Act };
}

export type Direction = "left" | "right" | "up" | "down";

const columns = 2;

/** Wall is the tiles of one window: which camera is in which, which one is selected, shown large, heard. */
export class Wall {
  readonly tiles: Tile[];
  readonly selected = new Store(0);
  /** The tile that fills the wall. */
  readonly enlarged = new Store<number | undefined>(undefined);
  /** The one tile with sound. */
  readonly heard = new Store<number | undefined>(undefined);
  /** The digits of a camera number typed so far. */
  readonly digits = new Store("");
  /** Rises with every change of which cameras are called. */
  readonly changes = new Store(0);

  readonly #o: WallOptions;
  #cancelDigits: () => void = () => {};

  constructor(options: WallOptions) {
    this.#o = options;
    const { socket, clock, makePlayer } = options;
    this.tiles = options.place.views.map((view, index) => new Tile({ index, view, socket, clock, makePlayer }));
    for (const tile of this.tiles) tile.state.subscribe((s) => !s.audio && this.#hush(tile.index));
  }

  get single(): boolean {
    return this.tiles.length === 1;
  }

  /** Puts back what was here: a machine's doing, which closes nobody's view. Somebody new is given the first cameras of the list. */
  restore(): void {
    const { place, catalogue, only } = this.#o;
    const listed = catalogue.state.value.cameras;
    catalogue.state.subscribe(({ cameras }) => {
      for (const camera of cameras) for (const tile of this.tiles) tile.rename(camera);
    });
    if (only) {
      this.tiles[0]?.call(catalogue.byID(only.camera) ?? unknown(only.camera), only.by);
      return;
    }
    const layout = place.layout() ?? listed.slice(0, this.tiles.length);
    layout.forEach((camera, i) => {
      if (camera) this.tiles[i]?.call(catalogue.byID(camera.id) ?? camera, "machine");
    });
  }

  /** Opens a camera in a tile, by a person's act. */
  call(index: number, camera: Camera): void {
    this.selected.set(index);
    this.tiles[index]?.call(camera, "person");
    this.#keep();
  }

  /**
   * Opens a camera where an operator expects it: if it is on the wall already, its tile is selected; else the selected tile takes it if
   * free, else the next free one, else the selected one.
   */
  callAnywhere(camera: Camera): void {
    const there = this.tiles.find((t) => t.state.value.camera?.id === camera.id);
    if (!there) return this.call(this.target(), camera);
    this.selected.set(there.index);
    if (isOver(there)) there.again();
  }

  /** The tile that callAnywhere would use for a camera that is not on the wall. */
  target(): number {
    const free = (i: number) => this.tiles[i]?.state.value.camera === undefined;
    const selected = this.selected.value;
    if (free(selected)) return selected;
    for (let i = 1; i < this.tiles.length; i++) {
      const next = (selected + i) % this.tiles.length;
      if (free(next)) return next;
    }
    return selected;
  }

  again(index: number): void {
    this.selected.set(index);
    this.tiles[index]?.again();
  }

  /** R: opens again what ended, or tries at once what waits. What plays is left alone. */
  wake(index: number): void {
    const tile = this.tiles[index];
    if (!tile?.state.value.camera) return;
    if (isOver(tile)) this.again(index);
    else tile.retryNow();
  }

  /** W: tries WebRTC once more where HLS plays. */
  tryWebRTC(index: number): void {
    this.tiles[index]?.tryWebRTC();
  }

  close(index: number): void {
    this.tiles[index]?.close();
    this.#hush(index);
    if (this.enlarged.value === index) this.enlarged.set(undefined);
    this.#keep();
  }

  /** Ends everything without forgetting it. */
  stop(): void {
    for (const tile of this.tiles) tile.close();
  }

  move(direction: Direction): void {
    const i = this.selected.value;
    const rows = Math.ceil(this.tiles.length / columns);
    const row = Math.floor(i / columns) + (direction === "down" ? 1 : direction === "up" ? -1 : 0);
    const column = (i % columns) + (direction === "right" ? 1 : direction === "left" ? -1 : 0);
    if (row < 0 || row >= rows || column < 0 || column >= columns || row * columns + column >= this.tiles.length)
      return;
    this.select(row * columns + column);
  }

  /** Selects a tile; with a tile enlarged, that one is enlarged instead. */
  select(index: number): void {
    this.selected.set(index);
    if (this.enlarged.value !== undefined) this.enlarged.set(index);
  }

  enlarge(index: number | undefined): void {
    if (index !== undefined) this.selected.set(index);
    this.enlarged.set(index);
  }

  /** Turns a tile's sound on, and every other's off; or off. */
  hear(index: number): void {
    const on = this.heard.value !== index && this.tiles[index]?.state.value.audio === true;
    this.heard.set(on ? index : undefined);
    for (const tile of this.tiles) tile.sound = on && tile.index === index;
  }

  #hush(index: number): void {
    if (this.heard.value === index) this.hear(index);
  }

  /** Takes a typed digit; a number that nobody finishes is forgotten. */
  digit(d: string): void {
    this.#cancelDigits();
    this.digits.set((this.digits.value + d).slice(0, 6));
    this.#cancelDigits = this.#o.clock.after(5000, () => this.digits.set(""));
  }

  forgetDigits(): void {
    this.#cancelDigits();
    this.digits.set("");
  }

  /** Calls the camera whose number was typed into the selected tile. False: there is none. */
  callNumber(): boolean {
    const camera = this.#o.catalogue.byNumber(Number(this.digits.value));
    if (!camera) return false;
    this.forgetDigits();
    this.call(this.selected.value, camera);
    return true;
  }

  #keep(): void {
    const layout = this.tiles.map((t) => {
      const c = t.state.value.camera;
      return c ? remembered(c) : null;
    });
    this.#o.place.keep(layout, this.#o.only ? "tab" : "shared");
    this.changes.set(this.changes.value + 1);
  }
}

/** Whether only a person can bring the tile back. */
function isOver(tile: Tile): boolean {
  return ["evicted", "ended", "limit", "refused"].includes(tile.state.value.status.name);
}

function remembered(c: Camera): Remembered {
  return { id: c.id, number: c.number, name: c.name, ...(c.location ? { location: c.location } : {}) };
}

function unknown(id: string): Camera {
  return { id, number: 0, name: "" };
}
