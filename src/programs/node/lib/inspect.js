// util.inspect, util.format and console, with node's line breaking.
(function (host, builtin, module) {
  'use strict';
  const custom = Symbol.for('nodejs.util.inspect.custom');
  const WIDTH = 80;
  const INNER = 3;
  const MAX_ARRAY = 100;
  const MAX_STRING = 10000;
  const MAX_KEYS = 1000;
  const identifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

  const escapes = { '\n': '\\n', '\t': '\\t', '\b': '\\b', '\r': '\\r', '\f': '\\f', '\v': '\\v', '\\': '\\\\' };
  function quote(text) {
    let mark = "'";
    if (text.includes("'")) mark = !text.includes('"') ? '"' : !text.includes('`') && !text.includes('${') ? '`' : "'";
    const body = text.replace(/[\x00-\x1f\x7f\\'"`]/g, (c) => {
      if (escapes[c]) return escapes[c];
      if (c === "'" || c === '"' || c === '`') return c === mark ? `\\${c}` : c;
      return `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    });
    return mark + body + mark;
  }

  const number = (n) => (Object.is(n, -0) ? '-0' : `${n}`);

  function primitive(value, ctx, top) {
    switch (typeof value) {
      case 'string': {
        let rest = '';
        if (value.length > MAX_STRING) {
          rest = `... ${value.length - MAX_STRING} more characters`;
          value = value.slice(0, MAX_STRING);
        }
        if (!top && value.length > 16 && value.length > WIDTH - ctx.indent - 4 && value.includes('\n')) {
          return value.split(/(?<=\n)/).map(quote).join(` +\n${' '.repeat(ctx.indent + 2)}`) + rest;
        }
        return quote(value) + rest;
      }
      case 'number':
        return number(value);
      case 'bigint':
        return `${value}n`;
      case 'symbol':
        return value.toString();
      default:
        return `${value}`;
    }
  }

  function constructorName(value) {
    let object = value;
    while (object !== null) {
      const own = Object.getOwnPropertyDescriptor(object, 'constructor');
      if (own && typeof own.value === 'function' && own.value.name !== '' && value instanceof own.value) return own.value.name;
      object = Object.getPrototypeOf(object);
    }
    return null;
  }

  function prefix(name, fallback, size) {
    const label = name === null ? `[${fallback}${size}: null prototype]` : `${name}${size}`;
    return `${label} `;
  }

  const key = (name) => {
    if (typeof name === 'symbol') return `[${name.toString()}]`;
    return identifier.test(name) ? name : quote(name);
  };

  function property(ctx, value, name, level, array) {
    const own = Object.getOwnPropertyDescriptor(value, name) || { value: value[name], enumerable: true };
    let text;
    const extra = array ? 0 : 2;
    if (own.get !== undefined) text = own.set !== undefined ? '[Getter/Setter]' : '[Getter]';
    else if (own.set !== undefined) text = '[Setter]';
    else {
      ctx.indent += extra;
      text = format(ctx, own.value, level);
      ctx.indent -= extra;
    }
    if (array) return text;
    return `${own.enumerable === false ? `[${String(name)}]` : key(name)}: ${text}`;
  }

  function ownKeys(ctx, value) {
    const names = ctx.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
    const symbols = Object.getOwnPropertySymbols(value).filter((s) => Object.prototype.propertyIsEnumerable.call(value, s));
    return names.concat(symbols);
  }

  function functionBase(value, name) {
    const text = Function.prototype.toString.call(value);
    if (text.startsWith('class')) {
      const parent = Object.getPrototypeOf(value);
      const from = parent && parent.name ? ` extends ${parent.name}` : '';
      return `[class ${value.name || '(anonymous)'}${from}]`;
    }
    const kind = name === 'AsyncFunction' || name === 'GeneratorFunction' || name === 'AsyncGeneratorFunction' ? name : 'Function';
    return value.name === '' ? `[${kind} (anonymous)]` : `[${kind}: ${value.name}]`;
  }

  function errorBase(ctx, error, keys) {
    let stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : `[${Error.prototype.toString.call(error)}]`;
    if (!stack.includes('\n    at')) {
      const first = stack.split('\n')[0];
      if (!first.startsWith('[')) stack = error.place === undefined ? `[${stack}]` : stack;
    }
    for (const hidden of ['name', 'message', 'stack']) {
      const index = keys.indexOf(hidden);
      if (index >= 0 && stack.includes(String(error[hidden]))) keys.splice(index, 1);
    }
    if (error.cause !== undefined && !keys.includes('cause')) keys.push('cause');
    if (ctx.indent > 0) stack = stack.replace(/\n/g, `\n${' '.repeat(ctx.indent)}`);
    return stack;
  }

  // What kind of thing it is: its braces, its base text, and how its own entries are made.
  function shape(ctx, value, name, keys, level) {
    if (Array.isArray(value)) {
      keys = keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k));
      const label = name === 'Array' ? '' : prefix(name, 'Array', `(${value.length})`);
      return { keys, open: `${label}[`, close: ']', array: true, entries: () => arrayEntries(ctx, value, level) };
    }
    if (value instanceof Set) {
      return { keys, open: `${prefix(name, 'Set', `(${value.size})`)}{`, close: '}', entries: () => within(ctx, 2, () => [...value].map((v) => format(ctx, v, level))) };
    }
    if (value instanceof Map) {
      return { keys, open: `${prefix(name, 'Map', `(${value.size})`)}{`, close: '}',
        entries: () => within(ctx, 2, () => [...value].map(([k, v]) => `${format(ctx, k, level)} => ${format(ctx, v, level)}`)) };
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      keys = keys.filter((k) => typeof k === 'symbol' || !/^\d+$/.test(k));
      return { keys, open: `${prefix(name, 'TypedArray', `(${value.length})`)}[`, close: ']', array: true,
        entries: () => arrayEntries(ctx, Array.from(value.subarray(0, MAX_ARRAY + 1)), level, value.length) };
    }
    const plain = { keys, open: '{', close: '}', entries: () => [] };
    if (typeof value === 'function') return { ...plain, base: functionBase(value, name) };
    if (value instanceof Error) return { ...plain, base: errorBase(ctx, value, keys) };
    if (value instanceof RegExp) return { ...plain, base: RegExp.prototype.toString.call(value) };
    if (value instanceof Date) return { ...plain, base: isNaN(value) ? 'Invalid Date' : value.toISOString() };
    if (value instanceof Promise) return { ...plain, open: `${name} {`, entries: () => ['<pending>'] };
    if (value instanceof WeakMap || value instanceof WeakSet) return { ...plain, open: `${name} {`, entries: () => ['<items unknown>'] };
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      const kind = constructorName(value);
      return { ...plain, keys: keys.filter((k) => !/^\d+$/.test(String(k))), base: `[${kind}: ${primitive(value.valueOf(), ctx, true)}]` };
    }
    if (Object.prototype.toString.call(value) === '[object Arguments]') {
      return { keys: [], open: '[Arguments] [', close: ']', array: true, entries: () => arrayEntries(ctx, Array.from(value), level) };
    }
    const tag = value[Symbol.toStringTag];
    const label = typeof tag === 'string' && tag !== '' && tag !== name ? `[${tag}] ` : '';
    const open = name === 'Object' ? `${label}{` : `${prefix(name, 'Object', '')}${label}{`;
    return { ...plain, open };
  }

  function within(ctx, extra, make) {
    ctx.indent += extra;
    const out = make();
    ctx.indent -= extra;
    return out;
  }

  function arrayEntries(ctx, value, level, total = value.length) {
    const out = [];
    const shown = Math.min(MAX_ARRAY, value.length);
    for (let i = 0; i < shown; i++) {
      if (i in value) {
        out.push(within(ctx, 2, () => format(ctx, value[i], level)));
      } else {
        let gap = i;
        while (gap < value.length && !(gap in value)) gap++;
        out.push(`<${gap - i} empty item${gap - i > 1 ? 's' : ''}>`);
        i = gap - 1;
      }
    }
    if (total > shown) out.push(`... ${total - shown} more item${total - shown > 1 ? 's' : ''}`);
    return out;
  }

  function format(ctx, value, level, top) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value, ctx, top);
    if (value[custom] && typeof value[custom] === 'function' && value[custom] !== inspect) {
      const made = value[custom](ctx.depth - level, { depth: ctx.depth - level }, inspect);
      return typeof made === 'string' ? made.replace(/\n/g, `\n${' '.repeat(ctx.indent)}`) : format(ctx, made, level);
    }
    if (ctx.seen.includes(value)) {
      if (!ctx.circular.has(value)) ctx.circular.set(value, ctx.circular.size + 1);
      return `[Circular *${ctx.circular.get(value)}]`;
    }
    return object(ctx, value, level);
  }

  function object(ctx, value, level) {
    const name = constructorName(value);
    const kind = shape(ctx, value, name, ownKeys(ctx, value), level + 1);
    const empty = kind.keys.length === 0;
    if (kind.base !== undefined && empty) return kind.base;
    if (level > ctx.depth) return Array.isArray(value) ? '[Array]' : `[${name === null ? 'Object: null prototype' : name}]`;
    ctx.seen.push(value);
    ctx.current = level;
    let output = kind.entries();
    for (const k of kind.keys.slice(0, MAX_KEYS)) output.push(property(ctx, value, k, level + 1, false));
    ctx.seen.pop();
    let base = kind.base || '';
    if (ctx.circular.has(value)) {
      const mark = `<ref *${ctx.circular.get(value)}>`;
      if (base !== '') base = `${mark} ${base}`;
      else kind.open = `${mark} ${kind.open}`;
    }
    if (output.length === 0) return `${base ? base + ' ' : ''}${kind.open}${kind.close}`;
    return lay(ctx, output, base, kind, level, value);
  }

  function lay(ctx, output, base, kind, level, value) {
    const count = output.length;
    if (kind.array && count > 6) output = columns(ctx, output, value);
    if (ctx.current - level < INNER && count === output.length) {
      const start = output.length + ctx.indent + kind.open.length + base.length + 10;
      const length = output.reduce((sum, piece) => sum + piece.length, output.length + start);
      if (length <= WIDTH && !output.some((piece) => piece.includes('\n')) && !base.includes('\n'))
        return `${base ? base + ' ' : ''}${kind.open} ${output.join(', ')} ${kind.close}`;
    }
    const margin = `\n${' '.repeat(ctx.indent)}`;
    return `${base ? base + ' ' : ''}${kind.open}${margin}  ${output.join(`,${margin}  `)}${margin}${kind.close}`;
  }

  // Long arrays of short entries stand in columns.
  function columns(ctx, output, value) {
    const more = value.length > MAX_ARRAY ? output.pop() : undefined;
    const lengths = output.map((piece) => piece.length);
    const longest = Math.max(...lengths) + 2;
    const total = lengths.reduce((sum, n) => sum + n + 2, 0);
    const back = more === undefined ? output : [...output, more];
    if (!(longest * 3 + ctx.indent < WIDTH && (total / longest > 5 || longest <= 8))) return back;
    const bias = Math.max(longest - 3 - Math.sqrt(longest - total / back.length), 1);
    const wide = Math.min(Math.round(Math.sqrt(2.5 * bias * output.length) / bias), Math.floor((WIDTH - ctx.indent) / longest), INNER * 4, 15);
    if (wide <= 1) return back;
    const widths = [];
    for (let c = 0; c < wide; c++) {
      let most = 0;
      for (let i = c; i < output.length; i += wide) most = Math.max(most, lengths[i]);
      widths.push(most + 2);
    }
    const right = Array.prototype.every.call(value, (v) => typeof v === 'number' || typeof v === 'bigint');
    const lines = [];
    for (let row = 0; row < output.length; row += wide) {
      const cells = output.slice(row, row + wide).map((piece, c, all) => {
        const last = c === all.length - 1;
        if (right) return last ? piece.padStart(widths[c] - 2) : `${piece}, `.padStart(widths[c]);
        return last ? piece : `${piece}, `.padEnd(widths[c]);
      });
      lines.push(cells.join(''));
    }
    if (more !== undefined) lines.push(more);
    return lines;
  }

  function inspect(value, options) {
    const given = typeof options === 'object' && options !== null ? options : {};
    const depth = given.depth === undefined ? 2 : given.depth === null ? Infinity : given.depth;
    const ctx = { depth, showHidden: !!given.showHidden, indent: 0, current: 0, seen: [], circular: new Map() };
    return format(ctx, value, 0, true);
  }
  inspect.custom = custom;
  inspect.defaultOptions = {};

  const shown = (value) => (typeof value === 'string' ? value : inspect(value));

  function formatText(first, ...rest) {
    if (typeof first !== 'string') return [first, ...rest].map(shown).join(' ');
    let index = 0;
    const text = rest.length === 0 ? first : first.replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === '%%') return '%';
      if (index >= rest.length) return mark;
      const value = rest[index++];
      switch (mark) {
        case '%s':
          if (typeof value === 'number') return number(value);
          if (typeof value === 'bigint') return `${value}n`;
          if (typeof value === 'object' && value !== null && !(value instanceof Error) && !Object.prototype.hasOwnProperty.call(value, 'toString'))
            return inspect(value, { depth: 0 });
          return String(value);
        case '%d':
          return typeof value === 'object' ? 'NaN' : typeof value === 'bigint' ? `${value}n` : number(Number(value));
        case '%i':
          return typeof value === 'object' ? 'NaN' : number(parseInt(value, 10));
        case '%f':
          return number(parseFloat(value));
        case '%j':
          try {
            return JSON.stringify(value);
          } catch (error) {
            return '[Circular]';
          }
        case '%o':
          return inspect(value, { depth: 4, showHidden: true });
        case '%O':
          return inspect(value);
        default:
          return '';
      }
    });
    return [text, ...rest.slice(index).map(shown)].join(' ');
  }

  function received(value) {
    if (value === undefined || value === null) return `Received ${value}`;
    if (typeof value === 'function') return `Received function ${value.name}`;
    if (typeof value === 'object') {
      const name = value.constructor && value.constructor.name;
      return name ? `Received an instance of ${name}` : `Received ${inspect(value, { depth: -1 })}`;
    }
    let text = inspect(value);
    if (text.length > 28) text = `${text.slice(0, 25)}...`;
    return `Received type ${typeof value} (${text})`;
  }

  function makeConsole(process) {
    let indent = '';
    const counts = Object.create(null);
    const marks = Object.create(null);
    const put = (stream, args) => {
      let text = formatText(...args);
      if (indent !== '') text = indent + text.replace(/\n/g, `\n${indent}`);
      stream.write(`${text}\n`);
    };
    const out = (...args) => put(process.stdout, args.length === 0 ? [''] : args);
    const err = (...args) => put(process.stderr, args.length === 0 ? [''] : args);
    const spent = (label) => {
      const ms = host.now() - marks[label];
      return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${ms.toFixed(3)}ms`;
    };
    return {
      log: out,
      info: out,
      debug: out,
      error: err,
      warn: err,
      trace(...args) {
        const lines = builtin('internal/errors').here();
        err(`Trace${args.length > 0 ? ': ' + formatText(...args) : ''}\n${lines.map((l) => `    at ${l}`).join('\n')}`);
      },
      dir: (value, options) => out(inspect(value, options)),
      table: (rows) => out(table(rows)),
      group(...args) {
        if (args.length > 0) out(...args);
        indent += '  ';
      },
      groupEnd() {
        indent = indent.slice(2);
      },
      assert(truth, ...args) {
        if (!truth) err(...(args.length > 0 ? [`Assertion failed: ${args[0]}`, ...args.slice(1)] : ['Assertion failed']));
      },
      count(label = 'default') {
        counts[label] = (counts[label] || 0) + 1;
        out(`${label}: ${counts[label]}`);
      },
      countReset(label = 'default') {
        counts[label] = 0;
      },
      time(label = 'default') {
        marks[label] = host.now();
      },
      timeEnd(label = 'default') {
        if (marks[label] !== undefined) out(`${label}: ${spent(label)}`);
        delete marks[label];
      },
      timeLog(label = 'default', ...args) {
        if (marks[label] !== undefined) out(`${label}: ${spent(label)}`, ...args);
      },
      clear() {},
    };
  }

  // console.table's box.
  function table(rows) {
    if (typeof rows !== 'object' || rows === null) return shown(rows);
    const heads = [];
    let values = false;
    for (const row of Object.values(rows)) {
      if (typeof row === 'object' && row !== null) for (const k of Object.keys(row)) heads.includes(k) || heads.push(k);
      else values = true;
    }
    const lines = [['(index)', ...heads, ...(values ? ['Values'] : [])]];
    for (const [index, row] of Object.entries(rows)) {
      const cells = heads.map((h) => (typeof row === 'object' && row !== null && h in row ? inspect(row[h], { depth: 0 }) : ''));
      lines.push([index, ...cells, ...(values ? [typeof row === 'object' && row !== null ? '' : inspect(row)] : [])]);
    }
    const widths = lines[0].map((_, c) => Math.max(...lines.map((l) => l[c].length)) + 2);
    const rule = (left, mid, right) => left + widths.map((w) => '─'.repeat(w)).join(mid) + right;
    const draw = (cells) => '│' + cells.map((cell, c) => ` ${cell}`.padEnd(widths[c])).join('│') + '│';
    return [rule('┌', '┬', '┐'), draw(lines[0]), rule('├', '┼', '┤'), ...lines.slice(1).map(draw), rule('└', '┴', '┘')].join('\n');
  }

  module.exports = { inspect, custom, format: formatText, received, console: makeConsole, quote };
})
