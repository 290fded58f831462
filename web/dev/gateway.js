// A gateway inside the page, for looking at the app and for tests of its own: REST answers, rtsp-viewer.v1 and cameras drawn on canvases and
// sent over real peer connections. It is injected before the app's scripts (Playwright's addInitScript) and steered through window.gateway.

/** @param {{cameras: object[], signedIn: boolean, language?: string, limit?: number}} setup */
export function installGateway(setup) {
  const user = { id: "u1", login: "operator", first_name: "Анна", last_name: "Петрова", role: "user", language: "" };
  const gateway = {
    setup,
    signedIn: setup.signedIn,
    sockets: new Set(),
    views: new Map(), // view id → {camera, pc, socket, generation, state}
    favourites: new Set(setup.favourites ?? []),
    requests: [],
    watched: [], // every watch message, for admission checks
    sources: new Map(),
    session: 0,
    reachable: true,
    webrtc: setup.webrtc ?? "open", // "blocked": no packet gets through
    socketsAre: setup.sockets ?? "open", // "blocked": no WebSocket comes up
    lists: new Map(), // secret of a playlist → {view, camera, startedAt, paused, end}

    /** Sends a state for every view of a camera. */
    tell(camera, state) {
      gateway.states[camera] = { ...gateway.states[camera], ...state };
      for (const [view, v] of gateway.views) if (v.camera === camera) v.socket.state(view);
    },
    states: Object.fromEntries(setup.cameras.map((c) => [c.id, c.state ?? {}])),
    end(view, code, params = {}, retry = false) {
      const v = gateway.views.get(view);
      if (!v) return;
      v.pc?.close();
      gateway.views.delete(view);
      if (v.secret) {
        gateway.lists.get(v.secret).end = { code, params };
        return;
      }
      const at = new Date().toISOString();
      v.socket.give({ type: "end", view, generation: v.generation, code, params, at, retry });
    },
    pause(camera) {
      gateway.source(camera).paused = true;
      for (const l of gateway.lists.values()) if (l.camera === camera) l.pausedAt = Date.now();
    },
    play(camera) {
      gateway.source(camera).paused = false;
      for (const l of gateway.lists.values()) if (l.camera === camera) l.pausedAt = undefined;
    },
    /** What a playlist says now. */
    playlist(secret) {
      const l = gateway.lists.get(secret);
      if (!l) return null;
      return { end: l.end, startedAt: l.startedAt, elapsed: (l.pausedAt ?? Date.now()) - l.startedAt };
    },
    /** A request from the network, for pages that have no fetch. */
    async ask(method, url, text) {
      const path = url.slice(url.indexOf("/api/v1") + "/api/v1".length);
      gateway.requests.push(`${method} ${path}`);
      try {
        const response = await rest(method, path, text ? JSON.parse(text) : undefined);
        return { status: response.status, body: await response.text(), headers: Object.fromEntries(response.headers) };
      } catch {
        return { status: 502, body: "", headers: {} };
      }
    },
    /** Breaks every socket, keeping the peers, and refuses new ones until back(). */
    away() {
      gateway.reachable = false;
      for (const s of [...gateway.sockets]) s.break();
    },
    back() {
      gateway.reachable = true;
    },
    source(id) {
      const known = gateway.sources.get(id);
      if (known) return known;
      const made = source(setup.cameras.find((c) => c.id === id));
      gateway.sources.set(id, made);
      return made;
    },
  };
  window.gateway = gateway;

  // Cameras

  function source(camera) {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 360;
    const g = canvas.getContext("2d");
    const it = { canvas, paused: false, frame: 0 };
    const hue = (camera.number * 67) % 360;
    const draw = () => {
      if (it.paused) return;
      it.frame++;
      const sky = g.createLinearGradient(0, 0, 0, 360);
      sky.addColorStop(0, `hsl(${hue} 22% 34%)`);
      sky.addColorStop(1, `hsl(${hue} 18% 13%)`);
      g.fillStyle = sky;
      g.fillRect(0, 0, 640, 360);
      g.fillStyle = `hsl(${hue} 14% 22%)`;
      for (let i = 0; i < 7; i++) g.fillRect(i * 96 + 8, 130 + ((i * 53) % 70), 70, 230);
      g.fillStyle = `hsl(${hue} 60% 62%)`;
      g.fillRect(((it.frame * 4) % 700) - 60, 300, 54, 24);
      g.fillStyle = "#fff";
      g.font = "20px monospace";
      g.fillText(new Date().toISOString().replace("T", " ").slice(0, 22), 14, 28);
      g.fillText(`CAM ${camera.number} #${it.frame}`, 14, 346);
    };
    draw();
    setInterval(draw, 1000 / (camera.fps ?? 25));
    it.stream = canvas.captureStream(camera.fps ?? 25);
    return it;
  }

  // REST

  const reply = (status, body, headers = {}) =>
    new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { Date: new Date().toUTCString(), ...headers },
    });
  const session = () => ({
    access_token: "token",
    expires_at: new Date(Date.now() + 900_000).toISOString(),
    user: { ...user, language: setup.language ?? "" },
  });

  async function rest(method, path, body) {
    const route = `${method} ${path.split("?")[0]}`;
    if (!gateway.reachable) throw new TypeError("Failed to fetch");
    if (route === "POST /auth/login") {
      if (body.password === "slow")
        return reply(429, { code: "auth.slow_down", params: { retry_after: "12" } }, { "Retry-After": "12" });
      if (body.password !== "secret") return reply(401, { code: "auth.credentials" });
      gateway.signedIn = true;
      return reply(200, session());
    }
    if (!gateway.signedIn) return reply(401, { code: "auth.token" });
    if (route === "POST /auth/refresh") return reply(200, session());
    if (route === "POST /auth/logout") {
      gateway.signedIn = false;
      return reply(204);
    }
    const listed = setup.cameras.map(({ id, number, name, location, tags }) => ({ id, number, name, location, tags }));
    if (route === "GET /me/cameras") return reply(200, { items: listed, total: listed.length });
    if (route === "GET /me/favorites") return reply(200, { items: listed.filter((c) => gateway.favourites.has(c.id)) });
    if (route.startsWith("PUT /me/favorites/")) gateway.favourites.add(path.split("/").at(-1));
    if (route.startsWith("DELETE /me/favorites/")) gateway.favourites.delete(path.split("/").at(-1));
    if (/^GET \/me\/cameras\/./.test(route)) {
      const camera = setup.cameras.find((c) => c.id === path.split("/").at(-1));
      if (!camera) return reply(404, { code: "camera.not_found" });
      const { status = "live", code = "" } = gateway.states[camera.id];
      return reply(200, { id: camera.id, name: camera.name, number: camera.number, state: status, state_code: code });
    }
    if (/^POST \/cameras\/[^/]+\/hls$/.test(route)) return openHLS(path.split("/")[2], body);
    if (route.startsWith("DELETE /views/")) gateway.end(path.split("/").at(-1), "view.closed");
    if (route === "GET /me/views") return reply(200, { items: [...gateway.views.keys()].map((id) => ({ id })) });
    return reply(204);
  }

  /** Makes room for a view, as the gateway does; a code if there is none. */
  function admit(view, camera, { admit: how, label }) {
    if (gateway.views.has(view) || gateway.views.size < (setup.limit ?? 4) - (setup.elsewhere ?? 0)) return undefined;
    if (how !== "evict_oldest") return "view.limit";
    const { name, number } = setup.cameras.find((c) => c.id === camera);
    const oldest = gateway.views.keys().next().value;
    gateway.end(oldest, "view.evicted", { camera: name, number: String(number), where: label, address: "10.0.0.5" });
    return undefined;
  }

  function openHLS(camera, body) {
    gateway.watched.push({ camera, ...body, by: "hls" });
    if (!setup.cameras.some((c) => c.id === camera)) return reply(404, { code: "camera.not_found" });
    if (setup.ffmpeg === "missing") return reply(503, { code: "hls.no_ffmpeg" });
    const { status = "live", code = "camera.connecting", params } = gateway.states[camera];
    const refused = admit(body.view, camera, body);
    if (refused) return reply(409, { code: refused });
    const before = gateway.views.get(body.view);
    before?.pc?.close();
    if (before?.secret) gateway.lists.get(before.secret).end = { code: "view.replaced" };
    const view = { camera, socket: { state() {}, give() {} }, generation: 0 };
    gateway.views.set(body.view, view);
    if (code === "media.codec") return reply(415, { code, params });
    if (status !== "live" && code !== "media.bframes") return reply(503, { code, params });
    const secret = `secret${gateway.lists.size + 1}`;
    view.secret = secret;
    gateway.lists.set(secret, { view: body.view, camera, startedAt: Date.now() });
    const base = `/hls/${secret}/`;
    return reply(201, { view: body.view, playlist: `${base}index.m3u8`, native_playlist: `${base}native.m3u8` });
  }

  const realFetch = window.fetch;
  window.fetch = async (input, init = {}) => {
    const url = String(input);
    if (!url.startsWith("/api/v1")) return realFetch(input, init);
    const path = url.slice("/api/v1".length);
    gateway.requests.push(`${init.method ?? "GET"} ${path}`);
    return rest(init.method ?? "GET", path, init.body ? JSON.parse(init.body) : undefined);
  };

  // rtsp-viewer.v1

  /** Candidates behind which nothing listens. */
  const nowhere = ["udp 2130706431 127.0.0.1 8189 typ host", "tcp 1671430143 127.0.0.1 8189 typ host tcptype passive"]
    .map((c, i) => `a=candidate:${i + 1} 1 ${c}\r\n`)
    .join("");

  class Socket {
    onmessage = null;
    onclose = null;
    constructor() {
      this.session = `s${++gateway.session}`;
      setTimeout(() => {
        if (!gateway.reachable || gateway.socketsAre === "blocked" || this.closed) return this.break();
        gateway.sockets.add(this);
        this.hello(false, []);
      }, 5);
    }
    hello(resumed, views) {
      const limit = setup.limit ?? 4;
      const server_time = new Date().toISOString();
      this.give({
        type: "hello",
        session: this.session,
        resumed,
        ice_servers: [],
        limit,
        server_time,
        resume_ms: 30000,
        views,
      });
    }
    give(message) {
      // As tasks of their own, in order, as a browser delivers them.
      setTimeout(() => !this.closed && this.onmessage?.({ data: JSON.stringify(message) }), 0);
    }
    break() {
      this.closed = true;
      gateway.sockets.delete(this);
      this.onclose?.({ code: 1006 });
    }
    close() {
      this.closed = true;
      gateway.sockets.delete(this);
    }
    send(text) {
      const m = JSON.parse(text);
      queueMicrotask(() => this.take(m).catch((err) => console.error("gateway:", err)));
    }
    async take(m) {
      const v = gateway.views.get(m.view);
      switch (m.type) {
        case "resume": {
          const kept = [...gateway.views].filter(([, w]) => w.socket.session === m.session);
          for (const [, w] of kept) w.socket = this;
          return this.hello(
            kept.length > 0,
            kept.map(([view, w]) => ({ view, camera: w.camera, generation: w.generation })),
          );
        }
        case "watch":
          return this.watch(m);
        case "candidate":
          if (m.candidate && gateway.webrtc === "open") await v?.pc?.addIceCandidate(m.candidate);
          return;
        case "close":
          v?.pc?.close();
          gateway.views.delete(m.view);
          return;
        case "restart": {
          await v.pc.setRemoteDescription({ type: "offer", sdp: m.offer });
          await v.pc.setLocalDescription();
          return this.answer(m.view, v);
        }
      }
    }
    async watch(m) {
      gateway.watched.push({ view: m.view, camera: m.camera, admit: m.admit, label: m.label, by: "webrtc" });
      const refuse = (code) => this.give({ type: "error", view: m.view, code, detail: "", retry: false });
      if (!setup.cameras.some((c) => c.id === m.camera)) return refuse("camera.not_found");
      const refused = admit(m.view, m.camera, m);
      if (refused) return refuse(refused);
      gateway.generation = (gateway.generation ?? 0) + 1;
      const before = gateway.views.get(m.view);
      before?.pc?.close();
      if (before?.secret) gateway.lists.get(before.secret).end = { code: "view.replaced" };
      const v = { camera: m.camera, socket: this, generation: gateway.generation };
      gateway.views.set(m.view, v);
      const pc = new RTCPeerConnection();
      v.pc = pc;
      pc.onicecandidate = ({ candidate }) =>
        gateway.webrtc === "open" &&
        v.socket.give({
          type: "candidate",
          view: m.view,
          generation: v.generation,
          candidate: candidate?.toJSON() ?? null,
        });
      const offer = gateway.webrtc === "open" ? m.offer : m.offer.replace(/a=candidate:.*\r\n/g, "");
      await pc.setRemoteDescription({ type: "offer", sdp: offer });
      const status = gateway.states[m.camera].status ?? "live";
      if (status === "live") {
        const it = gateway.source(m.camera);
        const [track] = it.stream.getVideoTracks();
        await pc.getTransceivers()[0].sender.replaceTrack(track);
        pc.getTransceivers()[0].direction = "sendonly";
      }
      await pc.setLocalDescription();
      this.answer(m.view, v);
      this.state(m.view);
    }
    answer(view, v) {
      const opened_at = new Date().toISOString();
      const own = v.pc.localDescription.sdp;
      const sdp = gateway.webrtc === "open" ? own : own.replace(/a=candidate:.*\r\n/g, "") + nowhere;
      this.give({ type: "answer", view, generation: v.generation, camera: v.camera, opened_at, sdp });
    }
    state(view) {
      const v = gateway.views.get(view);
      const camera = setup.cameras.find((c) => c.id === v.camera);
      this.give({
        type: "state",
        view,
        generation: v.generation,
        status: "live",
        since: new Date().toISOString(),
        frame_interval_ms: 1000 / (camera.fps ?? 25),
        audio: camera.audio ?? false,
        ...gateway.states[v.camera],
      });
    }
  }
  window.WebSocket = Socket;
}
