import type { ProbedCamera } from "../../api/probe";
import { to } from "../../route/where";
import { Mark } from "../cameras/Mark";
import { useMoments, useTelling, useWords } from "../context";
import { codecName, rounded, wayOf } from "../state/passport";
import type { Column } from "../ui/Table";
import { probeWords } from "../words/probe";

/** What a test of many says of each camera. */
export function useColumns(): Column<ProbedCamera>[] {
  const w = useWords(probeWords);
  const { jobs: t } = w;
  const { number } = useMoments();
  const ways = { webrtc: "WebRTC", hls: "HLS", none: w.no };
  return [
    { id: "number", name: t.number, looks: "number", keep: "narrow", cell: ({ camera }) => camera.number },
    {
      id: "name",
      name: t.camera,
      looks: "grow",
      keep: "narrow",
      cell: ({ camera }) => <a href={`#${to("cameras", camera.id)}`}>{camera.name}</a>,
    },
    { id: "result", name: t.result, keep: "narrow", cell: (row) => <Result row={row} /> },
    {
      id: "found",
      name: t.found,
      cell: ({ passport }) => {
        const video = passport?.video;
        if (!video) return "";
        return (
          <>
            {[codecName(video.codec), video.profile].filter(Boolean).join(" ")}
            <span class="under">
              {video.width > 0 && w.size(String(video.width), String(video.height))}
              {video.fps > 0 && `, ${w.fps(number(rounded(video.fps)))}`}
            </span>
          </>
        );
      },
    },
    {
      id: "way",
      name: t.way,
      looks: "tight",
      cell: ({ passport }) => passport?.video && ways[wayOf(passport)],
    },
    { id: "todo", name: t.todo, looks: "grow", cell: (row) => <Todo row={row} /> },
  ];
}

/** How it went, and why there is no picture. */
function Result({ row: { state, passport } }: { row: ProbedCamera }) {
  const { jobs: t } = useWords(probeWords);
  const { code } = useTelling();
  if (state !== "done" || !passport) return <span class="soft">{state === "probing" ? t.probing : t.waiting}</span>;
  const why = passport.code !== "" ? code(passport.code, passport.params) : "";
  const advice = passport.advice.map((a) => code(a.code, a.params));
  return (
    <>
      <Mark passport={passport} />
      {why !== "" && <span class="under">{why}</span>}
      {advice.map((text) => (
        <span key={text} class="under only-narrow">
          {text}
        </span>
      ))}
    </>
  );
}

/** What to change in the camera, or what to look at. */
function Todo({ row: { passport } }: { row: ProbedCamera }) {
  const w = useWords(probeWords);
  const { code } = useTelling();
  const advice = passport?.advice ?? [];
  if (advice.length > 0) {
    return (
      <ul class="todo">
        {advice.map((a) => (
          <li key={a.code}>{code(a.code, a.params)}</li>
        ))}
      </ul>
    );
  }
  const check = passport && Object.hasOwn(w.checks, passport.code) ? w.checks[passport.code] : "";
  return <span class="soft">{check}</span>;
}
