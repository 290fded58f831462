import { codeArea } from "../area";

/** Codes that any request may meet. */
export const gateway = codeArea(
  {
    "auth.role": () => "Your role may not do this.",
    "auth.device": () => "A wall device can only watch.",
    "precondition.version": () => "Somebody has changed this since you read it.",
    "request.invalid": () => "Some fields are wrong.",
    "route.not_found": () => "The gateway has no such address. It may be of another version than this page: reload it.",
    "server.not_ready": () => "The gateway is not ready yet.",
    "server.timeout": () => "The gateway could not do it in time. Try again.",
    "paging.cursor": () => "The list has changed its order. Begin from its first page.",
    "paging.sort": () => "The list can’t be sorted like this.",
  },
  {
    "auth.role": () => "Вашей роли это не разрешено.",
    "auth.device": () => "Настенный экран может только показывать.",
    "precondition.version": () => "Пока вы смотрели, это изменил кто-то другой.",
    "request.invalid": () => "Некоторые поля заполнены неверно.",
    "route.not_found": () => "У шлюза нет такого адреса. Возможно, его версия новее страницы: обновите её.",
    "server.not_ready": () => "Шлюз ещё не готов.",
    "server.timeout": () => "Шлюз не успел это сделать. Повторите.",
    "paging.cursor": () => "Порядок списка изменился. Начните с первой страницы.",
    "paging.sort": () => "Так список не сортируется.",
  },
);
