// process: arguments, environment, standard streams, exit, signals.
(function (host, builtin, module) {
  'use strict';
  const EventEmitter = builtin('events');
  const { Writable, Readable } = builtin('stream');
  const setup = host.setup;
  const state = host.state;
  const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGUSR1: 10, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGCHLD: 17, SIGCONT: 18, SIGSTOP: 19, SIGWINCH: 28 };
  const process = Object.create(EventEmitter.prototype);
  EventEmitter.call(process);

  function stream(fd, tty) {
    const out = new Writable();
    out.fd = fd;
    out.isTTY = tty || undefined;
    if (tty) {
      out.columns = setup.columns;
      out.rows = 24;
    }
    out.write = function (chunk, encoding, done) {
      if (typeof encoding === 'function') done = encoding;
      if (typeof chunk === 'string') host.write(fd, chunk);
      else if (chunk instanceof Uint8Array) host.writeBytes(fd, chunk);
      else {
        const { coded } = builtin('internal/errors');
        const { received } = builtin('internal/inspect');
        throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
          `The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. ${received(chunk)}`);
      }
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    out.end = function (chunk) {
      if (chunk !== undefined) out.write(chunk);
      return out;
    };
    return out;
  }

  const stdin = new Readable();
  stdin.fd = 0;
  stdin.isTTY = setup.stdinTty || undefined;
  stdin.active = false;
  stdin.wake = () => {
    if (state.stdin === null) {
      state.stdin = stdin;
      stdin.active = true;
      host.ask(JSON.stringify({ op: 'read-stdin' }));
    }
  };
  stdin.receive = (body) => stdin.push(builtin('buffer').Buffer.from(body));
  stdin.finish = () => {
    stdin.active = false;
    stdin.push(null);
  };
  stdin.setRawMode = () => stdin;
  stdin.ref = stdin.unref = () => stdin;

  const major = parseInt(setup.version, 10);
  Object.assign(process, {
    title: 'node',
    version: `v${setup.version}`,
    versions: { node: setup.version, v8: major < 12 ? '5.1.281.88' : major < 22 ? '11.3.244.8-node.33' : '12.4.254.21-node.33', uv: '1.51.0', zlib: '1.3.1', modules: major < 12 ? '48' : '127' },
    arch: 'x64',
    platform: 'linux',
    release: { name: 'node', lts: major < 12 ? 'Boron' : 'Jod' },
    argv: setup.argv,
    execArgv: setup.execArgv,
    execPath: setup.argv[0],
    argv0: 'node',
    env: environment(setup.env),
    pid: setup.pid,
    ppid: setup.ppid,
    exitCode: undefined,
    config: {},
    features: {},
    stdout: stream(1, setup.stdoutTty),
    stderr: stream(2, setup.stderrTty),
    stdin,
    cwd: () => setup.cwd,
    chdir(path) {
      setup.cwd = builtin('path').resolve(path);
    },
    umask: () => 18,
    uptime: () => Math.round((host.now() - state.started + 32) * 1000) / 1e6,
    hrtime(from) {
      const us = Math.round((host.now() - state.started) * 1000) + 32000;
      const at = [Math.floor(us / 1e6), (us % 1e6) * 1000];
      if (!from) return at;
      let [s, ns] = [at[0] - from[0], at[1] - from[1]];
      if (ns < 0) [s, ns] = [s - 1, ns + 1e9];
      return [s, ns];
    },
    memoryUsage: () => ({ rss: 43253760, heapTotal: 6455296, heapUsed: 4892456, external: 1534342, arrayBuffers: 10515 }),
    cpuUsage: () => ({ user: 38123, system: 9817 }),
    getuid: () => setup.uid,
    geteuid: () => setup.uid,
    getgid: () => setup.uid,
    nextTick(job, ...args) {
      state.ticks.push({ job, args });
    },
    emitWarning(text) {
      builtin('internal/errors').warn(`Warning: ${text.message || text}`);
    },
    kill(pid, signal = 'SIGTERM') {
      const name = typeof signal === 'number' ? Object.keys(SIGNALS).find((s) => SIGNALS[s] === signal) : signal;
      if (pid === setup.pid && process.listenerCount(name) > 0) process.nextTick(() => process.emit(name, name, SIGNALS[name]));
      else if (pid === setup.pid && signal !== 0) host.die(name);
      else if (signal !== 0) host.ask(JSON.stringify({ op: 'kill', pid, signal: name }));
      return true;
    },
    abort() {
      host.exit(134);
      spin();
    },
    exit(code) {
      if (code !== undefined) process.exitCode = code;
      process.exitQuietly(+process.exitCode || 0);
      spin();
    },
    exitQuietly(code) {
      if (process.leaving) return;
      Object.defineProperty(process, 'leaving', { value: true });
      if (process.exitCode === undefined) process.exitCode = code;
      try {
        process.emit('exit', code);
        if (typeof process.exitCode === 'number') code = process.exitCode;
      } catch (error) {
        builtin('internal/errors').report(error);
        code = 1;
      }
      host.exit(code);
    },
    signalNumber: (name) => SIGNALS[name],
  });
  process.hrtime.bigint = () => BigInt(Math.round((host.now() - state.started) * 1000) + 32000) * 1000n;
  process.memoryUsage.rss = () => 43253760;
  Object.defineProperty(process, 'legacy', { value: major < 12 });
  for (const name of ['exitQuietly', 'signalNumber', '_events', '_eventsCount', '_maxListeners'])
    Object.defineProperty(process, name, { enumerable: false });
  Object.defineProperty(process, Symbol.toStringTag, { value: 'process' });

  // The environment holds strings, whatever is put into it.
  function environment(values) {
    return new Proxy({ ...values }, {
      set(target, name, value) {
        target[name] = String(value);
        return true;
      },
    });
  }

  // After exit nothing of the script may run: the engine's interrupt ends this.
  function spin() {
    for (;;);
  }

  const on = process.add;
  Object.defineProperty(process, 'add', {
    enumerable: false,
    value(name, listener, first) {
      if (name in SIGNALS) {
        if (name === 'SIGKILL' || name === 'SIGSTOP') throw builtin('internal/errors').failed('EINVAL', `uv_signal_start`);
        if (process.listenerCount(name) === 0) host.ask(JSON.stringify({ op: 'handle-signal', signal: name }));
      }
      return on.call(process, name, listener, first);
    },
  });
  const off = process.removeListener;
  Object.defineProperty(process, 'removeListener', {
    enumerable: false,
    value(name, listener) {
      off.call(process, name, listener);
      if (name in SIGNALS && process.listenerCount(name) === 0) host.ask(JSON.stringify({ op: 'release-signal', signal: name }));
      return process;
    },
  });
  module.exports = process;
})
