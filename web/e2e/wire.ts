import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Wire is a plain TCP line to the gateway's HTTP port that can be cut. WebRTC does not go through it. */
export class Wire {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #ends = new Set<Socket>();
  #whole = true;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async to(host: string): Promise<Wire> {
    const { hostname, port } = new URL(`http://${host}`);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const wire = new Wire(server);
    server.on("connection", (near) => wire.#join(near, connect(Number(port), hostname)));
    return wire;
  }

  /** Breaks every connection and refuses new ones until mend. */
  cut(): void {
    this.#whole = false;
    for (const end of this.#ends) end.destroy();
  }

  mend(): void {
    this.#whole = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket, far: Socket): void {
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(end);
      end.on("error", () => {}); // it is followed by close
      end.on("close", () => {
        this.#ends.delete(end);
        other.destroy();
      });
    }
    if (!this.#whole) near.destroy();
    else near.pipe(far).pipe(near);
  }
}
