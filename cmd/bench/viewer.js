// A page that opens views and notes every frame presented. Times are milliseconds since 1970, of the clock that the cameras have too.
window.bench = (() => {
  const tiles = new Map();
  const easel = document.createElement("canvas");
  easel.width = 320;
  easel.height = 180;
  const brush = easel.getContext("2d", { willReadFrequently: true });
  let socket;

  const now = () => performance.timeOrigin + performance.now();
  const send = (message) => socket.send(JSON.stringify(message));

  async function connect(login, password) {
    const answer = await fetch("/api/v1/auth/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login, password }),
    });
    if (!answer.ok) throw new Error(`sign in: ${answer.status}`);
    socket = new WebSocket(`ws://${location.host}/api/v1/signaling`, "rtsp-viewer.v1");
    await new Promise((done, fail) => {
      socket.onerror = () => fail(new Error("the socket does not open"));
      socket.onmessage = (event) => {
        const message = JSON.parse(event.data);
        if (message.type === "hello") done();
        tiles.get(message.view)?.take(message);
      };
    });
    document.body.innerHTML = "";
    document.body.style = "display: grid; grid-template-columns: repeat(2, 640px); margin: 0; background: #000";
  }

  // Whether frames have come as their time stamps say for a while: what was behind has caught up.
  function steady(frames) {
    const [last, rtp] = frames.at(-1);
    const late = frames.filter(([at]) => last - at < 1300).map(([at, stamp]) => at - last + ((rtp - stamp) | 0) / 90);
    return Math.max(...late) - Math.min(...late) < 200;
  }

  // A view, from the click until it has been looked at for a while after its first picture.
  function view(camera, least, most) {
    const skew = Date.now() - now(); // the page's clock was set when it was loaded
    const seen = { clicked: now() + skew, connected: 0, frames: [], codes: [], asked: 0, resends: 0, fault: "" };
    const id = crypto.randomUUID ? crypto.randomUUID() : `v${Math.random().toString(36).slice(2)}`;
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" }); // as the product's page has it, also below
    const video = document.createElement("video");
    video.autoplay = true;
    video.playsInline = true;
    video.style = "width: 640px; height: 360px";
    document.body.append(video);
    const stream = new MediaStream();
    return new Promise((done) => {
      const end = async (fault) => {
        clearTimeout(late);
        tiles.delete(id);
        if (fault) seen.fault = fault;
        for (const report of (await pc.getStats()).values()) {
          if (report.type === "inbound-rtp" && report.kind === "video") {
            seen.asked = report.pliCount ?? 0;
            seen.resends = report.nackCount ?? 0; // messages, each for some packets
          }
        }
        send({ type: "close", view: id });
        pc.close();
        video.remove();
        done(seen);
      };
      const late = setTimeout(() => end(`no steady picture after ${2 * most} ms`), 2 * most);
      const presented = (_, frame) => {
        const at = now() + skew;
        seen.frames.push([at, frame.rtpTimestamp]);
        const passed = at - seen.frames[0][0];
        if (seen.codes.length < 4 && passed > 600 + 350 * seen.codes.length) {
          brush.drawImage(video, 0, 0, easel.width, easel.height);
          const code = readBarcode(brush.getImageData(0, 0, easel.width, easel.height));
          if (code) seen.codes.push([at, frame.rtpTimestamp, code.frame]);
        }
        if (passed > most || (passed > least && steady(seen.frames))) end();
        else video.requestVideoFrameCallback(presented);
      };
      video.requestVideoFrameCallback(presented);

      tiles.set(id, {
        take(message) {
          if (message.type === "answer") pc.setRemoteDescription({ type: "answer", sdp: message.sdp }).catch((e) => end(`${e}`));
          if (message.type === "error" || message.type === "end") end(`the gateway says ${message.type}: ${message.code}`);
        },
      });
      pc.onconnectionstatechange = () => {
        if (pc.connectionState === "connected") seen.connected ||= now() + skew;
      };
      pc.ontrack = (event) => {
        stream.addTrack(event.track);
        if (event.track.kind === "video") video.srcObject = stream;
      };
      pc.onicecandidate = ({ candidate }) => send({ type: "candidate", view: id, candidate: candidate?.toJSON() ?? null });
      (async () => {
        const { receiver } = pc.addTransceiver("video", { direction: "recvonly" });
        if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
        pc.addTransceiver("audio", { direction: "recvonly" });
        const offer = await pc.createOffer();
        const set = pc.setLocalDescription(offer);
        send({ type: "watch", view: id, camera, admit: "evict_oldest", label: "bench", offer: offer.sdp });
        await set;
      })().catch((e) => end(`${e}`));
    });
  }

  return {
    connect,
    open: (cameras, least, most) => Promise.all(cameras.map((camera) => view(camera, least, most))),
  };
})();
0;
