// The start of node's library: globals, the event entry, the queue of ticks, and what happens to errors that
// nobody catches. Never touches the learner's files by itself.
(function (host) {
  'use strict';
  const cache = Object.create(null);
  function builtin(name) {
    if (name in cache) return cache[name].exports;
    const factory = host.library(name);
    if (!factory) return undefined;
    const module = { exports: {} };
    cache[name] = module;
    factory(host, builtin, module);
    return module.exports;
  }

  const state = {
    context: 'main', // what the script is being called for: stack traces end differently
    ticks: [],
    immediates: [],
    refs: 0, // servers and requests under way
    rejections: new Map(),
    sources: Object.create(null),
    requests: new Map(), // outgoing requests by id
    servers: new Map(),
    stdin: null,
    repl: null,
    mainFile: null,
  };
  host.state = state;

  const hide = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });

  // Time and chance come from the simulation.
  const RealDate = Date;
  const SimDate = function Date(...args) {
    if (!new.target) return new RealDate(Math.floor(host.now())).toString();
    const date = args.length === 0 ? new RealDate(Math.floor(host.now())) : new RealDate(...args);
    if (new.target !== SimDate) Object.setPrototypeOf(date, new.target.prototype);
    return date;
  };
  SimDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = SimDate;
  SimDate.now = () => Math.floor(host.now());
  SimDate.parse = RealDate.parse;
  SimDate.UTC = RealDate.UTC;
  hide('Date', SimDate);
  Math.random = () => host.random();
  const started = host.now();
  state.started = started;
  hide('performance', { now: () => host.now() - started, timeOrigin: started, mark() {}, measure() {} });

  const MAX_STRING = 0x1fffffe8;
  for (const name of ['repeat', 'padStart', 'padEnd']) {
    const original = String.prototype[name];
    Object.defineProperty(String.prototype, name, {
      configurable: true,
      writable: true,
      value: function (count, fill) {
        const length = name === 'repeat' ? String(this).length * count : count;
        if (length > MAX_STRING) throw new RangeError('Invalid string length');
        return original.call(this, count, fill);
      },
    });
  }
  const parse = JSON.parse;
  JSON.parse = function (text, reviver) {
    try {
      return parse(text, reviver);
    } catch (error) {
      if (error instanceof SyntaxError) error.message = builtin('internal/errors').jsonMessage(error.message, String(text));
      throw error;
    }
  };

  const errors = builtin('internal/errors');
  hide('global', globalThis);
  const { Buffer, TextEncoder, TextDecoder, atob, btoa } = builtin('buffer');
  hide('Buffer', Buffer);
  hide('TextEncoder', TextEncoder);
  hide('TextDecoder', TextDecoder);
  hide('atob', atob);
  hide('btoa', btoa);
  const timers = builtin('internal/timers');
  for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'])
    hide(name, timers[name]);
  const process = builtin('internal/process');
  hide('process', process);
  hide('console', builtin('internal/inspect').console(process));
  hide('queueMicrotask', (job) => Promise.resolve().then(job));
  hide('structuredClone', (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value))));
  const late = (name, load) =>
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get() {
        const value = load();
        hide(name, value);
        return value;
      },
      set(value) {
        hide(name, value);
      },
    });
  late('URL', () => builtin('url').URL);
  late('URLSearchParams', () => builtin('url').URLSearchParams);
  late('fetch', () => builtin('internal/client').fetch);
  late('AbortController', () => builtin('internal/client').AbortController);
  late('crypto', () => builtin('crypto').webcrypto);

  function guarded(work) {
    try {
      work();
    } catch (error) {
      uncaught(error, 'uncaughtException');
    }
  }
  host.guarded = guarded;

  const heapIsFull = (error) =>
    error === null || (error && error.name === 'InternalError' && /out of memory/.test(error.message));

  function uncaught(error, origin) {
    if (heapIsFull(error)) {
      host.full();
      return;
    }
    if (process.listenerCount('uncaughtException') > 0) {
      try {
        process.emit('uncaughtException', error, origin);
        return;
      } catch (second) {
        error = second;
      }
    }
    errors.report(error);
    process.exitQuietly(1);
  }
  host.uncaught = uncaught;

  const handlers = {
    main() {
      state.context = 'main';
      builtin('internal/loader').start(host.setup.start);
    },
    timers() {
      timers.run(guarded);
    },
    'before-exit'() {
      process.emit('beforeExit', process.exitCode || 0);
    },
    exit() {
      process.exitQuietly(+process.exitCode || 0);
    },
    listening: (e) => builtin('http').events.listening(e),
    'listen-error': (e) => builtin('http').events.listenError(e),
    request: (e, body) => builtin('http').events.request(e, body),
    response: (e, body) => builtin('internal/client').events.response(e, body),
    'response-error': (e) => builtin('internal/client').events.error(e),
    signal: (e) => process.emit(e.signal, e.signal, process.signalNumber(e.signal)),
    stdin: (e, body) => process.stdin.receive(body),
    'stdin-end': () => process.stdin.finish(),
    repl: (e) => builtin('internal/loader').repl(e.line),
  };

  hide('__kubejam_dispatch', (event, body) => {
    state.context = event.kind;
    guarded(() => handlers[event.kind](event, body));
  });

  hide('__kubejam_drain', () => {
    let worked = false;
    while (state.ticks.length > 0) {
      worked = true;
      const { job, args } = state.ticks.shift();
      guarded(() => job(...args));
    }
    if (worked) return true;
    for (const [promise, reason] of state.rejections) {
      state.rejections.delete(promise);
      if (process.listenerCount('unhandledRejection') > 0) {
        guarded(() => process.emit('unhandledRejection', reason, promise));
      } else if (process.legacy) {
        errors.warn(`UnhandledPromiseRejectionWarning: Unhandled promise rejection (rejection id: 1): ${reason}`);
      } else {
        uncaught(errors.rejection(reason), 'unhandledRejection');
      }
      return true;
    }
    return false;
  });

  hide('__kubejam_track', (promise, reason, handled) => {
    if (handled) state.rejections.delete(promise);
    else state.rejections.set(promise, reason);
  });

  hide('__kubejam_status', () => {
    const next = timers.next();
    const reading = state.stdin !== null && state.stdin.active;
    return JSON.stringify({ next, alive: state.refs > 0 || reading || timers.keepsAlive() });
  });
})
