// Playlists and segments for the gateway inside the page: a clip that FFmpeg encodes once, served as a live list by Playwright's routes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const piece = 0.5; // s
const begun = 4; // pieces in the first list
const listed = 10;

/** Encodes the clip: two minutes in half-second pieces, each with a keyframe, with sound. */
export function clip() {
  const folder = mkdtempSync(join(tmpdir(), "rtsp-viewer-clip-"));
  try {
    const video = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=20"];
    const audio = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000"];
    const codecs = [
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-pix_fmt",
      "yuv420p",
      "-profile:v",
      "baseline",
      "-g",
      "10",
    ];
    const list = ["-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", String(piece), "-hls_list_size", "0"];
    const names = ["-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", join(folder, "%d.m4s")];
    const out = ["-c:a", "aac", "-b:a", "48k", "-t", "120", ...list, ...names, join(folder, "list.m3u8")];
    execFileSync("ffmpeg", ["-hide_banner", "-loglevel", "error", ...video, ...audio, ...codecs, ...out], {
      cwd: folder,
    });
    const files = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Serves what the gateway in a page has opened by HLS. It asks the page for each list how long its view has played, and whether it still stands.
 * The line that it gives back can be held: nothing arrives until it is let go.
 */
export async function serveHLS(context, page, files) {
  const line = { held: undefined, lists: 0, pieces: 0 };
  await context.route("**/hls/*/*", async (route) => {
    const [, secret, name] = /\/hls\/([^/]+)\/([^?]+)/.exec(route.request().url());
    await line.held;
    try {
      if (!name.endsWith(".m3u8")) {
        line.pieces++;
        return await route.fulfill({ body: files.get(name), contentType: "video/mp4" });
      }
      line.lists++;
      const view = await page.evaluate((s) => window.gateway.playlist(s), secret);
      if (!view) return await route.fulfill({ status: 404, body: '{"code":"hls.not_found"}' });
      if (view.end) {
        const body = JSON.stringify({ status: 410, ...view.end });
        return await route.fulfill({ status: 410, contentType: "application/problem+json", body });
      }
      await route.fulfill({ contentType: "application/vnd.apple.mpegurl", body: listOf(view) });
    } catch {
      // the page went away meanwhile
    }
  });
  return line;
}

function listOf({ elapsed, startedAt }) {
  const last = begun - 1 + Math.floor(elapsed / 1000 / piece);
  const first = Math.max(0, last - listed + 1);
  const at = new Date(startedAt + (first - begun) * piece * 1000).toISOString();
  const lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", `#EXT-X-MEDIA-SEQUENCE:${first}`];
  lines.push('#EXT-X-MAP:URI="init.mp4"', `#EXT-X-PROGRAM-DATE-TIME:${at}`);
  for (let i = first; i <= last; i++) lines.push(`#EXTINF:${piece.toFixed(5)},`, `${i}.m4s`);
  return `${lines.join("\n")}\n`;
}
