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
