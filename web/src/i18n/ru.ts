import type { Params } from "../signal/messages";
import type { Dict } from "./en";
import { pluralRu } from "./plural";

const seconds = (n: number) => `${n} ${pluralRu(n, "секунду", "секунды", "секунд")}`;

const cameraOf = (p: Params) => `«${p.camera ?? "другая"}»${p.number ? ` (№ ${p.number})` : ""}`;

const placeOf = (p: Params) => {
  const { where = "", address = "" } = p;
  if (where === "") return address === "" ? "" : ` с адреса ${address}`;
  return `: ${where}${address === "" || where.includes(address) ? "" : ` (${address})`}`;
};

export const ru: Dict = {
  title: "RTSP Viewer",
  language: "Язык",
  seconds,
  close: "Закрыть",

  signIn: {
    heading: "Вход",
    login: "Логин или эл. почта",
    password: "Пароль",
    show: "Показать пароль",
    hide: "Скрыть пароль",
    submit: "Войти",
    busy: "Входим…",
    ended: "Сеанс закончился. Войдите снова.",
    left: "Вы вышли.",
    screen: "Это настенный экран: ввести код",
    needLogin: "Введите логин.",
    needPassword: "Введите пароль.",
    wait: (s) => `Слишком много попыток. Повторите через ${seconds(s)}.`,
  },

  start: {
    starting: "Запуск…",
    unreachable: "Шлюз не отвечает.",
    again: (s) => `Повторим через ${seconds(s)}.`,
  },

  bar: {
    cameras: "Камеры",
    keys: "Клавиши",
    signOut: "Выйти",
    fullscreen: "Полный экран",
    views: (used, limit) => `Просмотры: ${used} из ${limit}`,
    viewsTitle: "Ваши просмотры на всех устройствах. Ещё один закроет самый старый.",
    clock: "Время шлюза",
    online: "Есть связь",
    offline: "Нет связи",
    blocked: "Только запросы",
    menu: "Меню",
  },

  nav: {
    heading: "Разделы",
    open: "Меню",
    wall: "Стена",
    cameras: "Камеры",
    groups: "Группы",
    people: "Доступ",
    users: "Пользователи",
    devices: "Настенные экраны",
    views: "Кто смотрит",
    log: "Журнал событий",
    settings: "Настройки",
    account: "Моя учётная запись",
    failed: "Страница не загрузилась: шлюз обновили, или оборвалась связь.",
    reload: "Обновить",
  },

  banner: {
    lost: (since) => `Нет связи со шлюзом с ${since}. Открытые камеры идут; новые открыть нельзя.`,
    blocked:
      "Сеть не пропускает WebSocket. Видео идёт по HLS и отстаёт на пару секунд; новости приходится спрашивать у шлюза.",
    retry: (s) => `Повторим через ${seconds(s)}.`,
    connecting: "Подключаемся…",
    now: "Повторить сейчас",
    noViews: "Вашей учётной записи просмотры не разрешены. Обратитесь к администратору.",
    list: "Не удалось получить список камер.",
    reload: "Повторить",
  },

  tile: {
    label: (n) => `Ячейка ${n}`,
    empty: "Свободно",
    emptyHint: "Щёлкните, нажмите Enter или наберите номер",
    open: "Открыть камеру",
    noCameras: "Вам не открыта ни одна камера. Обратитесь к администратору.",
    live: "В эфире",
    connecting: "Подключение",
    stale: "Нет изображения",
    refused: "Отказ",
    unsupported: "Не поддерживается",
    limit: "Лимит",
    evicted: "Закрыто",
    ended: "Завершено",
    noPicture: "НЕТ ИЗОБРАЖЕНИЯ",
    noPictureSince: (time) => `НЕТ ИЗОБРАЖЕНИЯ с ${time}`,
    opening: (name) => `Открываем: ${name}`,
    retryIn: (s) => `Следующая попытка через ${seconds(s)}`,
    retryNow: "Повторить сейчас",
    again: "Открыть снова здесь",
    openAnyway: "Открыть здесь, закрыв самый старый",
    another: "Другая камера",
    limitText: (limit) =>
      limit > 0 ? `Все ваши просмотры заняты: ${limit} из ${limit}.` : "Вашей учётной записи просмотры не разрешены.",
    evictedTitle: (limit) => `Закрыто: лимит — ${limit} ${pluralRu(limit, "просмотр", "просмотра", "просмотров")}`,
    evictedText: (p, time) => {
      if (p.reason === "limit") return "Ваш лимит просмотров уменьшили.";
      return `В ${time === "" ? "другом окне" : time} открыта камера ${cameraOf(p)}${placeOf(p)}.`;
    },
    change: "Другая камера (Enter)",
    closeTile: "Закрыть (Delete)",
    enlarge: "Увеличить (F)",
    shrink: "Вернуться к стене (Esc)",
    soundOn: "Включить звук (M)",
    soundOff: "Выключить звук (M)",
    newWindow: "Открыть в новом окне",
    secondsShort: "с",
    byHLS: "Видео идёт по HLS",
    byHLSDelay: (s) => `Видео идёт по HLS, отстаёт на ${s} с`,
    tryWebRTC: "Снова попробовать WebRTC (W)",
    trying: "Пробуем WebRTC…",
    number: (n) => `Камера ${n}`,
    numberUnknown: "нет такой камеры",
    numberEnter: "Enter — открыть",
    since: (time) => `с ${time}`,
  },

  picker: {
    heading: (tile) => `Камера для ячейки ${tile}`,
    headingSingle: "Выберите камеру",
    search: "Номер, название или место",
    star: "В избранное",
    unstar: "Убрать из избранного",
    favourites: "Избранное",
    onWall: (tile) => `в ячейке ${tile}`,
    newWindow: "Открыть в новом окне",
    none: "Ничего не найдено.",
    empty: "Вам не открыта ни одна камера. Обратитесь к администратору.",
    loading: "Читаем список…",
    found: (n) => `${n} ${pluralRu(n, "камера", "камеры", "камер")}`,
    more: (n) => `ещё ${n}: уточните запрос`,
    hint: "↑ ↓ выбор · Enter открыть · Ctrl+Enter новое окно · Esc назад",
  },

  tv: {
    soundOn: "Включить звук",
    soundOff: "Выключить звук",
    listKeys: "↑ ↓ выбор · OK открыть · цифры: номер камеры",
    watchKeys: "↑ ↓ другие камеры · OK звук · цифры: номер камеры · Назад: список",
  },

  help: {
    heading: "Клавиши",
    rows: {
      arrows: "выбрать ячейку",
      enter: "выбрать камеру для ячейки",
      digits: "вызвать камеру по номеру",
      search: "найти камеру",
      enlarge: "увеличить ячейку и обратно",
      sound: "включить или выключить звук",
      close: "закрыть просмотр в ячейке",
      again: "снова открыть закрытое",
      webrtc: "снова попробовать WebRTC там, где идёт HLS",
      esc: "назад",
      help: "этот список",
    },
    leaving: "Уход со стены в другой раздел закрывает её просмотры; при возвращении те же камеры откроются снова.",
    names: { arrows: "Стрелки", enter: "Enter", digits: "Цифры, Enter", close: "Delete или Backspace", esc: "Esc" },
  },

  aloud: (tile, camera, state) => `Ячейка ${tile}, ${camera}: ${state}`,

  unknownCode: (code) => `Что-то пошло не так (${code}).`,

  codes: {
    network: () => "Шлюз не отвечает.",
    internal: () => "Сбой шлюза. Подробности в его журнале.",
    "auth.credentials": () => "Неверный логин или пароль.",
    "auth.slow_down": () => "Слишком много попыток. Подождите и повторите.",
    "auth.origin": () => "Шлюз не принимает вход со страницы с этим адресом.",
    "auth.token": () => "Сеанс закончился.",
    "camera.unknown_host": () => "Адрес камеры в сети неизвестен.",
    "camera.unreachable": () => "До камеры не достучаться.",
    "camera.timeout": () => "Камера не отвечает.",
    "camera.credentials": () => "Камера не принимает логин или пароль.",
    "camera.not_rtsp": () => "По адресу камеры отвечает не RTSP.",
    "camera.busy": () => "Камера не принимает новых подключений.",
    "camera.no_stream": () => "По этому адресу у камеры нет потока.",
    "camera.lost": () => "Связь с камерой оборвалась.",
    "camera.stalled": () => "Камера ничего не передаёт.",
    "camera.no_such": () => "У камеры нет такого потока.",
    "camera.records": () => "Шлюз не смог найти запись о камере. Он повторит.",
    "camera.not_found": () => "Такой камеры нет, или она вам не доступна.",
    "camera.deleted": () => "Камера удалена.",
    "media.no_video": () => "Камера не передаёт видео.",
    "media.codec": (p) => `Камера передаёт ${p.codec ?? "формат"}, который этот браузер не покажет по WebRTC.`,
    "media.no_keyframe": () =>
      "Камера не передаёт ключевых кадров, поэтому показ не с чего начать. Задайте в камере интервал ключевых кадров.",
    "media.bframes": () => "Камера передаёт видео с B-кадрами, а WebRTC их не переносит. Без B-кадров будет быстрее.",
    "view.evicted": () => "Место занял другой ваш просмотр.",
    "view.limit": () => "Все ваши просмотры заняты.",
    "view.revoked": () => "Доступ к этой камере у вас отозван.",
    "view.closed": (p) => (p.by ? `Просмотр закрыл пользователь ${p.by}.` : "Просмотр закрыт."),
    "view.expired": () => "Просмотр истёк.",
    "view.replaced": () => "Этот просмотр продолжается в другой вкладке.",
    "view.not_allowed": () => "Вашей учётной записи просмотры не разрешены.",
    "server.stopping": () => "Шлюз перезапускается.",
    "gateway.unreachable": () => "Нет связи со шлюзом.",
    "camera.connecting": () => "Камера пока не передаёт изображение.",
    "signaling.blocked": () => "Сеть не пропускает WebSocket.",
    "signaling.lost": () => "Связь со шлюзом оборвалась.",
    "signaling.codecs": () => "Этот браузер не принимает H.264 по WebRTC.",
    "signaling.too_many": () => "Под этой учётной записью открыто слишком много окон.",
    "webrtc.missing": () => "В этом браузере нет WebRTC.",
    "webrtc.connecting": () => "Ищем путь для видео от шлюза…",
    "webrtc.no_path": (p) =>
      p.host && p.port
        ? `Порт ${p.port} (${(p.protocols ?? "UDP,TCP").split(",").join(" и ")}) недоступен по адресу ${p.host}.`
        : "Видео не находит пути от шлюза к браузеру. Возможно, закрыт порт WebRTC.",
    "webrtc.lost": () => "Путь видео от шлюза оборвался. Восстанавливаем…",
    "webrtc.failed": () => "Браузер не принял видеосоединение.",
    "hls.connecting": () => "Ждём первый кадр камеры…",
    "hls.lost": () => "Шлюз перестал отдавать видео. Восстанавливаем…",
    "hls.media": () => "Браузер не смог воспроизвести видео. Открываем заново…",
    "hls.codec": () => "Этот браузер не воспроизводит формат видео.",
    "hls.no_engine": () => "Этот браузер не умеет ни WebRTC, ни HLS.",
    "hls.no_ffmpeg": () => "Шлюз не может сделать HLS: на нём нет FFmpeg. Обратитесь к администратору.",
    "hls.ffmpeg_failed": () => "FFmpeg на шлюзе не выдаёт изображение этой камеры.",
    "picture.waiting": () => "Связь есть, ждём первый кадр…",
  },
};
