package camera

import "strings"

// passportColumns are the columns of a sheet of passports, by the names of their titles.
var passportColumns = []string{
	"number", "name", "outcome", "why", "advice", "webrtc", "hls", "codec", "profile", "size", "fps", "keyframe", "b_frames", "kbps", "sound", "others",
	"transport", "server", "took", "at",
}

// inBoth is a text in English and Russian.
type inBoth struct{ en, ru string }

// passportLanguage words passports.
type passportLanguage struct{ russian bool }

func passportWords(language string) passportLanguage { return passportLanguage{language == "ru"} }

func (w passportLanguage) of(t inBoth) string {
	if w.russian {
		return t.ru
	}
	return t.en
}

func (w passportLanguage) say(name string) string { return w.of(passportTexts[name]) }

// code words a code with its parameters, {name} in the text; one without words stands for itself.
func (w passportLanguage) code(code string, params map[string]string) string {
	text, known := passportCodes[code]
	if !known {
		return code
	}
	out := w.of(text)
	for name, value := range params {
		if name == "codec" {
			value = codecTitle(value)
		}
		out = strings.ReplaceAll(out, "{"+name+"}", value)
	}
	return out
}

var passportTexts = map[string]inBoth{
	"sheet": {"Probe", "Проверка"}, "yes": {"yes", "да"}, "no": {"no", "нет"}, "mute": {"yes, without sound", "да, без звука"},
	"number": {"Number", "Номер"}, "name": {"Name", "Название"}, "outcome": {"Result", "Итог"}, "why": {"Why not", "Почему нет"},
	"advice": {"What to change", "Что изменить"}, "webrtc": {"WebRTC", "WebRTC"}, "hls": {"HLS", "HLS"}, "codec": {"Video", "Видео"},
	"profile": {"Profile and level", "Профиль и уровень"}, "size": {"Size", "Размер"}, "fps": {"Frames a second", "Кадров в секунду"},
	"keyframe": {"Seconds between keyframes", "Секунд между ключевыми кадрами"}, "b_frames": {"B-frames", "B-кадры"}, "kbps": {"kbit/s", "кбит/с"},
	"sound": {"Sound", "Звук"}, "others": {"Sends besides", "Кроме того передаёт"}, "transport": {"Transport", "Транспорт"},
	"server": {"The camera calls itself", "Как камера себя называет"}, "took": {"Took, ms", "Заняло, мс"}, "at": {"When", "Когда"},
	"outcome.none": {"not probed", "не проверена"}, "outcome.failed": {"no picture", "нет изображения"},
	"outcome.uncarried": {"can't be shown", "показать нельзя"}, "outcome.advice": {"works, see what to change", "работает, есть что изменить"},
	"outcome.well": {"works", "работает"},
}

var passportCodes = map[string]inBoth{
	"camera.unknown_host": {"The network does not know the address.", "Адрес камеры в сети неизвестен."},
	"camera.unreachable":  {"The camera can't be reached.", "До камеры не достучаться."},
	"camera.timeout":      {"The camera does not answer.", "Камера не отвечает."},
	"camera.credentials":  {"The camera refuses the login or password.", "Камера не принимает логин или пароль."},
	"camera.not_rtsp":     {"What answers at the address is not RTSP.", "По адресу камеры отвечает не RTSP."},
	"camera.busy":         {"The camera takes no more connections.", "Камера не принимает новых подключений."},
	"camera.no_stream":    {"The camera has no stream at this address.", "По этому адресу у камеры нет потока."},
	"camera.lost":         {"The connection to the camera broke.", "Связь с камерой оборвалась."},
	"camera.stalled":      {"The camera is connected and sends nothing.", "Камера на связи, но ничего не передаёт."},
	"camera.no_such":      {"The camera was deleted.", "Камера удалена."},
	"camera.records":      {"The gateway could not look the camera up.", "Шлюз не смог прочесть запись о камере."},
	"media.no_video":      {"The camera sends no video.", "Камера не передаёт видео."},
	"media.codec":         {"The camera sends {codec}. Browsers are shown H.264.", "Камера передаёт {codec}. Браузерам нужен H.264."},
	"media.no_keyframe":   {"The camera sends no keyframes.", "Камера не передаёт ключевых кадров."},
	"media.bframes":       {"B-frames: WebRTC can't carry them, HLS does.", "B-кадры: WebRTC их не переносит, HLS переносит."},
	"media.sound_codec":   {"Browsers do not take this sound by WebRTC.", "Такой звук браузеры по WebRTC не принимают."},
	"hls.no_ffmpeg":       {"The gateway has no FFmpeg.", "На шлюзе нет FFmpeg."},
	"probe.h265":          {"Video codec: H.264 instead of H.265 / H.265+.", "Кодек видео: H.264 вместо H.265 / H.265+."},
	"probe.video_codec":   {"Video codec: H.264 instead of {codec}.", "Кодек видео: H.264 вместо {codec}."},
	"probe.no_video":      {"Switch the video of this stream on, or take the address of another stream.", "Включите видео в этом потоке или возьмите адрес другого потока."},
	"probe.b_frames":      {"B-frames: off (or profile Baseline).", "B-кадры: выключить (или профиль Baseline)."},
	"probe.no_keyframes":  {"I-frame interval: 1–2 seconds; intra refresh: off.", "Интервал опорных кадров (I-frame): 1–2 секунды; Intra refresh: выключить."},
	"probe.long_gop": {
		"I-frame interval: 1–2 seconds instead of {seconds}; smart codec (H.264+, Smart GOP): off.",
		"Интервал опорных кадров (I-frame): 1–2 секунды вместо {seconds}; умное кодирование (H.264+, Smart GOP): выключить.",
	},
	"probe.high_bitrate": {"Bit rate: at most 8,000 kbit/s instead of {kbps}.", "Битрейт: не больше 8000 кбит/с вместо {kbps}."},
	"probe.audio_codec": {
		"Audio codec: G.711 (A-law or µ-law, 8 kHz, mono) instead of {codec}.", "Кодек звука: G.711 (A-law или µ-law, 8 кГц, моно) вместо {codec}.",
	},
	"probe.basic_auth": {
		"RTSP authentication: Digest instead of Basic, which sends the password readable.",
		"Аутентификация RTSP: Digest вместо Basic, при которой пароль идёт по сети открыто.",
	},
	"probe.sub_address": {
		"The picture is large ({width}×{height}): write the address of the camera's second stream (sub stream) down too.",
		"Картинка большая ({width}×{height}): впишите и адрес второго потока камеры (sub stream).",
	},
	"probe.udp_only": {
		"Allow RTSP over TCP in the camera (RTP over RTSP, interleaved): it refuses it, and UDP loses packets.",
		"Разрешите в камере RTSP по TCP (RTP over RTSP, interleaved): она его не принимает, а по UDP теряются пакеты.",
	},
	"probe.udp_silent": {
		"Transport: TCP, or let UDP through the firewall between camera and gateway.",
		"Транспорт: TCP, или откройте UDP в сетевом экране между камерой и шлюзом.",
	},
}
