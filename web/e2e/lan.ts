import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

// For documentation (RFC 5737), so that no network of the outside is hidden by ours; one that this machine has anyhow is left alone.
const networks = ["198.51.100", "203.0.113", "192.0.2"];

/** Lan is another host, in a network namespace, joined to this machine by a cable: what is dropped there reaches nobody else. Needs root. */
export class Lan {
  /** This machine's address, as the other host sees it. */
  readonly host: string;
  readonly #space: string;
  readonly #folder: string;

  private constructor(host: string, space: string, folder: string) {
    this.host = host;
    this.#space = space;
    this.#folder = folder;
  }

  static async make(): Promise<Lan> {
    const tag = randomBytes(3).toString("hex");
    const own = Object.values(networkInterfaces()).flatMap((all) => all?.map((it) => it.address) ?? []);
    const network = networks.find((n) => !own.some((address) => address.startsWith(`${n}.`)));
    if (!network) throw new Error("this machine is in every network that there is for tests");
    const lan = new Lan(`${network}.1`, `rv-e-${tag}`, await mkdtemp(join(tmpdir(), "rtsp-viewer-lan-")));
    await run("ip", ["netns", "add", lan.#space]);
    const [here, there] = [`lan${tag}g`, `lan${tag}v`];
    await run("ip", ["link", "add", here, "type", "veth", "peer", "name", there, "netns", lan.#space]);
    // No IPv6 addresses: they come late, and to a browser each is a change of network.
    await run("ip", ["link", "set", here, "addrgenmode", "none"]);
    await run("ip", ["-n", lan.#space, "link", "set", there, "addrgenmode", "none"]);
    await run("ip", ["addr", "add", `${network}.1/30`, "dev", here]);
    await run("ip", ["link", "set", here, "up"]);
    await run("ip", ["-n", lan.#space, "addr", "add", `${network}.2/30`, "dev", there]);
    for (const link of [there, "lo"]) await run("ip", ["-n", lan.#space, "link", "set", link, "up"]);
    return lan;
  }

  /** A program that runs another one on the other host. */
  async wrapped(executable: string): Promise<string> {
    const path = join(this.#folder, "there");
    await writeFile(path, `#!/bin/sh\nexec ip netns exec ${this.#space} ${executable} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Drops all UDP and TCP of a port, both ways and without a word, as firewalls do. */
  async block(port: number): Promise<void> {
    await this.#nft("add table inet blocked");
    for (const [hook, side] of [
      ["input", "sport"],
      ["output", "dport"],
    ]) {
      await this.#nft(`add chain inet blocked ${hook} { type filter hook ${hook} priority 0 ; }`);
      await this.#nft(`add rule inet blocked ${hook} meta l4proto { tcp, udp } th ${side} ${port} drop`);
    }
  }

  async unblock(): Promise<void> {
    await this.#nft("delete table inet blocked");
  }

  /** Loses so many in a hundred packets of TCP on their way to the other host, by chance. */
  async lose(percent: number): Promise<void> {
    await this.#nft("add table inet lossy");
    await this.#nft("add chain inet lossy input { type filter hook input priority 0 ; }");
    await this.#nft(`add rule inet lossy input meta l4proto tcp numgen random mod 100 < ${percent} counter drop`);
  }

  /** How many packets were lost so. */
  async lost(): Promise<number> {
    return Number(/counter packets (\d+)/.exec(await this.#nft("list table inet lossy"))?.[1]);
  }

  /** Removes the host; the cable goes with it. */
  async close(): Promise<void> {
    await run("ip", ["netns", "del", this.#space]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #nft(rule: string): Promise<string> {
    return (await run("ip", ["netns", "exec", this.#space, "nft", ...rule.split(" ")])).stdout;
  }
}
