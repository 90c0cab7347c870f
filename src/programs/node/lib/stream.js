// Streams, as far as scripts of this size use them: flowing readables, writables, pipe.
(function (host, builtin, module) {
  'use strict';
  const EventEmitter = builtin('events');
  const later = (job) => host.state.ticks.push({ job, args: [] });

  function Stream() {
    EventEmitter.call(this);
  }
  Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);

  class Readable extends EventEmitter {
    constructor(options) {
      super();
      this.readable = true;
      this.readableEnded = false;
      this.destroyed = false;
      Object.defineProperty(this, 'inner', { value: { chunks: [], ended: false, flowing: false, told: false, encoding: null, scheduled: false }, enumerable: false });
      if (options && options.read) this._read = options.read;
    }
    push(chunk) {
      if (chunk === null) this.inner.ended = true;
      else this.inner.chunks.push(typeof chunk === 'string' ? builtin('buffer').Buffer.from(chunk) : chunk);
      this.flow();
      return true;
    }
    setEncoding(encoding) {
      this.inner.encoding = encoding || 'utf8';
      return this;
    }
    add(name, listener, first) {
      super.add(name, listener, first);
      if (name === 'data') this.resume();
      if (name === 'readable') {
        this.wake();
        later(() => this.emit('readable'));
      }
      return this;
    }
    wake() {}
    resume() {
      this.inner.flowing = true;
      this.wake();
      this.flow();
      return this;
    }
    pause() {
      this.inner.flowing = false;
      return this;
    }
    read() {
      const { chunks, encoding } = this.inner;
      if (chunks.length === 0) {
        if (this.inner.ended && !this.inner.told) {
          this.inner.told = true;
          later(() => this.finishReading());
        }
        return null;
      }
      const all = builtin('buffer').Buffer.concat(chunks.splice(0));
      return encoding ? all.toString(encoding) : all;
    }
    flow() {
      const inner = this.inner;
      if (inner.scheduled || !inner.flowing) return;
      inner.scheduled = true;
      later(() => {
        inner.scheduled = false;
        while (inner.flowing && inner.chunks.length > 0) {
          const chunk = inner.chunks.shift();
          this.emit('data', inner.encoding ? chunk.toString(inner.encoding) : chunk);
        }
        if (inner.flowing && inner.ended && inner.chunks.length === 0 && !inner.told) {
          inner.told = true;
          this.finishReading();
        }
      });
    }
    finishReading() {
      this.readableEnded = true;
      this.readable = false;
      this.emit('end');
      this.emit('close');
    }
    pipe(target) {
      this.on('data', (chunk) => target.write(chunk));
      this.on('end', () => target !== process.stdout && target !== process.stderr && target.end());
      target.emit && target.emit('pipe', this);
      return target;
    }
    destroy(error) {
      this.destroyed = true;
      if (error) later(() => this.emit('error', error));
      later(() => this.emit('close'));
      return this;
    }
    [Symbol.asyncIterator]() {
      const waiting = [];
      const ready = [];
      const deliver = (item) => (waiting.length > 0 ? waiting.shift()(item) : ready.push(item));
      this.on('data', (value) => deliver({ value, done: false }));
      this.on('end', () => deliver({ value: undefined, done: true }));
      return {
        next: () => (ready.length > 0 ? Promise.resolve(ready.shift()) : new Promise((resolve) => waiting.push(resolve))),
        return: () => Promise.resolve({ value: undefined, done: true }),
      };
    }
    static from(items) {
      const out = new Readable();
      for (const item of items) out.push(typeof item === 'string' ? item : item);
      out.push(null);
      return out;
    }
  }

  class Writable extends EventEmitter {
    constructor(options) {
      super();
      this.writable = true;
      if (options && options.write) this._write = options.write;
    }
    write(chunk, encoding, done) {
      if (typeof encoding === 'function') done = encoding;
      if (this._write) this._write(builtin('buffer').Buffer.from(chunk), encoding || 'utf8', done || (() => {}));
      return true;
    }
    end(chunk) {
      if (chunk !== undefined && typeof chunk !== 'function') this.write(chunk);
      this.writable = false;
      later(() => this.emit('finish'));
      later(() => this.emit('close'));
      return this;
    }
    destroy() {
      later(() => this.emit('close'));
      return this;
    }
  }

  class PassThrough extends Readable {
    write(chunk) {
      return this.push(typeof chunk === 'string' ? builtin('buffer').Buffer.from(chunk) : chunk);
    }
    end(chunk) {
      if (chunk !== undefined) this.write(chunk);
      this.push(null);
      return this;
    }
  }
  class Transform extends PassThrough {
    constructor(options) {
      super();
      if (options && options.transform) this._transform = options.transform;
    }
    write(chunk) {
      this._transform(builtin('buffer').Buffer.from(chunk), 'utf8', (error, made) => made !== undefined && made !== null && this.push(made));
      return true;
    }
  }
  module.exports = Object.assign(Stream, { Stream, Readable, Writable, PassThrough, Transform, Duplex: PassThrough,
    pipeline(...parts) {
      const done = typeof parts[parts.length - 1] === 'function' ? parts.pop() : undefined;
      const last = parts.reduce((from, to) => from.pipe(to));
      if (done) last.on('finish', () => done()).on('end', () => done());
      return last;
    } });
})
