import type { Client, Problem } from "../api/client";
import type { Camera } from "../api/types";
import { fold } from "../base/fold";
import { Store } from "../base/store";

export interface Listing {
  /** Favourites first, then by number. */
  cameras: Camera[];
  favourites: ReadonlySet<string>;
  phase: "loading" | "there" | "failed";
  problem?: Problem;
}

/** Catalogue is the list of cameras that the user may watch, with their stars. */
export class Catalogue {
  readonly state = new Store<Listing>({ cameras: [], favourites: new Set(), phase: "loading" });
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads the list. What was known stays while it is read again, and if that fails. */
  async load(): Promise<Listing> {
    const [cameras, favourites] = await Promise.all([this.#client.cameras(), this.#client.favourites()]);
    const before = this.state.value;
    if (!cameras.ok) {
      this.state.set({ ...before, phase: before.phase === "there" ? "there" : "failed", problem: cameras });
    } else {
      const stars = favourites.ok ? favourites.value : before.favourites;
      this.state.set({ cameras: order(cameras.value, stars), favourites: stars, phase: "there" });
    }
    return this.state.value;
  }

  byID(id: string): Camera | undefined {
    return this.state.value.cameras.find((c) => c.id === id);
  }

  byNumber(number: number): Camera | undefined {
    return this.state.value.cameras.find((c) => c.number === number);
  }

  /** Turns a star on or off; at once on the screen, and back if the gateway refuses. The order stays until the list is read again. */
  async toggle(camera: string): Promise<void> {
    const on = !this.state.value.favourites.has(camera);
    this.#star(camera, on);
    const result = await (on ? this.#client.favour(camera) : this.#client.unfavour(camera));
    if (!result.ok) this.#star(camera, !on);
  }

  #star(camera: string, on: boolean): void {
    const favourites = new Set(this.state.value.favourites);
    if (on) favourites.add(camera);
    else favourites.delete(camera);
    this.state.set({ ...this.state.value, favourites });
  }
}

function order(cameras: Camera[], favourites: ReadonlySet<string>): Camera[] {
  const rank = (c: Camera) => (favourites.has(c.id) ? 0 : 1);
  return [...cameras].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
}

/** Finds the cameras that hold every word of a query in number, name, location or tags. An exact number comes first. */
export function search(cameras: Camera[], query: string): Camera[] {
  const words = fold(query).split(" ").filter(Boolean);
  if (words.length === 0) return cameras;
  const found = cameras.filter((c) => {
    const text = fold(`${c.number} ${c.name} ${c.location ?? ""} ${(c.tags ?? []).join(" ")}`);
    return words.every((w) => text.includes(w));
  });
  const exact = words.length === 1 ? Number(words[0]) : Number.NaN;
  return found.sort((a, b) => Number(b.number === exact) - Number(a.number === exact));
}
