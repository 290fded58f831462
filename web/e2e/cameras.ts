import { join } from "node:path";
import { Program } from "./program.ts";

const bin = process.env.E2E_BIN ?? join(import.meta.dirname, "../../bin");

/** The path of a program that make build left. */
export function built(name: string): string {
  return join(bin, name);
}

/** A simulated camera, as the manifest tells of it. */
export interface Simulated {
  number: number;
  name: string;
  location: string;
  address: string;
  username: string;
  password: string;
}

/** What can be done to a simulated camera. */
export type Deed = "pause" | "resume" | "kill" | "restart" | "blackhole";

/** Cameras is one process of simulated cameras: the demo's six, or what the flags say. */
export class Cameras {
  readonly list: Simulated[];
  readonly program: Program;
  readonly #control: string;

  private constructor(program: Program, manifest: { control: string; cameras: Simulated[] }) {
    this.program = program;
    this.list = manifest.cameras;
    this.#control = manifest.control;
  }

  /** Starts the cameras; the first time ever their clips are encoded, which takes a while. */
  static async start(...flags: string[]): Promise<Cameras> {
    const program = new Program("fakecam", built("fakecam"), flags);
    const [, control] = await program.line(/msg="all cameras serve".* control=(\S+)/, 280_000);
    const answer = await fetch(`${control}/manifest`);
    return new Cameras(program, (await answer.json()) as { control: string; cameras: Simulated[] });
  }

  /** The host and port of the control interface, which speaks anything but RTSP. */
  get website(): string {
    return new URL(this.#control).host;
  }

  camera(number: number): Simulated {
    const found = this.list.find((c) => c.number === number);
    if (!found) throw new Error(`no simulated camera ${number}`);
    return found;
  }

  async do(number: number, deed: Deed): Promise<void> {
    const answer = await fetch(`${this.#control}/cameras/${number}/${deed}`, { method: "POST" });
    if (!answer.ok) throw new Error(`${deed} camera ${number}: ${answer.status} ${await answer.text()}`);
  }

  /** How many RTSP sessions the camera has now. */
  async sessions(number: number): Promise<number> {
    const answer = await fetch(`${this.#control}/stats?recent=0`);
    const { cameras } = (await answer.json()) as { cameras: { number: number; sessions_now: number }[] };
    return cameras.find((c) => c.number === number)?.sessions_now ?? -1;
  }

  end(): Promise<void> {
    return this.program.end("SIGTERM");
  }
}
