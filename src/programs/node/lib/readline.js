// readline: lines of standard input, and questions.
(function (host, builtin, module) {
  'use strict';
  const EventEmitter = builtin('events');
  class Interface extends EventEmitter {
    constructor(options) {
      super();
      this.terminal = false;
      Object.defineProperty(this, 'rest', { value: '', writable: true });
      Object.defineProperty(this, 'asked', { value: [], writable: true });
      Object.defineProperty(this, 'output', { value: options.output });
      const input = options.input || process.stdin;
      this.text = '> ';
      input.on('data', (chunk) => {
        const lines = (this.rest + chunk.toString()).split('\n');
        this.rest = lines.pop();
        for (const line of lines) this.deliver(line);
      });
      input.on('end', () => {
        if (this.rest !== '') this.deliver(this.rest);
        this.rest = '';
        this.close();
      });
    }
    deliver(line) {
      const asked = this.asked.shift();
      if (asked) asked(line);
      else this.emit('line', line);
    }
    setPrompt(text) {
      this.text = text;
    }
    prompt() {
      if (this.output) this.output.write(this.text);
    }
    question(text, options, done) {
      if (this.output) this.output.write(text);
      this.asked.push(done || options);
    }
    close() {
      if (this.closed) return;
      this.closed = true;
      process.stdin.active = false;
      this.emit('close');
    }
    pause() {
      return this;
    }
    resume() {
      return this;
    }
    [Symbol.asyncIterator]() {
      const waiting = [];
      const ready = [];
      const deliver = (item) => (waiting.length > 0 ? waiting.shift()(item) : ready.push(item));
      this.on('line', (value) => deliver({ value, done: false }));
      this.on('close', () => deliver({ value: undefined, done: true }));
      return { next: () => (ready.length > 0 ? Promise.resolve(ready.shift()) : new Promise((resolve) => waiting.push(resolve))) };
    }
  }
  module.exports = { Interface, createInterface: (options) => new Interface(options || {}) };
})
