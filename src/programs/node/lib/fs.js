// fs on the host's virtual files. Every call is synchronous underneath.
(function (host, builtin, module) {
  'use strict';
  const errors = builtin('internal/errors');
  const { Buffer } = builtin('buffer');
  const path = builtin('path');
  const { Readable, Writable } = builtin('stream');
  const full = (name) => {
    if (typeof name !== 'string' && !(name instanceof Uint8Array) && !(name && name.href)) {
      const { received } = builtin('internal/inspect');
      throw errors.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "path" argument must be of type string or an instance of Buffer or URL. ${received(name)}`);
    }
    return path.resolve(name.href ? name.pathname : String(name));
  };
  const raise = (code, syscall, name, dest) => {
    if (code === 'EISDIR' && syscall === 'open') throw errors.failed('EISDIR', 'read');
    throw errors.failed(code, syscall, {}, String(name), dest);
  };
  const encodingOf = (options) => (typeof options === 'string' ? options : options && options.encoding);

  class Stats {
    constructor(stat) {
      Object.assign(this, { dev: 2049, mode: (stat.directory ? 0o40000 : stat.symlink ? 0o120000 : 0o100000) | stat.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096, ino: 0,
        size: stat.size, blocks: Math.ceil(stat.size / 4096) * 8, atimeMs: stat.mtimeMs, mtimeMs: stat.mtimeMs, ctimeMs: stat.mtimeMs, birthtimeMs: stat.mtimeMs,
        atime: new Date(stat.mtimeMs), mtime: new Date(stat.mtimeMs), ctime: new Date(stat.mtimeMs), birthtime: new Date(stat.mtimeMs) });
      Object.defineProperty(this, 'kind', { value: stat });
    }
    isDirectory() {
      return this.kind.directory;
    }
    isFile() {
      return !this.kind.directory && !this.kind.symlink;
    }
    isSymbolicLink() {
      return this.kind.symlink;
    }
  }

  const sync = {
    readFile(name, options) {
      const bytes = name === 0 ? new Uint8Array(0) : host.readFile(full(name));
      if (typeof bytes === 'string') raise(bytes, 'open', name);
      const encoding = encodingOf(options);
      return encoding ? Buffer.from(bytes).toString(encoding) : Buffer.from(bytes);
    },
    writeFile(name, data, options) {
      const bytes = data instanceof Uint8Array ? data : Buffer.from(String(data), encodingOf(options) || 'utf8');
      const append = !!(options && options.flag && options.flag.startsWith('a'));
      const failed = host.writeFile(full(name), bytes, append);
      if (failed) raise(failed, 'open', name);
    },
    appendFile(name, data) {
      sync.writeFile(name, data, { flag: 'a' });
    },
    stat(name, options) {
      const stat = host.stat(full(name), true);
      if (typeof stat === 'string') {
        if (options && options.throwIfNoEntry === false) return undefined;
        raise(stat, 'stat', name);
      }
      return new Stats(stat);
    },
    lstat(name) {
      const stat = host.stat(full(name), false);
      if (typeof stat === 'string') raise(stat, 'lstat', name);
      return new Stats(stat);
    },
    access(name) {
      const stat = host.stat(full(name), true);
      if (typeof stat === 'string') raise(stat, 'access', name);
    },
    readdir(name, options) {
      const names = host.list(full(name));
      if (typeof names === 'string') raise(names, 'scandir', name);
      if (!(options && options.withFileTypes)) return names;
      return names.map((entry) => {
        const stat = new Stats(host.stat(path.join(full(name), entry), false));
        return { name: entry, path: String(name), isDirectory: () => stat.isDirectory(), isFile: () => stat.isFile(), isSymbolicLink: () => stat.isSymbolicLink() };
      });
    },
    mkdir(name, options) {
      const parents = !!(options && options.recursive);
      const failed = host.mkdir(full(name), parents);
      if (failed && !(parents && failed === 'EEXIST')) raise(failed, 'mkdir', name);
    },
    unlink(name) {
      const failed = host.remove(full(name), false);
      if (failed) raise(failed, 'unlink', name);
    },
    rmdir(name) {
      const failed = host.remove(full(name), true);
      if (failed) raise(failed, 'rmdir', name);
    },
    rm(name, options = {}) {
      const stat = host.stat(full(name), false);
      if (typeof stat === 'string') {
        if (options.force) return;
        raise(stat, 'rm', name);
      }
      if (stat.directory) {
        if (!options.recursive) throw errors.coded(Error, 'ERR_FS_EISDIR', `Path is a directory: rm returned EISDIR (is a directory) ${name}`);
        for (const entry of host.list(full(name))) sync.rm(path.join(full(name), entry), options);
        sync.rmdir(name);
      } else {
        sync.unlink(name);
      }
    },
    rename(from, to) {
      const failed = host.rename(full(from), full(to));
      if (failed) raise(failed, 'rename', from, String(to));
    },
    copyFile(from, to) {
      const bytes = host.readFile(full(from));
      if (typeof bytes === 'string') raise(bytes, 'copyfile', from, String(to));
      sync.writeFile(to, bytes);
    },
    realpath: (name) => host.realPath(full(name)),
    chmod() {},
    utimes() {},
  };

  const promises = {};
  module.exports = { promises, Stats, constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 } };
  for (const [name, work] of Object.entries(sync)) {
    module.exports[`${name}Sync`] = (...args) => work(...args);
    Object.defineProperty(module.exports[`${name}Sync`], 'name', { value: `${name}Sync` });
    promises[name] = (...args) => new Promise((resolve) => resolve(work(...args)));
    module.exports[name] = (...args) => {
      const done = args.pop();
      if (typeof done !== 'function') {
        const { received } = builtin('internal/inspect');
        throw errors.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "cb" argument must be of type function. ${received(done)}`);
      }
      let result;
      try {
        result = work(...args);
      } catch (error) {
        if (error.syscall === undefined) throw error;
        setImmediate(() => done(error));
        return;
      }
      setImmediate(() => done(null, result));
    };
  }
  module.exports.existsSync = (name) => typeof name === 'string' && typeof host.stat(full(name), true) === 'object';
  module.exports.exists = (name, done) => setImmediate(() => done(module.exports.existsSync(name)));
  module.exports.watch = module.exports.watchFile = () => ({ close() {}, on() {} });
  module.exports.createReadStream = (name, options) => {
    const out = new Readable();
    if (encodingOf(options)) out.setEncoding(encodingOf(options));
    setImmediate(() => {
      try {
        const bytes = sync.readFile(name);
        out.emit('open', 3);
        out.push(bytes);
        out.push(null);
      } catch (error) {
        out.emit('error', error);
      }
    });
    return out;
  };
  module.exports.createWriteStream = (name, options) => {
    const append = options && String(options.flags || '').startsWith('a');
    if (!append) sync.writeFile(name, '');
    return new Writable({ write: (chunk, encoding, done) => (sync.appendFile(name, chunk), done()) });
  };
})
