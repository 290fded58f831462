// A page that opens views by HLS, and notes when the first picture was there, which pictures were shown at certain times after it, and when
// the picture stood. Times are milliseconds since 1970, of the clock that the cameras have too.
window.hlsBench = (() => {
  const easel = document.createElement("canvas");
  easel.width = 320;
  easel.height = 180;
  const brush = easel.getContext("2d", { willReadFrequently: true });
  const now = () => performance.timeOrigin + performance.now();

  const patience = 40000; // until the first picture, and from one mark to the next
  const gapMost = 300; // a picture that stands longer has stalled
  const readings = 3; // of the barcode at each mark
  const leastBetween = 150;

  const handful = 0.25; // s of pictures; a player that stands with more has not run dry

  // How many seconds of pictures after the one shown are at hand.
  function ahead(video) {
    const { buffered, currentTime } = video;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= currentTime && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
    }
    return 0;
  }

  async function signIn(login, password) {
    const answer = await fetch("/api/v1/auth/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ login, password }),
    });
    if (!answer.ok) throw new Error(`sign in: ${answer.status}`);
  }

  function prepare() {
    document.body.innerHTML = "";
    document.body.style = "display: grid; grid-template-columns: repeat(4, 320px); margin: 0; background: #000";
  }

  // hls.js on its defaults. door answers with a playlist to a POST; exit, followed by the view's name, is where the view is given back, if it
  // is not empty.
  function plain(door, exit) {
    let hls;
    let view = "";
    return {
      start(video, failed) {
        hls = new Hls();
        hls.on(Hls.Events.ERROR, (_, data) => {
          if (data.fatal) failed(`hls.js: ${data.details}: ${`${data.error?.message ?? data.reason ?? ""}`.split(/: http|\n/)[0]}`); // no lists, no secrets
        });
        (async () => {
          const answer = await fetch(door, { method: "POST" });
          if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
          const opened = await answer.json();
          view = opened.view;
          hls.loadSource(opened.playlist);
          hls.attachMedia(video);
          await video.play();
        })().catch((e) => failed(`${e}`));
      },
      async end() {
        hls.destroy();
        if (view && exit) await fetch(exit + view, { method: "DELETE" });
      },
    };
  }

  // A view by a player, from the click until all marks, milliseconds after its first picture, have passed.
  function watch(player, marks) {
    const skew = Date.now() - now(); // the page's clock was set when it was loaded
    const seen = { clicked: now() + skew, first: 0, codes: [], waits: 0, held: 0, gaps: 0, fault: "" };
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.style = "width: 320px; height: 180px";
    document.body.append(video);
    return new Promise((done) => {
      let late;
      const hurry = (time) => {
        clearTimeout(late);
        late = setTimeout(() => end(`the picture stands, or there is none, after ${time} ms; ready state ${video.readyState}`), time);
      };
      const end = async (fault) => {
        clearTimeout(late);
        if (fault && !seen.fault) seen.fault = fault;
        await player.end().catch(() => {});
        video.remove();
        done(seen);
      };
      hurry(patience);

      let mark = 0;
      let read = 0;
      let readAt = 0;
      let shownAt = 0;
      let shown = 0; // media time, s
      const presented = (_, frame) => {
        const at = now() + skew;
        seen.first ||= at;
        // Time that passed while the pictures' did not. Those that were shown while this script was held up did not stand.
        if (shownAt && at - shownAt - (frame.mediaTime - shown) * 1000 > gapMost) seen.gaps++;
        shownAt = at;
        shown = frame.mediaTime;
        if (at - seen.first >= marks[mark] && at - readAt >= leastBetween) {
          brush.drawImage(video, 0, 0, easel.width, easel.height);
          const code = readBarcode(brush.getImageData(0, 0, easel.width, easel.height));
          if (code) {
            readAt = at;
            seen.codes.push([at, marks[mark], code.frame]);
            read++;
            if (marks[mark] === 0 || read === readings) {
              mark++;
              read = 0;
              hurry(patience + (marks[mark] ?? 0));
            }
          }
        }
        if (mark === marks.length) end();
        else video.requestVideoFrameCallback(presented);
      };
      video.requestVideoFrameCallback(presented);
      video.addEventListener("waiting", () => {
        if (!seen.first) return;
        seen.waits++;
        if (ahead(video) > handful) seen.held++;
      });
      player.start(video, end);
    });
  }

  return { signIn, prepare, plain, watch };
})();
0;
