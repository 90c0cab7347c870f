// require: how names become files or built-in modules, and how the main program starts.
(function (host, builtin, module) {
  'use strict';
  const errors = builtin('internal/errors');
  const path = builtin('path');
  const state = host.state;
  const setup = host.setup;
  const modules = Object.create(null);
  state.shift = Object.create(null);
  const HEAD = `(function ${errors.WRAPPER}(exports, require, module, __filename, __dirname, __default) {\n`;
  const ASYNC_HEAD = `(async function ${errors.WRAPPER}(exports, require, module, __filename, __dirname, __default) {\n`;
  const ELSEWHERE = ['child_process', 'cluster', 'dgram', 'dns', 'http2', 'inspector', 'module', 'net', 'perf_hooks', 'repl', 'tls', 'tty', 'v8', 'vm', 'worker_threads', 'zlib', 'async_hooks', 'diagnostics_channel'];

  const isFile = (name) => {
    const stat = host.stat(name, true);
    return typeof stat === 'object' && !stat.directory;
  };
  const isDirectory = (name) => {
    const stat = host.stat(name, true);
    return typeof stat === 'object' && stat.directory;
  };

  function asFile(name) {
    if (isFile(name)) return name;
    for (const ending of ['.js', '.json', '.mjs', '.cjs']) if (isFile(name + ending)) return name + ending;
    return undefined;
  }

  function asDirectory(name) {
    if (!isDirectory(name)) return undefined;
    const manifest = path.join(name, 'package.json');
    if (isFile(manifest)) {
      const main = JSON.parse(readText(manifest)).main;
      const found = main && (asFile(path.join(name, main)) || asFile(path.join(name, main, 'index')));
      if (found) return found;
    }
    return asFile(path.join(name, 'index'));
  }

  const readText = (name) => {
    const bytes = host.readFile(name);
    if (typeof bytes === 'string') throw errors.failed(bytes, 'open', {}, name);
    return host.decode(bytes).replace(/^\uFEFF/, '');
  };

  function resolve(name, from) {
    if (name.startsWith('./') || name.startsWith('../') || name === '.' || name === '..' || name.startsWith('/')) {
      const full = path.resolve(from, name);
      return asFile(full) || asDirectory(full);
    }
    for (let at = from; ; at = path.dirname(at)) {
      const full = path.join(at, 'node_modules', name);
      const found = asFile(full) || asDirectory(full);
      if (found || at === '/') return found;
    }
  }

  function missing(name, chain) {
    const list = chain.length > 0 ? `\nRequire stack:\n${chain.map((f) => `- ${f}`).join('\n')}` : '';
    const error = new Error(`Cannot find module '${name}'${errors.legacy ? '' : list}`);
    error.code = 'MODULE_NOT_FOUND';
    if (!errors.legacy) error.requireStack = chain;
    const own = errors.here();
    const f = errors.frames;
    const above = chain.length > 0 ? [...f.missing, ...f.required.slice(-2), ...own] : [...f.missing, ...f.main.slice(errors.legacy ? 5 : -2)];
    errors.setFrames(error, above);
    return errors.hidePlace(error, `${f.missingAt}\n`);
  }

  function requireFor(owner) {
    const require = function require(name) {
      if (typeof name !== 'string') {
        const { received } = builtin('internal/inspect');
        throw errors.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "id" argument must be of type string. ${received(name)}`);
      }
      const plain = name.startsWith('node:') ? name.slice(5) : name;
      const known = library(plain);
      if (known !== undefined) return known;
      const found = name.startsWith('node:') ? undefined : resolve(name, path.dirname(owner.filename));
      if (!found) {
        const chain = [];
        for (let m = owner; m; m = m.parent) chain.push(m.filename);
        throw missing(name, chain);
      }
      return load(found, owner).exports;
    };
    require.resolve = (name) => (library(name) === undefined ? resolve(name, path.dirname(owner.filename)) : name);
    require.cache = modules;
    require.main = state.main;
    return require;
  }

  function library(name) {
    if (name === 'process') return process;
    if (name === 'console') return console;
    if (name === 'timers') return builtin('internal/timers');
    if (name === 'timers/promises') {
      const { setTimeout } = builtin('internal/timers');
      return { setTimeout: (ms, value) => new Promise((done) => setTimeout(done, ms, value)), setImmediate: (value) => Promise.resolve(value) };
    }
    if (name === 'fs/promises') return builtin('fs').promises;
    if (name === 'path/posix') return builtin('path');
    if (name === 'perf_hooks') return { performance };
    if (name === 'stream/promises') return {};
    if (name === 'string_decoder') return { StringDecoder: class { write(b) { return host.decode(b); } end() { return ''; } } };
    if (name.startsWith('internal/')) return undefined;
    if (ELSEWHERE.includes(name)) {
      return new Proxy({}, {
        get(target, what) {
          if (typeof what === 'symbol' || what === 'default' || what === 'then') return undefined;
          throw new Error(`KubeJam does not imitate node's '${name}' module (${what})`);
        },
      });
    }
    return builtin(name);
  }

  class Module {
    constructor(filename, parent) {
      this.id = parent ? filename : '.';
      this.path = path.dirname(filename);
      this.exports = {};
      this.filename = filename;
      this.loaded = false;
      this.children = [];
      this.paths = [];
      Object.defineProperty(this, 'parent', { value: parent, enumerable: false });
    }
  }

  function load(filename, parent) {
    if (modules[filename]) return modules[filename];
    const made = new Module(filename, parent);
    modules[filename] = made;
    if (!parent) state.main = made;
    try {
      const text = readText(filename);
      if (filename.endsWith('.json')) made.exports = json(text, filename);
      else run(text, made);
    } catch (error) {
      delete modules[filename];
      throw error;
    }
    made.loaded = true;
    return made;
  }

  function json(text, filename) {
    try {
      return JSON.parse(text);
    } catch (error) {
      error.message = `${filename}: ${error.message}`;
      throw error;
    }
  }

  const interop = (value) => (value && value.default !== undefined && value.__module ? value.default : value);

  function isModule(filename, text) {
    if (filename.endsWith('.mjs')) return true;
    if (filename.endsWith('.cjs')) return false;
    // `[stdin]` is no path: it belongs to the working directory.
    for (let at = path.dirname(path.resolve(filename)); ; at = path.dirname(at)) {
      const manifest = path.join(at, 'package.json');
      if (isFile(manifest)) {
        const type = json(readText(manifest), manifest).type;
        if (type !== undefined) return type === 'module';
        break;
      }
      if (at === '/') break;
    }
    // Since 22 a file with import statements is a module even if nothing says so.
    return parseInt(setup.version, 10) >= 22 && host.looksLikeModule(text);
  }

  function run(text, made) {
    const filename = made.filename;
    const code = text.replace(/^#![^\n]*/, '');
    const asModule = isModule(filename, code);
    state.sources[filename] = code;
    const head = asModule ? ASYNC_HEAD : HEAD;
    // The wrapper takes a line of its own: the engine's columns on a text's first line are not reliable.
    state.shift[filename] = 1;
    if (!asModule && host.looksLikeModule(code) && /^\s*import\b/m.test(code)) {
      if (!errors.legacy) errors.warn('Warning: To load an ES module, set "type": "module" in the package.json or use the .mjs extension.\n(Use `node --trace-warnings ...` to show where the warning was created)');
      throw importOutside(filename, code);
    }
    const body = asModule ? host.esm(code) : code;
    const compiled = compile(head, body, filename, errors.frames.syntax.concat(errors.frames.main.slice(1)));
    if (asModule) made.exports.__module = true;
    Object.defineProperty(made.exports, '__module', { enumerable: false, value: asModule, configurable: true });
    const result = compiled.call(made.exports, made.exports, requireFor(made), made, filename, path.dirname(filename), interop);
    if (asModule && result && result.catch) result.catch((error) => host.uncaught(error, 'uncaughtException'));
  }

  function importOutside(filename, code) {
    const lines = code.split('\n');
    const index = Math.max(0, lines.findIndex((l) => /^\s*import\b/.test(l)));
    const error = new SyntaxError('Cannot use import statement outside a module');
    errors.setFrames(error, errors.frames.syntax.concat(errors.frames.main.slice(1)));
    return errors.hidePlace(error, `${filename}:${index + 1}\n${lines[index]}\n^^^^^^\n`);
  }

  function compile(head, body, filename, tail) {
    try {
      return host.compile(`${head}${body}\n})`, filename);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw errors.syntax(error, filename, body, tail);
    }
  }

  function evaluate(text, print) {
    state.sources['[eval]'] = text;
    const owner = new Module(path.join(setup.cwd, '[eval]'), undefined);
    Object.assign(globalThis, { require: requireFor(owner), module: owner, exports: owner.exports, __filename: '[eval]', __dirname: '.' });
    for (const name of ['http', 'os', 'fs', 'path', 'util', 'url', 'events', 'crypto', 'assert', 'querystring'])
      Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, get: () => library(name), set(v) { Object.defineProperty(globalThis, name, { value: v, writable: true, configurable: true }); } });
    const result = script(text, '[eval]');
    if (print) console.log(result);
  }

  function script(text, name) {
    try {
      return host.compile(text, name);
    } catch (error) {
      if (!(error instanceof SyntaxError) || (errors.places.get(error) || []).length > 1) throw error;
      throw errors.syntax(error, name, text, ['makeContextifyScript (node:internal/vm:185:14)', ...errors.frames.eval.slice(1)]);
    }
  }

  function start(how) {
    if (how.from === 'eval') return evaluate(how.text, how.print);
    if (how.from === 'repl') {
      evaluate('undefined', false);
      return undefined;
    }
    if (how.from === 'stdin') {
      const made = new Module(path.join(setup.cwd, '[stdin]'), undefined);
      made.filename = '[stdin]';
      return run(how.text, made);
    }
    const full = path.resolve(setup.cwd, how.path);
    const found = asFile(full) || asDirectory(full);
    if (!found) throw missing(full, []);
    const real = host.realPath(found);
    setup.argv[1] = real;
    load(real, undefined);
    return undefined;
  }

  // One line of the interactive prompt: its value, or its error, is printed.
  function repl(line) {
    const { inspect } = builtin('internal/inspect');
    try {
      const text = /^\s*\{.*\}\s*$/.test(line) ? `(${line})` : line;
      const value = host.compile(text, 'REPL1');
      globalThis._ = value;
      host.write(1, `${inspect(value)}\n`);
    } catch (error) {
      if (error instanceof SyntaxError && (errors.places.get(error) || []).length <= 1) {
        const at = (errors.places.get(error) || [{ line: 1, column: 1 }])[0];
        const found = JSON.parse(host.diagnose(line, at.line, at.column, String(error.message)));
        host.write(1, `Uncaught SyntaxError: ${found.message}\n`);
      } else {
        const shown = error instanceof Error ? String(error.stack).split('\n')[0] : inspect(error);
        host.write(1, `Uncaught ${error instanceof Error && errors.places.get(error) === undefined ? String(error) : shown}\n`);
      }
    }
  }

  module.exports = { start, repl };
})
