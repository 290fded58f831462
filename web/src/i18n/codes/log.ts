import { codeArea } from "../area";

/** Codes of the event log, the list of views and the settings. */
export const log = codeArea(
  {
    "events.too_many_streams": () => "Too many people follow the event log at once. Try again in a while.",
    "settings.invalid": () => "Some settings are out of bounds.",
    "view.not_found": () => "Nobody has this view open any more.",
  },
  {
    "events.too_many_streams": () => "За журналом следят сразу слишком многие. Повторите чуть позже.",
    "settings.invalid": () => "Некоторые настройки вне допустимых пределов.",
    "view.not_found": () => "Этот просмотр уже закрыт.",
  },
);
