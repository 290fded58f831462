import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built } from "./cameras.ts";
import { Client } from "./client.ts";
import { Program } from "./program.ts";

/** How long a camera's connection outlives its last viewer here, in ms. */
export const linger = 1000;

export const adminPassword = "correct horse 8189";
const startsWithin = 20_000; // ms

/** Gateway is the plain program on free ports of loopback and a data folder of its own. Started again, it has the same ports and data. */
export class Gateway {
  readonly #address: string;
  readonly #data: string;
  #program: Program | undefined;
  #earlier = "";
  #url = "";
  #webrtcPort = "0";

  private constructor(address: string, data: string) {
    this.#address = address;
    this.#data = data;
  }

  /** host: an address of this machine. */
  static async start(host: string): Promise<Gateway> {
    const gateway = new Gateway(host, await mkdtemp(join(tmpdir(), "rtsp-viewer-e2e-")));
    await gateway.begin();
    return gateway;
  }

  /** http://ADDRESS:PORT */
  get url(): string {
    return this.#url;
  }

  get host(): string {
    return new URL(this.#url).host;
  }

  /** The port of WebRTC, UDP and TCP. */
  get webrtcPort(): number {
    return Number(this.#webrtcPort);
  }

  /** Starts the program; after the first time, on the ports of the first. */
  async begin(): Promise<void> {
    const listen = this.#url === "" ? `${this.#address}:0` : this.host;
    const flags = [
      "--listen",
      listen,
      "--webrtc-port",
      this.#webrtcPort,
      "--data-dir",
      this.#data,
      "--linger",
      `${linger}ms`,
    ];
    const program = new Program("gateway", built("rtsp-viewer"), ["serve", ...flags, "--log-format", "json"], {
      RTSP_VIEWER_ADMIN_PASSWORD: adminPassword,
    });
    this.#program = program;
    const [, url = ""] = await program.line(/^RTSP Viewer .*: (http:\S+)$/, startsWithin);
    const [, port = ""] = await program.line(/"webrtc_port":(\d+)/, startsWithin);
    this.#url = url;
    this.#webrtcPort = port;
  }

  /** Ends the program, by surprise or by asking. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    await this.#program?.end(signal);
    this.#earlier = this.output();
    this.#program = undefined;
  }

  /** Ends it for good and removes its data. */
  async close(): Promise<void> {
    await this.end("SIGTERM");
    await rm(this.#data, { recursive: true, force: true });
  }

  admin(): Promise<Client> {
    return Client.signIn(this.#url, "admin", adminPassword);
  }

  output(): string {
    return [this.#earlier, this.#program?.output() ?? ""].filter(Boolean).join("\n");
  }
}
