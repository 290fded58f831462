import type { Params } from "../signal/messages";

const mostHosts = 3; // named; more would fill the tile

/** Way is where the gateway said that it can be reached, for whoever has to open a port when it can't: ports, protocols, hosts. */
export class Way {
  readonly #hosts: string[] = [];
  readonly #ports: string[] = [];
  readonly #protocols: string[] = [];

  /** Reads all candidates of a description. */
  read(sdp: string): void {
    for (const line of sdp.split(/\r?\n/)) if (line.indexOf("a=candidate:") === 0) this.add(line.slice(2));
  }

  /** Reads one candidate (RFC 8839, 5.1): foundation, component, protocol, priority, address, port. */
  add(candidate: string): void {
    const [, , protocol, , host, port] = candidate.split(" ");
    if (!protocol || !host || !port) return;
    note(this.#protocols, protocol.toUpperCase());
    note(this.#hosts, host);
    note(this.#ports, port);
  }

  /** What the words about an unreachable gateway need: port, protocols, host; empty while nothing is known. */
  params(): Params {
    if (this.#hosts.length === 0) return {};
    const more = this.#hosts.length > mostHosts ? ", …" : "";
    return {
      port: this.#ports.join(", "),
      protocols: this.#protocols.sort().reverse().join(","),
      host: this.#hosts.slice(0, mostHosts).join(", ") + more,
    };
  }
}

function note(known: string[], one: string): void {
  if (known.indexOf(one) < 0) known.push(one);
}
