// EventEmitter.
(function (host, builtin, module) {
  'use strict';
  class EventEmitter {
    constructor() {
      this._events = Object.create(null);
      this._eventsCount = 0;
      this._maxListeners = undefined;
    }
    listenersOf(name) {
      if (this._events === undefined || !Object.prototype.hasOwnProperty.call(this, '_events')) this._events = Object.create(null);
      return this._events[name];
    }
    add(name, listener, first) {
      if (typeof listener !== 'function') {
        const { coded } = builtin('internal/errors');
        const { received } = builtin('internal/inspect');
        throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "listener" argument must be of type function. ${received(listener)}`);
      }
      if (this.listenersOf('newListener') && name !== 'newListener') this.emit('newListener', name, listener.listener || listener);
      const list = this.listenersOf(name) || (this._events[name] = []);
      if (first) list.unshift(listener);
      else list.push(listener);
      this._eventsCount = Reflect.ownKeys(this._events).length;
      return this;
    }
    on(name, listener) {
      return this.add(name, listener, false);
    }
    addListener(name, listener) {
      return this.on(name, listener);
    }
    prependListener(name, listener) {
      return this.add(name, listener, true);
    }
    once(name, listener) {
      const wrapper = (...args) => {
        this.removeListener(name, wrapper);
        return listener.apply(this, args);
      };
      wrapper.listener = listener;
      return this.on(name, wrapper);
    }
    removeListener(name, listener) {
      const list = this.listenersOf(name);
      if (!list) return this;
      const index = list.findLastIndex((l) => l === listener || l.listener === listener);
      if (index >= 0) {
        const rest = list.slice();
        rest.splice(index, 1);
        if (rest.length === 0) delete this._events[name];
        else this._events[name] = rest;
        if (this.listenersOf('removeListener')) this.emit('removeListener', name, listener);
      }
      this._eventsCount = Reflect.ownKeys(this._events).length;
      return this;
    }
    off(name, listener) {
      return this.removeListener(name, listener);
    }
    removeAllListeners(name) {
      if (name === undefined) this._events = Object.create(null);
      else if (this.listenersOf(name)) delete this._events[name];
      return this;
    }
    emit(name, ...args) {
      const list = this.listenersOf(name);
      if (!list || list.length === 0) {
        if (name === 'error') throw builtin('internal/errors').unhandled(args[0], this, undefined);
        return false;
      }
      for (const listener of list.slice()) listener.apply(this, args);
      return true;
    }
    listenerCount(name) {
      return (this.listenersOf(name) || []).length;
    }
    listeners(name) {
      return (this.listenersOf(name) || []).map((l) => l.listener || l);
    }
    rawListeners(name) {
      return (this.listenersOf(name) || []).slice();
    }
    eventNames() {
      this.listenersOf('');
      return Reflect.ownKeys(this._events);
    }
    setMaxListeners(n) {
      this._maxListeners = n;
      return this;
    }
    getMaxListeners() {
      return this._maxListeners === undefined ? 10 : this._maxListeners;
    }
  }
  // `EventEmitter.call(this)` and `util.inherits` want a callable: classes are not.
  function Emitter() {
    if (new.target) return Reflect.construct(EventEmitter, [], new.target);
    this._events = Object.create(null);
    this._eventsCount = 0;
  }
  Emitter.prototype = EventEmitter.prototype;
  for (const name of Object.getOwnPropertyNames(EventEmitter.prototype))
    Object.defineProperty(EventEmitter.prototype, name, { enumerable: false });
  Object.defineProperty(Emitter.prototype, 'constructor', { value: Emitter, writable: true, configurable: true });
  Object.defineProperty(Emitter, 'name', { value: 'EventEmitter' });
  Emitter.EventEmitter = Emitter;
  Emitter.defaultMaxListeners = 10;
  Emitter.once = (emitter, name) =>
    new Promise((resolve, reject) => {
      emitter.once(name, (...args) => resolve(args));
      if (name !== 'error') emitter.once('error', reject);
    });
  module.exports = Emitter;
})
