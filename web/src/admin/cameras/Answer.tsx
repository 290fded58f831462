import type { ComponentChildren } from "preact";
import type { Carriage, Passport } from "../../api/probe";
import { Icon } from "../../ui/Icon";
import { useMoments, useTelling, useWords } from "../context";
import { codecName, rounded, verdictOf } from "../state/passport";
import { probeWords } from "../words/probe";
import { verdictIcons } from "./Mark";

/** What a test came to, in a sentence, and why. */
export function VerdictLine({ passport }: { passport: Passport }) {
  const t = useWords(probeWords);
  const { code } = useTelling();
  const verdict = verdictOf(passport);
  return (
    <p class="verdict" data-verdict={verdict}>
      <span class={`state verdict-${verdict}`}>
        <Icon name={verdictIcons[verdict]} />
        {t.verdicts[verdict]}.
      </span>{" "}
      {passport.code !== "" && code(passport.code, passport.params)}
    </p>
  );
}

interface AnswerProps {
  passport: Passport;
  /** What the camera is called; a new one may have no name yet. */
  name: string;
}

/** What a camera answered, as somebody reads it who has its settings open beside: the picture, what it sends, what browsers get of it, what to change. */
export function Answer({ passport, name }: AnswerProps) {
  const t = useWords(probeWords);
  const tell = useTelling();
  const { still, code } = passport;
  const advice = passport.advice;
  const check = Object.hasOwn(t.checks, code) ? t.checks[code] : undefined;
  return (
    <div class="answer">
      {(advice.length > 0 || check !== undefined) && (
        <div class="advice" data-part="advice">
          <h3>{advice.length > 0 ? t.advice : t.check}</h3>
          {advice.length > 0 ? (
            <ul>
              {advice.map((a) => (
                <li key={a.code} data-code={a.code}>
                  {tell.code(a.code, a.params)}
                </li>
              ))}
            </ul>
          ) : (
            <p>{check}</p>
          )}
        </div>
      )}
      <div class="answer-body">
        {still !== null && <img class="answer-still" src={still} alt={t.still(name || t.stillOf)} />}
        <Facts passport={passport} />
      </div>
      {passport.video !== null && <Ways passport={passport} />}
    </div>
  );
}

function Facts({ passport }: { passport: Passport }) {
  const t = useWords(probeWords);
  const { number } = useMoments();
  const { video, audio, transport, server, via } = passport;
  const n = (value: number) => number(rounded(value));
  const others = passport.others;
  const khz = (hz: number) => t.khz(number(Math.round(hz / 100) / 10));
  return (
    <dl class="facts" aria-label={t.facts}>
      {video !== null && (
        <>
          <Fact name={t.video} id="video">
            {listed(
              codecName(video.codec),
              video.profile && t.profile(video.profile),
              video.level && t.level(video.level),
            )}
          </Fact>
          <Fact name={t.picture} id="picture">
            {listed(
              video.width > 0 && t.size(String(video.width), String(video.height)),
              video.fps > 0 ? t.fps(n(video.fps)) : t.fpsUnknown,
            )}
          </Fact>
          <Fact name={t.keyframes} id="keyframes">
            {video.keyframe_s === null ? t.keyframeUnknown : t.keyframeEvery(n(video.keyframe_s))}
          </Fact>
          {video.bitrate_kbps > 0 && (
            <Fact name={t.bitrate} id="bitrate">
              {video.bitrate_kbps < 1000 ? t.kbit(n(video.bitrate_kbps)) : t.mbit(n(video.bitrate_kbps / 1000))}
            </Fact>
          )}
          <Fact name={t.bFrames} id="b-frames">
            {video.b_frames ? t.bFramesThere : t.bFramesNone}
          </Fact>
        </>
      )}
      {video === null && passport.code === "" && (
        <Fact name={t.video} id="video">
          {t.noVideo}
        </Fact>
      )}
      {(video !== null || audio !== null) && (
        <Fact name={t.sound} id="sound">
          {audio === null
            ? t.soundNone
            : listed(
                codecName(audio.codec),
                audio.sample_rate > 0 && khz(audio.sample_rate),
                audio.channels > 0 && t.channels(audio.channels),
              )}
        </Fact>
      )}
      {others.length > 0 && (
        <Fact name={t.besides} id="others">
          {others.join(", ")}
        </Fact>
      )}
      {transport !== "" && (
        <Fact name={t.transport} id="transport">
          {listed(transport.toUpperCase(), via === "running" && t.viaRunning)}
        </Fact>
      )}
      {server !== "" && (
        <Fact name={t.server} id="server">
          {server}
        </Fact>
      )}
      <Fact name={t.took} id="took">
        {t.tookSeconds(number(Math.max(0.1, Math.round(passport.took_ms / 100) / 10)))}
      </Fact>
    </dl>
  );
}

function Fact({ name, id, children }: { name: string; id: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd data-fact={id}>{children}</dd>
    </>
  );
}

function Ways({ passport: { webrtc, hls, video, audio } }: { passport: Passport }) {
  const t = useWords(probeWords);
  const formats = { video: codecName(video?.codec ?? ""), audio: codecName(audio?.codec ?? "") };
  return (
    <div data-part="ways">
      <h3>{t.ways}</h3>
      <ul class="carriages">
        <Way name="WebRTC" way={webrtc} text={t.webrtc} formats={formats} />
        <Way name="HLS" way={hls} text={hls.by === "transcode" ? t.hlsTranscode : t.hlsCopy} formats={formats} />
      </ul>
    </div>
  );
}

interface WayProps {
  name: string;
  way: Carriage;
  /** What browsers get by it. */
  text: string;
  formats: { video: string; audio: string };
}

function Way({ name, way, text, formats }: WayProps) {
  const t = useWords(probeWords);
  const { code } = useTelling();
  const mute = way.sound_code === "" ? "" : `, ${t.soundless(code(way.sound_code, { codec: formats.audio }))}`;
  const no = way.code === "" ? t.no : `${t.no}. ${code(way.code, { codec: formats.video })}`;
  return (
    <li data-way={name} data-carried={way.carried}>
      <Icon name={way.carried ? "done" : "unsupported"} />
      <span>
        <strong>{name}:</strong> {way.carried ? `${text}${way.sound ? `, ${t.withSound}` : mute}` : no}
      </span>
    </li>
  );
}

function listed(...parts: (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== "").join(", ");
}
