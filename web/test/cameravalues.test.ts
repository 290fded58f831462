import { describe, expect, it } from "vitest";
import { endOfDay, today } from "../src/admin/access/day";
import { lastEnd } from "../src/admin/access/Via";
import { bodyOf, check, empty, leadsElsewhere } from "../src/admin/cameras/values";

describe("a camera’s form", () => {
  it("sends a password only when one was written, and null when the kept one is to go", () => {
    expect(bodyOf({ name: "Gate" })).toEqual({ name: "Gate" });
    expect(bodyOf({ password: "" })).toEqual({});
    expect(bodyOf({ password: "secret" })).toEqual({ password: "secret" });
    expect(bodyOf({ forget: true, password: "" })).toEqual({ password: null });
  });

  it("sends a number as one, and none where the gateway is to give it", () => {
    expect(bodyOf({ number: " 12 " })).toEqual({ number: 12 });
    expect(bodyOf({ number: "" })).toEqual({});
  });

  it("finds what is wrong before anything is sent", () => {
    expect(check(empty, "new")).toEqual({ name: "required", address: "required" });
    const good = { ...empty, name: "Gate", address: "rtsp://a/1" };
    expect(check(good, "new")).toEqual({});
    expect(check(good, "numbered")).toEqual({ number: "required" });
    expect(check({ ...good, number: "x1" }, "new")).toEqual({ number: "type" });
  });

  it.each([
    ["rtsp://10.0.0.1/a", "rtsp://10.0.0.1:554/b?c", false],
    ["rtsp://10.0.0.1/a", "RTSP://user:p@ss@10.0.0.1/a", false],
    ["rtsp://Camera.local/a", "rtsp://camera.LOCAL/a", false],
    ["rtsp://10.0.0.1/a", "rtsp://10.0.0.2/a", true],
    ["rtsp://10.0.0.1/a", "rtsp://10.0.0.1:8554/a", true],
    ["rtsp://10.0.0.1/a", "rtsps://10.0.0.1/a", true],
    ["rtsp://[fe80::1]/a", "rtsp://[fe80::1]:554/a", false],
    ["", "rtsp://10.0.0.1/sub", false],
    ["rtsp://10.0.0.1/a", "rtsp://", false],
  ])("knows that %s and %s differ in place: %s", (before, after, elsewhere) => {
    expect(leadsElsewhere(before, after)).toBe(elsewhere);
  });
});

describe("grants", () => {
  it("end with the latest of the ways, or not at all", () => {
    const end = (expires_at: string | null) => ({ expires_at });
    expect(lastEnd([end("2026-01-01T00:00:00Z"), end("2026-03-01T00:00:00Z")])).toBe("2026-03-01T00:00:00Z");
    expect(lastEnd([end("2026-01-01T00:00:00Z"), end(null)])).toBeUndefined();
  });

  it("last until the end of the day that was chosen, here", () => {
    expect(new Date(endOfDay("2026-11-22")).toString()).toContain("Nov 22 2026 23:59:59");
    expect(today(new Date(2026, 0, 5))).toBe("2026-01-05");
  });
});
