import { area } from "../../i18n/area";

/** Words of the page of the gateway's settings. */
export const settingsWords = area(
  {
    title: "Settings",
    log: "Event log",
    keep: "Keep events for, in days",
    keepHint: "From 30 to 3,650. Older events are removed for good.",
    cameras: "Cameras",
    sweep: "Look at cameras that nobody watches every, in seconds",
    sweepHint:
      "From 60 to 86,400; 0 turns it off. Each look is one short request without video. Single cameras can be left out on their own pages.",
    effect: "Changes count at once, on every gateway that shares the database.",
    saved: "The settings are saved.",
    shorter: {
      title: "Keep the log for less time?",
      text: (days: number) => `Events older than ${days} days are removed at once and can’t be had back.`,
      act: "Save and remove",
    },
  },
  {
    title: "Настройки",
    log: "Журнал событий",
    keep: "Сколько дней хранить события",
    keepHint: "От 30 до 3650. Более старые события удаляются насовсем.",
    cameras: "Камеры",
    sweep: "Раз во сколько секунд проверять камеры, которые никто не смотрит",
    sweepHint:
      "От 60 до 86 400; 0 — не проверять. Проверка — один короткий запрос без видео. Отдельную камеру можно исключить на её странице.",
    effect: "Изменения действуют сразу, на всех шлюзах с общей базой данных.",
    saved: "Настройки сохранены.",
    shorter: {
      title: "Хранить журнал меньше?",
      text: (days) => `События старше ${days} дней будут сразу удалены; вернуть их нельзя.`,
      act: "Сохранить и удалить",
    },
  },
);
