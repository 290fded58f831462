import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dicts } from "../src/i18n";
import {
  type CloseMessage,
  type PlayingMessage,
  parse,
  type RestartMessage,
  type ResumeMessage,
  type SwitchMessage,
  type WatchMessage,
} from "../src/signal/messages";

const folder = join(import.meta.dirname, "../../signaling/testdata/messages");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** What this page reads of each message of the gateway, and what type it must be. */
const read: Record<string, Record<string, string>> = {
  hello: { session: "string", resumed: "boolean", limit: "number", server_time: "string", resume_ms: "number" },
  answer: { view: "string", generation: "number", camera: "string", opened_at: "string", sdp: "string" },
  switched: { view: "string", generation: "number", camera: "string", opened_at: "string" },
  candidate: { view: "string", generation: "number" },
  state: { view: "string", generation: "number", status: "string", since: "string", audio: "boolean" },
  end: { view: "string", generation: "number", code: "string", at: "string", retry: "boolean" },
  error: { code: "string", detail: "string", retry: "boolean" },
  bye: { code: "string", retry_after_ms: "number" },
};

function load(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

describe("the gateway's golden messages", () => {
  it("are there", () => expect(files.length).toBeGreaterThan(20));

  it.each(files.filter((name) => name.startsWith("gateway-")))("%s is understood", (name) => {
    const message = parse(readFileSync(join(folder, name), "utf8"));
    expect(message).toBeDefined();
    if (!message) return;
    for (const [field, type] of Object.entries(read[message.type] ?? { "no such type": "" })) {
      expect(typeof message[field as keyof typeof message], field).toBe(type);
    }
  });

  it("are told in words where they say why", () => {
    const silent = new Set(["signaling.malformed"]); // a fault of this page, not the user's business
    for (const name of files) {
      const { code } = load(name);
      if (typeof code !== "string" || silent.has(code)) continue;
      for (const dict of Object.values(dicts)) expect(Object.keys(dict.codes), `${name}: ${code}`).toContain(code);
    }
  });

  it("name the same fields as ours", () => {
    const watch: Required<WatchMessage> = {
      type: "watch",
      view: "",
      camera: "",
      stream: "main",
      admit: "if_free",
      replaces: "",
      label: "",
      offer: "",
    };
    const ours: Record<string, object> = {
      watch,
      switch: {
        type: "switch",
        view: "",
        camera: "",
        stream: "main",
        admit: "if_free",
        label: "",
      } satisfies Required<SwitchMessage>,
      restart: { type: "", view: "", offer: "" } satisfies Record<keyof RestartMessage, string>,
      resume: { type: "", session: "" } satisfies Record<keyof ResumeMessage, string>,
      close: { type: "", view: "" } satisfies Record<keyof CloseMessage, string>,
      candidate: { type: "", view: "", candidate: null },
      playing: { type: "playing", views: [] } satisfies PlayingMessage,
    };
    for (const name of files.filter((n) => n.startsWith("client-"))) {
      const message = load(name);
      const known = Object.keys(ours[message.type as string] ?? {});
      for (const field of Object.keys(message)) expect(known, `${name}: ${field}`).toContain(field);
    }
  });
});

describe("parse", () => {
  it("gives nothing for what is no message of the protocol", () => {
    for (const frame of ["", "null", "[]", '"hello"', "{}", '{"type":"weather"}', "{", new ArrayBuffer(3)]) {
      expect(parse(frame)).toBeUndefined();
    }
  });
});
