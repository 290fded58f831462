import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const kept = 300; // lines of each program's output

/**
 * Program is a child process. The kernel kills it when this process dies, so that nothing stays after a failed or interrupted run. Its last
 * lines are kept, for a failed test to print.
 */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  readonly #readers = new Set<(line: string) => void>();

  constructor(name: string, command: string, args: string[], env: Record<string, string> = {}) {
    this.name = name;
    const inherited = Object.entries(process.env).filter(
      ([key]) => !key.startsWith("RTSP_VIEWER_") || key.endsWith("CLIPS"),
    );
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = once(this.#child, "close").catch((err) => this.#take(`${err}`));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#take(line));
    }
  }

  /** Waits for a line of output and gives what the pattern found in it. */
  async line(pattern: RegExp, within: number): Promise<RegExpMatchArray> {
    const known = this.#lines.map((line) => line.match(pattern)).find(Boolean);
    if (known) return known;
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        done();
        reject(new Error(`${this.name} ${why} without saying ${pattern}:\n${this.output()}`));
      };
      const read = (line: string) => {
        const found = line.match(pattern);
        if (!found) return;
        done();
        resolve(found);
      };
      const done = () => {
        clearTimeout(late);
        this.#readers.delete(read);
      };
      const late = setTimeout(() => fail(`took ${within} ms`), within);
      this.#readers.add(read);
      void this.#ended.then(() => fail("ended"));
    });
  }

  /** Ends the process and waits for that. SIGTERM is followed by SIGKILL if it takes more than 12 s. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 12_000);
    await this.#ended;
    clearTimeout(late);
  }

  /** The last lines of what it printed. */
  output(): string {
    return this.#lines.map((line) => `  ${this.name} | ${line}`).join("\n");
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > kept) this.#lines.shift();
    for (const read of [...this.#readers]) read(line);
  }
}
