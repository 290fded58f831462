import { codeArea } from "../area";

/** Codes of accounts, sessions, tokens and devices. */
export const people = codeArea(
  {
    "user.not_found": () => "There is no such user.",
    "user.invalid": () => "The account can’t be kept like this.",
    "user.login_taken": () => "Somebody else has this login.",
    "user.login_characters": () =>
      "A login is made of letters and digits, with a dot, a hyphen or an underscore in between.",
    "user.email": () => "This is no e-mail address.",
    "user.email_taken": () => "Somebody else has this e-mail address.",
    "user.last_admin": () => "This is the last administrator, who can’t be deleted, banned or given a lesser role.",
    "user.password": () => "This password can’t be used.",
    "user.password_weak": () => "Everybody tries this password first. Choose another.",
    "user.password_personal": () => "The password repeats the login or a name. Choose another.",
    "user.old_password": () => "This is not the present password.",
    "user.device": () => "A wall device has no login, e-mail, password or role of its own.",
    "session.not_found": () => "This sign-in has ended already.",
    "token.not_found": () => "There is no such token.",
    "token.invalid": () => "The token can’t be made like this.",
    "token.role": () => "A token can’t do more than you may.",
    "token.too_many": (p) =>
      `The account has as many tokens as it may have${p.limit ? ` (${p.limit})` : ""}. Delete some first.`,
    "device.not_found": () => "There is no such wall device.",
    "device.invalid": () => "The wall device can’t be kept like this.",
    "auth.device_code": () => "This code is wrong, was used already, or has run out. Ask for a new one.",
    "auth.expired": () => "The session has to be renewed.",
  },
  {
    "user.not_found": () => "Такого пользователя нет.",
    "user.invalid": () => "В таком виде учётную запись сохранить нельзя.",
    "user.login_taken": () => "Такой логин уже у кого-то другого.",
    "user.login_characters": () => "Логин состоит из букв и цифр; между ними — точка, дефис или подчёркивание.",
    "user.email": () => "Это не адрес эл. почты.",
    "user.email_taken": () => "Такая эл. почта уже у кого-то другого.",
    "user.last_admin": () => "Это последний администратор: его нельзя ни удалить, ни заблокировать, ни понизить.",
    "user.password": () => "Такой пароль использовать нельзя.",
    "user.password_weak": () => "Этот пароль пробуют первым. Выберите другой.",
    "user.password_personal": () => "Пароль повторяет логин или имя. Выберите другой.",
    "user.old_password": () => "Это не нынешний пароль.",
    "user.device": () => "У настенного экрана нет своих логина, почты, пароля и роли.",
    "session.not_found": () => "Этот вход уже завершён.",
    "token.not_found": () => "Такого токена нет.",
    "token.invalid": () => "Такой токен создать нельзя.",
    "token.role": () => "Токен не может больше, чем вы сами.",
    "token.too_many": (p) =>
      `У учётной записи уже столько токенов, сколько можно${p.limit ? ` (${p.limit})` : ""}. Сначала удалите лишние.`,
    "device.not_found": () => "Такого настенного экрана нет.",
    "device.invalid": () => "В таком виде экран сохранить нельзя.",
    "auth.device_code": () => "Код неверен, уже использован или истёк. Попросите новый.",
    "auth.expired": () => "Сеанс нужно продлить.",
  },
);
