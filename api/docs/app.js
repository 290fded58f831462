// Renders openapi.json as a list of operations. No framework and no other host: the page must work in a closed network.
'use strict';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

function element(name, text, parent, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  if (parent) parent.append(e);
  return e;
}

function resolve(doc, schema) {
  if (!schema || !schema.$ref) return schema || {};
  return doc.components.schemas[schema.$ref.split('/').pop()] || {};
}

function typeOf(doc, schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  const types = [].concat(schema.type || 'any');
  let text = types.join(' or ');
  if (types.includes('array')) text = text.replace('array', 'list of ' + typeOf(doc, schema.items));
  if (schema.format) text += ', ' + schema.format;
  if (schema.enum) text += ': ' + schema.enum.join(', ');
  return text;
}

function table(parent, rows) {
  const t = element('table', '', parent);
  for (const row of rows) {
    const tr = element('tr', '', t);
    row.forEach((cell, i) => element(i === 0 ? 'th' : 'td', cell, tr));
  }
}

function fields(doc, parent, title, schema) {
  const s = resolve(doc, schema);
  element('h3', title + (schema && schema.$ref ? ': ' + typeOf(doc, schema) : ''), parent);
  const required = new Set(s.required || []);
  const rows = Object.entries(s.properties || {}).map(([name, p]) =>
    [name, typeOf(doc, p) + (required.has(name) ? ', required' : ''), p.description || '']);
  if (rows.length) table(parent, rows);
  else element('p', typeOf(doc, schema), parent);
}

// What a value may look like: the schema's own example, or one made of its type and name.
function sample(doc, schema, name, depth) {
  if (!schema || depth > 4) return null;
  if (schema.examples && schema.examples.length) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  const s = resolve(doc, schema);
  const type = [].concat(s.type || 'object').find((t) => t !== 'null');
  if (type === 'array') return [sample(doc, s.items, name, depth + 1)];
  if (type === 'integer' || type === 'number') return s.minimum || 1;
  if (type === 'boolean') return false;
  if (type === 'string') {
    if (s.format === 'date-time') return '2026-11-22T14:05:09Z';
    if (/(^|_)id$/.test(name)) return '0193a1c2-7f00-7000-8000-00000000002a';
    return { name: 'Gate', login: 'ivanov', address: 'rtsp://192.168.1.64/stream1', remote: '192.168.1.20', password: '…', email: 'ivanov@example.com' }[name] || '';
  }
  const made = {};
  for (const [key, p] of Object.entries(s.properties || {})) made[key] = sample(doc, p, key, depth + 1);
  return made;
}

// A request and its answer, ready to be tried in a shell.
function example(doc, parent, path, method, op) {
  const lines = ['curl -X ' + method.toUpperCase()];
  if (op.security) lines.push('-H "Authorization: Bearer $TOKEN"');
  for (const [type, m] of Object.entries((op.requestBody || {}).content || {})) {
    lines.push('-H "Content-Type: ' + type + '"');
    if (type === 'application/json') {
      const body = sample(doc, m.schema, '', 0);
      for (const [key, p] of Object.entries(resolve(doc, m.schema).properties || {})) if (p.readOnly) delete body[key];
      lines.push("-d '" + JSON.stringify(body) + "'");
    } else lines.push('--data-binary @body');
  }
  const at = path.replace(/{(\w+)}/g, (_, name) => (/id$/.test(name) ? '0193a1c2-7f00-7000-8000-00000000002a' : name.toUpperCase()));
  lines.push('"' + location.origin + at + '"');
  element('h3', 'Example', parent);
  const request = element('pre', lines.join(' \\\n  '), parent);
  request.tabIndex = 0;
  for (const [status, r] of Object.entries(op.responses || {})) {
    const json = (r.content || {})['application/json'];
    if (!json || status === 'default') continue;
    const answer = element('pre', status + '\n' + JSON.stringify(sample(doc, json.schema, '', 0), null, 2), parent);
    answer.tabIndex = 0;
  }
}

function operation(doc, parent, path, method, op) {
  const d = element('details', '', parent);
  d.dataset.words = (method + ' ' + path + ' ' + (op.summary || '')).toLowerCase();
  const s = element('summary', '', d);
  element('code', method.toUpperCase(), s, 'method');
  element('code', path, s);
  element('span', op.summary, s, 'words');
  d.addEventListener('toggle', () => {
    if (!d.open || d.dataset.filled) return;
    d.dataset.filled = 'yes';
    element('p', op.description || 'Open to anyone.', d);
    example(doc, d, path, method, op);
    if (op.parameters) {
      element('h3', 'Parameters', d);
      table(d, op.parameters.map((p) => [p.name, p.in + ', ' + typeOf(doc, p.schema) + (p.required ? ', required' : ''), p.description || '']));
    }
    for (const [type, m] of Object.entries((op.requestBody || {}).content || {})) fields(doc, d, 'Body, ' + type, m.schema);
    for (const [status, r] of Object.entries(op.responses || {})) {
      const content = Object.entries(r.content || {});
      if (!content.length) element('h3', status + ' ' + (r.description || ''), d);
      for (const [type, m] of content) fields(doc, d, status + ', ' + type, m.schema);
    }
  });
}

async function main() {
  const root = document.getElementById('operations');
  let doc;
  try {
    doc = await (await fetch('v1/openapi.json')).json();
  } catch {
    root.textContent = 'openapi.json could not be read.';
    return;
  }
  root.textContent = '';
  const sections = new Map();
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const method of methods) {
      const op = item[method];
      if (!op) continue;
      const tag = (op.tags || ['other'])[0];
      if (!sections.has(tag)) {
        const section = element('section', '', root);
        element('h2', tag, section);
        sections.set(tag, section);
      }
      operation(doc, sections.get(tag), path, method, op);
    }
  }
  document.getElementById('filter').addEventListener('input', (e) => {
    const words = e.target.value.toLowerCase();
    for (const d of root.querySelectorAll('details')) d.hidden = !d.dataset.words.includes(words);
    for (const s of root.querySelectorAll('section')) s.hidden = !s.querySelector('details:not([hidden])');
  });
}

main();
