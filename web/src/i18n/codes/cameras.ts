import { codeArea } from "../area";

/** Codes of cameras, groups and grants. */
export const cameras = codeArea(
  {
    "camera.invalid": () => "The camera can’t be kept like this.",
    "camera.address": () => "This is no RTSP address. Example: rtsp://192.168.1.64/stream1",
    "camera.password_required": () =>
      "The address leads to another device. Send the password again: it is not given to a new place by itself.",
    "camera.number_taken": () => "Another camera has this number.",
    "camera.number_retired": () => "A deleted camera had this number. Numbers are never given twice.",
    "camera.in_use": () => "The camera is in use.",
    "camera.no_sub_stream": () => "The camera has no such stream.",
    "group.not_found": () => "There is no such group.",
    "camera.too_many_tags": () => "A camera can’t have so many tags: 32 at most.",
    "group.name_taken": () => "Another group has this name.",
    "group.invalid": () => "The group can’t be kept like this.",
    "grant.invalid": () => "The access can’t be given like this.",
  },
  {
    "camera.invalid": () => "В таком виде камеру сохранить нельзя.",
    "camera.address": () => "Это не адрес RTSP. Пример: rtsp://192.168.1.64/stream1",
    "camera.password_required": () =>
      "Адрес ведёт к другому устройству. Введите пароль ещё раз: сам он по новому адресу не отправляется.",
    "camera.number_taken": () => "Этот номер у другой камеры.",
    "camera.number_retired": () => "Этот номер был у удалённой камеры. Номера не выдаются дважды.",
    "camera.in_use": () => "Камера используется.",
    "camera.no_sub_stream": () => "У камеры нет такого потока.",
    "group.not_found": () => "Такой группы нет.",
    "camera.too_many_tags": () => "У камеры не может быть больше 32 меток.",
    "group.name_taken": () => "Такое название уже у другой группы.",
    "group.invalid": () => "В таком виде группу сохранить нельзя.",
    "grant.invalid": () => "Так доступ выдать нельзя.",
  },
);
