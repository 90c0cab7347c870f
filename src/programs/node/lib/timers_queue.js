// Timers in virtual time: a queue ordered by due time, then by creation.
(function (host, builtin, module) {
  'use strict';
  const state = host.state;
  const MAX_PER_TURN = 10000;
  const queue = [];
  let counter = 0;

  class Timeout {
    constructor(job, delay, args, repeat) {
      delay = +delay;
      if (!(delay >= 1 && delay <= 2147483647)) delay = 1;
      this._idleTimeout = Math.trunc(delay);
      this._onTimeout = job;
      this._timerArgs = args.length > 0 ? args : undefined;
      this._repeat = repeat ? this._idleTimeout : null;
      this._destroyed = false;
      Object.defineProperty(this, 'id', { value: ++counter });
      Object.defineProperty(this, 'due', { value: 0, writable: true });
      Object.defineProperty(this, 'reffed', { value: true, writable: true });
      this.start();
    }
    start() {
      this.due = Math.floor(host.now()) + this._idleTimeout;
      let index = queue.length;
      while (index > 0 && queue[index - 1].due > this.due) index--;
      queue.splice(index, 0, this);
    }
    ref() {
      this.reffed = true;
      return this;
    }
    unref() {
      this.reffed = false;
      return this;
    }
    hasRef() {
      return this.reffed;
    }
    refresh() {
      remove(this);
      this._destroyed = false;
      this.start();
      return this;
    }
    close() {
      clear(this);
      return this;
    }
    [Symbol.toPrimitive]() {
      return this.id;
    }
  }

  class Immediate {
    constructor(job, args) {
      this._onImmediate = job;
      Object.defineProperty(this, 'args', { value: args });
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    hasRef() {
      return true;
    }
  }

  function remove(timer) {
    const index = queue.indexOf(timer);
    if (index >= 0) queue.splice(index, 1);
  }

  function clear(timer) {
    if (typeof timer === 'number' || typeof timer === 'string') timer = queue.find((t) => t.id === +timer);
    if (!(timer instanceof Timeout)) return;
    timer._destroyed = true;
    timer._repeat = null;
    remove(timer);
  }

  function callable(job) {
    if (typeof job !== 'function') {
      const { coded } = builtin('internal/errors');
      const { received } = builtin('internal/inspect');
      throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "callback" argument must be of type function. ${received(job)}`);
    }
  }

  module.exports = {
    Timeout,
    setTimeout(job, delay, ...args) {
      callable(job);
      return new Timeout(job, delay, args, false);
    },
    setInterval(job, delay, ...args) {
      callable(job);
      return new Timeout(job, delay, args, true);
    },
    setImmediate(job, ...args) {
      callable(job);
      const immediate = new Immediate(job, args);
      state.immediates.push(immediate);
      return immediate;
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate(immediate) {
      const index = state.immediates.indexOf(immediate);
      if (index >= 0) state.immediates.splice(index, 1);
    },
    run(guarded) {
      // Starting up takes node longer than a millisecond: timers of the first turn come before immediates.
      const now = Math.floor(host.now()) + (state.started_loop ? 0 : 1);
      state.started_loop = true;
      for (let ran = 0; ran < MAX_PER_TURN && queue.length > 0 && queue[0].due <= now; ran++) {
        const timer = queue.shift();
        guarded(() => timer._onTimeout(...(timer._timerArgs || [])));
        if (timer._repeat !== null && !timer._destroyed) timer.start();
        else timer._destroyed = true;
      }
      state.context = 'immediate';
      for (const { _onImmediate, args } of state.immediates.splice(0)) guarded(() => _onImmediate(...args));
    },
    next() {
      if (state.immediates.length > 0) return Math.floor(host.now());
      return queue.length > 0 ? queue[0].due : null;
    },
    keepsAlive() {
      return state.immediates.length > 0 || queue.some((timer) => timer.reffed);
    },
  };
  Object.defineProperty(module.exports.setTimeout, Symbol.for('nodejs.util.promisify.custom'), {
    value: (delay, value) => new Promise((resolve) => module.exports.setTimeout(resolve, delay, value)),
  });
})
