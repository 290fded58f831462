// Shows codes.json and words.json as a table in the reader's language. No framework and no other host: the page must work in a closed network.
'use strict';

const said = {
  en: {
    up: 'REST API', title: 'Codes', filter: 'Filter', print: 'Print', code: 'Code', words: 'Words', retry: 'Try again?',
    lead: 'Every code that an answer, a view\u2019s end or a camera\u2019s state may carry. Codes stay as they are; words may change.',
    failed: 'The codes could not be read.', count: (n) => n + ' codes', state: 'state of a camera', end: 'end of a view',
    how: {
      no: 'No: the request, the rights or the state must change first',
      later: 'Later: after Retry-After, or a few seconds',
      fresh: 'After refreshing the token or signing in',
      read: 'After reading the object again',
      self: 'Not needed: the gateway tries again by itself',
    },
  },
  ru: {
    up: 'REST API', title: 'Коды', filter: 'Отбор', print: 'Печать', code: 'Код', words: 'Словами', retry: 'Повторять?',
    lead: 'Все коды, которые бывают в ответе, в конце просмотра или в состоянии камеры. Коды не меняются; слова могут.',
    failed: 'Коды прочитать не удалось.', count: (n) => 'Кодов: ' + n, state: 'состояние камеры', end: 'конец просмотра',
    how: {
      no: 'Нет: сначала должны измениться запрос, права или положение дел',
      later: 'Позже: через Retry-After или несколько секунд',
      fresh: 'После обновления токена или входа',
      read: 'Перечитав объект',
      self: 'Не нужно: шлюз повторяет сам',
    },
  },
};

let language = (navigator.languages || []).some((tag) => tag.startsWith('ru')) ? 'ru' : 'en';
let codes = [];
let words = {};

function cell(row, name, text, className) {
  const c = document.createElement(name);
  c.textContent = text;
  if (className) c.className = className;
  row.append(c);
  return c;
}

function show() {
  const t = said[language];
  document.documentElement.lang = language;
  document.title = 'RTSP Viewer: ' + t.title;
  for (const e of document.querySelectorAll('[data-word]')) e.textContent = t[e.dataset.word];
  for (const b of document.querySelectorAll('[data-language]')) b.setAttribute('aria-pressed', String(b.dataset.language === language));
  const wanted = document.getElementById('filter').value.trim().toLowerCase().split(/\s+/);
  const body = document.getElementById('codes');
  body.textContent = '';
  let shown = 0;
  for (const c of codes) {
    const text = (words[c.code] || {})[language] || c.detail;
    const all = [c.code, text, c.status, c.detail, t.how[c.retry]].join(' ').toLowerCase();
    if (!wanted.every((w) => all.includes(w))) continue;
    shown++;
    const row = document.createElement('tr');
    row.id = c.code;
    const head = cell(row, 'th', '', 'code');
    head.scope = 'row';
    const code = document.createElement('code');
    code.textContent = c.code;
    head.append(code);
    const said = cell(row, 'td', text);
    if (c.detail && c.detail !== text) {
      const detail = document.createElement('small');
      detail.lang = 'en';
      detail.textContent = c.detail;
      said.append(detail);
    }
    cell(row, 'td', c.status ? String(c.status) : t[c.kind] || '');
    cell(row, 'td', t.how[c.retry]);
    body.append(row);
  }
  document.getElementById('count').textContent = t.count(shown);
}

async function read(name) {
  const answer = await fetch('/api/docs/' + name);
  if (!answer.ok) throw new Error(name);
  return answer.json();
}

async function main() {
  for (const b of document.querySelectorAll('[data-language]')) {
    b.addEventListener('click', () => { language = b.dataset.language; show(); });
  }
  document.getElementById('print').addEventListener('click', () => window.print());
  document.getElementById('filter').addEventListener('input', show);
  try {
    [codes, words] = await Promise.all([read('codes.json'), read('words.json')]);
  } catch {
    show();
    document.getElementById('count').textContent = said[language].failed;
    return;
  }
  show();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

main();
