// path, POSIX only.
(function (host, builtin, module) {
  'use strict';
  function check(value, name = 'path') {
    if (typeof value === 'string') return;
    const { coded } = builtin('internal/errors');
    const { received } = builtin('internal/inspect');
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be of type string. ${received(value)}`);
  }
  function squeeze(text, rooted) {
    const out = [];
    for (const part of text.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
      else if (part !== '..' || !rooted) out.push(part);
    }
    return out.join('/');
  }
  const path = {
    sep: '/',
    delimiter: ':',
    normalize(text) {
      check(text);
      if (text === '') return '.';
      const rooted = text.startsWith('/');
      let out = squeeze(text, rooted);
      if (out === '' && !rooted) out = '.';
      if (out !== '' && text.endsWith('/')) out += '/';
      return rooted ? `/${out}` : out;
    },
    join(...parts) {
      parts.forEach((part) => check(part));
      const text = parts.filter((part) => part !== '').join('/');
      return text === '' ? '.' : path.normalize(text);
    },
    resolve(...parts) {
      let text = '';
      for (let i = parts.length - 1; i >= 0 && !text.startsWith('/'); i--) {
        check(parts[i], `paths[${i}]`);
        if (parts[i] !== '') text = text === '' ? parts[i] : `${parts[i]}/${text}`;
      }
      if (!text.startsWith('/')) text = `${host.setup.cwd}/${text}`;
      return `/${squeeze(text, true)}`;
    },
    isAbsolute: (text) => text.startsWith('/'),
    dirname(text) {
      check(text);
      const trimmed = text.length > 1 ? text.replace(/\/+$/, '') : text;
      const index = trimmed.lastIndexOf('/');
      if (index < 0) return '.';
      return index === 0 ? '/' : trimmed.slice(0, index);
    },
    basename(text, ending) {
      check(text);
      let name = text.replace(/\/+$/, '');
      name = name.slice(name.lastIndexOf('/') + 1);
      if (ending && name.endsWith(ending) && name !== ending) name = name.slice(0, -ending.length);
      return name;
    },
    extname(text) {
      check(text);
      const name = path.basename(text);
      const index = name.lastIndexOf('.');
      return index <= 0 ? '' : name.slice(index);
    },
    relative(from, to) {
      const a = path.resolve(from).split('/').filter(Boolean);
      const b = path.resolve(to).split('/').filter(Boolean);
      let same = 0;
      while (same < a.length && same < b.length && a[same] === b[same]) same++;
      return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
    },
    parse(text) {
      const base = path.basename(text);
      const ext = path.extname(text);
      const root = text.startsWith('/') ? '/' : '';
      const dir = text.includes('/') ? path.dirname(text) : '';
      return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
    },
    format: (p) => (p.dir ? `${p.dir === '/' ? '' : p.dir}/` : p.root || '') + (p.base || (p.name || '') + (p.ext || '')),
  };
  path.posix = path;
  module.exports = path;
})
