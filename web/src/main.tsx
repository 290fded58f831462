import { render } from "preact";
import { useEffect } from "preact/hooks";
import { browserClock } from "./base/clock";
import { SignIn } from "./pages/SignIn";
import { Wall } from "./pages/Wall";
import { match } from "./route/where";
import { Desk } from "./state/desk";
import "./style/index.css";
import { DeskContext, RoomContext, useDesk, useDict } from "./ui/context";
import { secondsUntil, useStore, useTicking } from "./ui/hooks";
import { Later, type Load } from "./ui/Later";
import { Logo } from "./ui/Logo";

/** Everything but the wall and the sign-in; the wall's first load does without. */
const admin: Load = () => import("./admin/Admin");

/** Where a screen on a wall is signed in. */
const door: Load = () => import("./pages/Door");

function App() {
  const { session, room: rooms, router, post, text } = useDesk();
  const t = useDict();
  const state = useStore(session.state);
  const room = useStore(rooms);
  const language = useStore(text.language);
  const { path } = useStore(router.where);
  const stands = useStore(post.kind);
  const atDoor = match("/device", path) !== undefined || match("/device/:code", path) !== undefined;
  useEffect(() => {
    document.documentElement.lang = language;
    if (state.phase !== "in") document.title = t.title;
  }, [language, t, state.phase]);
  if (atDoor && (state.phase === "out" || state.phase === "in")) return <Later load={door} />;
  switch (state.phase) {
    case "out":
      if (stands === "wall") return <Later load={door} />;
      return <SignIn why={state.why} />;
    case "unreachable":
      return <Unreachable retryAt={state.retryAt} />;
    case "in":
      if (room) {
        return (
          <RoomContext.Provider value={room}>{path === "/" ? <Wall /> : <Later load={admin} />}</RoomContext.Provider>
        );
      }
  }
  return <Splash text={t.start.starting} />;
}

function Unreachable({ retryAt }: { retryAt: number }) {
  const t = useDict();
  useTicking(500);
  return <Splash text={`${t.start.unreachable} ${t.start.again(secondsUntil(retryAt, browserClock.now()))}`} />;
}

function Splash({ text }: { text: string }) {
  return (
    <div class="splash" role="status">
      <Logo />
      <p>{text}</p>
    </div>
  );
}

/** What this page turned out to be; set before this runs, by a script that only modern browsers understand. */
const kind = (window as { rtspViewer?: "modern" | "legacy" }).rtspViewer;
const root = document.getElementById("app");
if (root && (kind === "modern" || import.meta.env.DEV)) {
  const desk = new Desk();
  render(
    <DeskContext.Provider value={desk}>
      <App />
    </DeskContext.Provider>,
    root,
  );
  desk.start();
}
