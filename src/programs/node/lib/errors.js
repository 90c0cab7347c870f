// Errors as V8 and node word and print them. The engine's own wording is translated where an error is made.
(function (host, builtin, module) {
  'use strict';
  const state = host.state;
  const legacy = parseInt(host.setup.version, 10) < 12;
  const frames = host.frames(host.setup.version);
  const WRAPPER = '__module__';
  const LIMIT = 10;
  Error.stackTraceLimit = 40;

  // The expression that ends at or starts at the position, such as `foo.bar`, as V8 names a callee.
  function calleeAt(file, line, column) {
    const text = (state.sources[file] || '').split('\n')[line - 1];
    if (text === undefined) return undefined;
    let start = column - 1;
    while (start > 0 && /[\w$.]/.test(text[start - 1])) start--;
    let end = column - 1;
    if (text[end] === '.') end++;
    while (end < text.length && /[\w$]/.test(text[end])) end++;
    // `a.b.c(` : the position may be the start of the chain; go on to the call.
    const rest = /^(?:\.[\w$]+)*(?=\s*\()/.exec(text.slice(end));
    if (rest) end += rest[0].length;
    const name = text.slice(start, end).replace(/^\.+/, '').replace(/^new\s+/, '');
    return name === '' ? undefined : name;
  }

  const rules = [
    [/^cannot read property '(.*)' of (undefined|null)$/, (m) =>
      legacy ? `Cannot read property '${m[1]}' of ${m[2]}` : `Cannot read properties of ${m[2]} (reading '${m[1]}')`],
    [/^cannot set property '(.*)' of (undefined|null)$/, (m) =>
      legacy ? `Cannot set property '${m[1]}' of ${m[2]}` : `Cannot set properties of ${m[2]} (setting '${m[1]}')`],
    [/^not a function$/, (m, at) => `${(at && calleeAt(at.file, at.line, at.column)) || 'value'} is not a function`],
    [/^not a constructor$/, (m, at) => `${(at && calleeAt(at.file, at.line, at.column)) || 'value'} is not a constructor`],
    [/^'(.*)' is read-only$/, () => 'Assignment to constant variable.'],
    [/^(.*) is not initialized$/, (m) => (legacy ? `${m[1]} is not defined` : `Cannot access '${m[1]}' before initialization`)],
    [/^value is not iterable$/, () => 'object is not iterable (cannot read property Symbol(Symbol.iterator))'],
    [/^invalid array length$/, () => 'Invalid array length'],
    [/^(invalid string length|string too long)$/, () => 'Invalid string length'],
    [/^invalid repeat count$/, () => 'Invalid count value: -1'],
    [/^circular reference$/, () => "Converting circular structure to JSON\n    --> starting at object with constructor 'Object'\n    --- property 'self' closes the circle"],
    [/^class constructors must be invoked with 'new'$/, () => "Class constructor cannot be invoked without 'new'"],
    [/^cannot convert to object$/, () => 'Cannot convert undefined or null to object'],
    [/^Cannot assign to read only property$/, () => 'Cannot assign to read only property of object'],
    [/^object is not extensible$/, () => 'Cannot add property, object is not extensible'],
    [/^invalid 'in' operand$/, () => "Cannot use 'in' operator to search for a key in a primitive"],
    [/^invalid 'instanceof' right operand$/, () => "Right-hand side of 'instanceof' is not callable"],
    [/^BigInt are forbidden in JSON.stringify$/, () => 'Do not know how to serialize a BigInt'],
  ];

  function translate(message, at) {
    for (const [pattern, words] of rules) {
      const match = pattern.exec(message);
      if (match) return words(match, at);
    }
    return message;
  }

  function jsonMessage(message, text) {
    if (text.trim() === '' || /end of JSON/.test(message)) return 'Unexpected end of JSON input';
    const token = /'(.)'/.exec(message);
    const shown = token ? token[1] : text.trim()[0];
    if (legacy) return `Unexpected token ${shown} in JSON at position ${Math.max(0, text.indexOf(shown))}`;
    const excerpt = text.length <= 40 ? `"${text}"` : `"${text.slice(0, 20)}"...`;
    return `Unexpected token '${shown}', ${excerpt} is not valid JSON`;
  }

  // The script's own frames, without those of this library.
  function ownFrames(sites) {
    const out = [];
    for (const site of sites) {
      const file = site.getFileName();
      if (!file || file.startsWith('node:') || !(site.getLineNumber() > 0)) continue;
      const line = site.getLineNumber() - ((state.shift && state.shift[file]) || 0);
      if (line < 1) continue;
      let column = site.getColumnNumber();
      // V8 points at `new`, the engine at the class.
      const before = (state.sources[file] || '').split('\n')[line - 1] || '';
      const made = /\bnew\s+$/.exec(before.slice(0, Math.max(0, column - 1)));
      if (made) column -= made[0].length;
      out.push({ name: site.getFunctionName() || '', file, line, column: Math.max(1, column) });
    }
    return out;
  }

  // A call whose argument is a function: the engine points at that function, V8 at the callee.
  function pointAtCallee(message, at) {
    if (message !== 'not a function') return;
    const line = (state.sources[at.file] || '').split('\n')[at.line - 1] || '';
    if (!/^(?:function|async|class|\(|\w+\s*=>)/.test(line.slice(at.column - 1))) return;
    const before = /([\w$]+)\([^()]*$/.exec(line.slice(0, at.column - 1));
    if (before) at.column = before.index + 1;
  }

  // For a property of undefined V8 points at the property, the engine at the object.
  function pointAtProperty(message, at) {
    const match = /^cannot (?:read|set) property '([\w$]+)' of /.exec(message);
    if (!match) return;
    const line = (state.sources[at.file] || '').split('\n')[at.line - 1] || '';
    const found = line.indexOf(`.${match[1]}`, at.column - 1);
    if (found >= 0) at.column = found + 2;
  }

  function stackLines(own) {
    const lines = [];
    let ended = false;
    own.forEach((frame, index) => {
      const place = `${frame.file}:${frame.line}:${frame.column}`;
      const last = index === own.length - 1;
      if (frame.name === WRAPPER) {
        lines.push(frame.file === '[eval]' ? place : `Object.<anonymous> (${place})`);
        if (frame.file === '[eval]') lines.push(...frames.eval);
        else lines.push(...(last ? frames.main : frames.required));
        ended = ended || last;
        return;
      }
      let name = frame.name === '<anonymous>' || frame.name === '<eval>' ? '' : frame.name;
      if (last && state.context === 'request') name = `Server.${name || '<anonymous>'}`;
      if (last && state.context === 'timers') name = name ? `Timeout.${name} [as _onTimeout]` : 'Timeout._onTimeout';
      lines.push(name ? `${name} (${place})` : place);
    });
    if (!ended && own.length > 0) {
      if (state.context === 'request') lines.push(...frames.request);
      if (state.context === 'timers') lines.push(...frames.timer);
    }
    return lines.slice(0, LIMIT);
  }

  const heading = (error) => {
    const name = error.name === undefined ? 'Error' : String(error.name);
    const message = error.message === undefined ? '' : String(error.message);
    const label = error.code && error.labelled ? `${name} [${error.code}]` : name;
    if (message === '') return label;
    return label === '' ? message : `${label}: ${message}`;
  };

  const places = new WeakMap();
  Error.prepareStackTrace = (error, sites) => {
    const own = ownFrames(sites);
    if (own.length > 0 && typeof error.message === 'string') {
      pointAtProperty(error.message, own[0]);
      pointAtCallee(error.message, own[0]);
      const message = translate(error.message, own[0]);
      if (message !== error.message)
        Object.defineProperty(error, 'message', { value: message, writable: true, configurable: true, enumerable: false });
    }
    if (own.length > 0) places.set(error, own);
    return [heading(error), ...stackLines(own).map((line) => `    at ${line}`)].join('\n');
  };

  // An error of node's own with a code, ERR_X.
  function coded(Base, code, message, extra) {
    const error = new Base(message);
    Object.defineProperty(error, 'code', { value: code, enumerable: true, writable: true, configurable: true });
    Object.assign(error, extra);
    const stack = String(error.stack).replace(/^[A-Za-z]+(?=:)/, (name) => `${name} [${code}]`);
    Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
    return error;
  }

  const NUMBERS = { EADDRINUSE: -98, EADDRNOTAVAIL: -99, EACCES: -13, ECONNREFUSED: -111, ENOTFOUND: -3008, ECONNRESET: -104,
    ETIMEDOUT: -110, ENOENT: -2, EISDIR: -21, ENOTDIR: -20, EEXIST: -17, ENOTEMPTY: -39, EPERM: -1, EROFS: -30, ENOSPC: -28, ELOOP: -40, EINVAL: -22 };
  const TEXTS = { EADDRINUSE: 'address already in use', EADDRNOTAVAIL: 'address not available', EACCES: 'permission denied',
    ENOENT: 'no such file or directory', EISDIR: 'illegal operation on a directory', ENOTDIR: 'not a directory',
    EEXIST: 'file already exists', ENOTEMPTY: 'directory not empty', EPERM: 'operation not permitted',
    EROFS: 'read-only file system', ENOSPC: 'no space left on device', ELOOP: 'too many symbolic links encountered', EINVAL: 'invalid argument' };

  // A failed system call, as libuv words it.
  function failed(code, syscall, details, path, dest) {
    let message = `${code}: ${TEXTS[code] || 'unknown error'}, ${syscall}`;
    if (path !== undefined) message += ` '${path}'`;
    if (dest !== undefined) message += ` -> '${dest}'`;
    const error = new Error(message);
    return Object.assign(error, { errno: NUMBERS[code], code, syscall }, path === undefined ? {} : { path }, dest === undefined ? {} : { dest }, details);
  }

  function network(code, syscall, address, port, frameLines) {
    const where = port ? (String(address).includes(':') ? `${address}:${port}` : `${address}:${port}`) : address;
    const text = syscall === 'listen' ? `: ${TEXTS[code] || ''} ` : ' ';
    const error = new Error(`${syscall} ${code}${legacy && syscall === 'listen' ? ' ' : text}${where}`);
    Object.assign(error, { code, errno: legacy ? code : NUMBERS[code], syscall, address, port });
    if (frameLines) setFrames(error, frameLines);
    return error;
  }

  function setFrames(error, lines) {
    const stack = [heading(error), ...lines.slice(0, LIMIT).map((line) => `    at ${line}`)].join('\n');
    Object.defineProperty(error, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
  }

  const here = (skip) => {
    const own = places.get(new Error('')) || [];
    return stackLines(own);
  };

  function excerpt(file, line, column, length) {
    const text = (state.sources[file] || '').split('\n')[line - 1];
    if (text === undefined) return '';
    const under = text.slice(0, column - 1).replace(/[^\t]/g, ' ') + '^'.repeat(length);
    return `${file}:${line}\n${text}\n${under}\n`;
  }

  // Where a thrown value left the script: at the `throw` of the same line, else where the error was made.
  function thrownAt(error) {
    const own = error !== null && typeof error === 'object' ? places.get(error) : undefined;
    if (own && own.length > 0) {
      const { file, line, column } = own[0];
      const text = (state.sources[file] || '').split('\n')[line - 1] || '';
      const before = /^(.*\b)?(throw\s+(?:new\s+[\w$.]+)?)$/.exec(text.slice(0, column - 1).trimEnd() + (/\s$/.test(text.slice(0, column - 1)) ? ' ' : ''));
      const index = text.slice(0, column - 1).lastIndexOf('throw');
      if (index >= 0 && (before || /^throw\s+(new\s+)?$/.test(text.slice(index, column - 1)))) return excerpt(file, line, index + 1, 1);
      return excerpt(file, line, column, 1);
    }
    for (const file of Object.keys(state.sources)) {
      const found = [...state.sources[file].matchAll(/\bthrow\b/g)];
      if (found.length !== 1) continue;
      const before = state.sources[file].slice(0, found[0].index).split('\n');
      return excerpt(file, before.length, before[before.length - 1].length + 1, 1);
    }
    return '';
  }

  function sign() {
    if (frames.signs) host.write(2, `\nNode.js v${host.setup.version}\n`);
  }

  function report(error) {
    const { inspect } = builtin('internal/inspect');
    if (error !== null && typeof error === 'object' && error.place !== undefined) {
      host.write(2, `${error.place}\n${inspect(error)}\n`);
    } else if (error instanceof Error) {
      const place = thrownAt(error);
      host.write(2, `${place}${place || legacy ? '\n' : ''}${inspect(error)}\n`);
    } else {
      const value = typeof error === 'string' ? error : inspect(error);
      const hint = typeof error === 'object' && error !== null ? '' : '\n(Use `node --trace-uncaught ...` to show where the exception was thrown)';
      host.write(2, `${thrownAt(error) ? '\n' + thrownAt(error) : 'Uncaught:\n'}${value}${legacy ? '' : hint}\n`);
    }
    sign();
  }

  function rejection(reason) {
    if (reason instanceof Error) return reason;
    const shown = builtin('internal/inspect').inspect(reason);
    const error = coded(Error, 'ERR_UNHANDLED_REJECTION',
      'This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). ' +
      `The promise rejected with the reason "${shown}".`);
    error.name = 'UnhandledPromiseRejection';
    Object.defineProperty(error, 'name', { enumerable: false });
    setFrames(error, []);
    hidePlace(error, 'node:internal/process/promises:394\n      triggerUncaughtException(err, true /* fromPromise */);\n      ^\n');
    const label = `[UnhandledPromiseRejection: ${error.message}] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}`;
    Object.defineProperty(error, builtin('internal/inspect').custom, { value: () => label });
    return error;
  }

  function hidePlace(error, place) {
    Object.defineProperty(error, 'place', { value: place, enumerable: false });
    return error;
  }

  // An 'error' event without a listener.
  function unhandled(error, emitter, emittedBy) {
    if (!(error instanceof Error)) {
      error = coded(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${builtin('internal/inspect').inspect(error)})`);
    }
    if (emittedBy && frames.emitted.length > 0) {
      const lines = [`Emitted 'error' event on ${emittedBy} instance at:`, ...frames.emitted.map((f) => `    at ${f}`)];
      Object.defineProperty(error, 'stack', { value: `${error.stack}\n${lines.join('\n')}`, writable: true, configurable: true, enumerable: false });
    }
    if (error.place === undefined) hidePlace(error, `${frames.unhandledAt}\n`);
    return error;
  }

  // A text that does not parse: V8's words, place and carets for the engine's complaint.
  function syntax(error, file, text, tail) {
    const own = places.get(error);
    const at = own ? own[0] : { line: 1, column: 1 };
    const found = JSON.parse(host.diagnose(text, at.line, at.column, String(error.message)));
    const out = new SyntaxError(found.message);
    setFrames(out, tail);
    const line = text.split('\n')[found.line - 1] || '';
    const under = line.slice(0, found.start).replace(/[^\t]/g, ' ') + '^'.repeat(found.length);
    return hidePlace(out, `${file}:${found.line}\n${line}\n${under}\n`);
  }

  function warn(text) {
    host.write(2, `(node:${host.setup.pid}) ${text}\n`);
  }

  module.exports = { coded, failed, network, report, rejection, unhandled, syntax, warn, setFrames, here, frames, jsonMessage, hidePlace, legacy, WRAPPER, places };
})
