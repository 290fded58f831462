import type { Params } from "../../signal/messages";
import { codeArea } from "../area";

/** Codes of testing cameras: faults, and what to change in a camera’s settings. */
export const probe = codeArea(
  {
    "probe.busy": () => "Other cameras are being tested just now. Try again in a few seconds.",
    "probe.running": () => "A test of many cameras is already going on.",
    "probe.not_found": () => "There is no such test, or the gateway has forgotten it since its start.",
    "probe.nothing": () => "There is no camera to test.",
    "probe.no_still": () => "No test of this camera has a picture.",
    "probe.cancelled": () => "The test was cancelled.",
    "media.sound_codec": () => "Browsers don’t take this sound by WebRTC: there the camera is silent.",
    "probe.h265": () => "Video codec: H.264 instead of H.265 / H.265+.",
    "probe.video_codec": (p) => `Video codec: H.264 instead of ${title(p.codec) ?? "another one"}.`,
    "probe.no_video": () => "Switch the video of this stream on, or take the address of another stream of the camera.",
    "probe.b_frames": () => "B-frames: off. Where there is no such setting: profile Baseline.",
    "probe.no_keyframes": () => "I-frame interval: 1–2 seconds. Intra refresh: off.",
    "probe.long_gop": (p) =>
      `I-frame interval: 1–2 seconds instead of ${p.seconds ?? "more"}. Smart codec (H.264+, Smart GOP): off.`,
    "probe.high_bitrate": (p) => `Bit rate: at most 8,000 kbit/s instead of ${p.kbps ?? "more"}.`,
    "probe.audio_codec": (p) =>
      `Audio codec: G.711 (A-law or µ-law, 8 kHz, mono) instead of ${title(p.codec) ?? "another one"}.`,
    "probe.basic_auth": () => "RTSP authentication: Digest instead of Basic, which sends the password readable.",
    "probe.sub_address": (p) =>
      `The picture is large${size(p)}: write the address of the camera’s second stream (sub stream) down too.`,
    "probe.udp_only": () =>
      "Allow RTSP over TCP in the camera (“RTP over RTSP”, “interleaved”): it refuses it, and UDP loses packets.",
    "probe.udp_silent": () => "Transport: TCP. Or let UDP through the firewall between the camera and the gateway.",
  },
  {
    "probe.busy": () => "Сейчас проверяются другие камеры. Повторите через несколько секунд.",
    "probe.running": () => "Проверка многих камер уже идёт.",
    "probe.not_found": () => "Такой проверки нет, или шлюз после перезапуска о ней не помнит.",
    "probe.nothing": () => "Проверять нечего: таких камер нет.",
    "probe.no_still": () => "Ни одна проверка этой камеры не дала картинки.",
    "probe.cancelled": () => "Проверка отменена.",
    "media.sound_codec": () => "Такой звук браузеры по WebRTC не принимают: камера будет без звука.",
    "probe.h265": () => "Кодек видео: H.264 вместо H.265 / H.265+.",
    "probe.video_codec": (p) => `Кодек видео: H.264 вместо ${title(p.codec) ?? "другого"}.`,
    "probe.no_video": () => "Включите видео в этом потоке или возьмите адрес другого потока камеры.",
    "probe.b_frames": () => "B-кадры: выключить. Если такой настройки нет: профиль Baseline.",
    "probe.no_keyframes": () => "Интервал ключевых кадров (I-frame): 1–2 секунды. Intra refresh: выключить.",
    "probe.long_gop": (p) =>
      `Интервал ключевых кадров (I-frame): 1–2 секунды вместо ${p.seconds ?? "большего"}. Умное кодирование (H.264+, Smart GOP): выключить.`,
    "probe.high_bitrate": (p) => `Битрейт: не больше 8000 кбит/с вместо ${p.kbps ?? "большего"}.`,
    "probe.audio_codec": (p) =>
      `Кодек звука: G.711 (A-law или µ-law, 8 кГц, моно) вместо ${title(p.codec) ?? "другого"}.`,
    "probe.basic_auth": () => "Аутентификация RTSP: Digest вместо Basic, при которой пароль идёт по сети открыто.",
    "probe.sub_address": (p) => `Картинка большая${size(p)}: впишите и адрес второго потока камеры (sub stream).`,
    "probe.udp_only": () =>
      "Разрешите в камере RTSP по TCP («RTP over RTSP», «interleaved»): она его не принимает, а по UDP теряются пакеты.",
    "probe.udp_silent": () => "Передача от камеры: по TCP. Или откройте UDP в сетевом экране между камерой и шлюзом.",
  },
);

/** The size of a picture, where it is known. */
function size(p: Params): string {
  return p.width && p.height ? ` (${p.width}×${p.height})` : "";
}

/** A codec as people call it. */
function title(codec: string | undefined): string | undefined {
  const names: Record<string, string> = { JPEG: "MJPEG", H265: "H.265", "MPEG4-GENERIC": "AAC", "MP4A-LATM": "AAC" };
  return codec && (names[codec.toUpperCase()] ?? codec);
}
