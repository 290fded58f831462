import { area } from "../../i18n/area";

/** Words of the page of who watches what now. */
export const viewsWords = area(
  {
    title: "Who watches now",
    search: "Person, camera, address",
    who: "Who",
    device: "wall device",
    camera: "Camera",
    since: "Since",
    by: "By",
    where: "Where",
    end: "End",
    endThis: (who: string, camera: string) => `End: ${who}, ${camera}`,
    ask: {
      title: (who: string) => `End the view of ${who}?`,
      text: (camera: string) => `${camera}. The tile closes at once and says who closed it. It can be opened again.`,
      act: "End the view",
    },
    done: "The view has ended.",
    empty: "Nobody is watching now.",
  },
  {
    title: "Кто смотрит сейчас",
    search: "Человек, камера, адрес",
    who: "Кто",
    device: "настенный экран",
    camera: "Камера",
    since: "С какого времени",
    by: "Как",
    where: "Где",
    end: "Завершить",
    endThis: (who, camera) => `Завершить: ${who}, ${camera}`,
    ask: {
      title: (who) => `Завершить просмотр: ${who}?`,
      text: (camera) => `${camera}. Окно сразу закроется и скажет, кто его закрыл. Открыть снова можно.`,
      act: "Завершить просмотр",
    },
    done: "Просмотр завершён.",
    empty: "Сейчас никто не смотрит.",
  },
);
