// Outgoing requests: http.request, http.get, fetch.
(function (host, builtin, module) {
  'use strict';
  const EventEmitter = builtin('events');
  const errors = builtin('internal/errors');
  const { URL } = builtin('url');
  const { Buffer } = builtin('buffer');
  const state = host.state;
  let numbers = 0;

  function send(wanted) {
    const id = ++numbers;
    state.requests.set(id, wanted);
    state.refs++;
    host.ask(JSON.stringify({ op: 'request', id, method: wanted.method, url: wanted.url, headers: wanted.headers, timeout_ms: wanted.timeout || null }), wanted.body);
  }

  function settle(id) {
    const wanted = state.requests.get(id);
    state.requests.delete(id);
    if (wanted) state.refs--;
    return wanted;
  }

  class ClientRequest extends EventEmitter {
    constructor(protocol, given, options, done) {
      super();
      if (typeof options === 'function') [options, done] = [{}, options];
      if (typeof given === 'string' || given instanceof URL) {
        const url = typeof given === 'string' ? new URL(given) : given;
        given = { protocol: url.protocol, hostname: url.hostname, port: url.port, path: url.pathname + url.search, ...options };
      } else {
        given = { ...given, ...options };
      }
      const scheme = given.protocol || protocol;
      if (scheme !== protocol) {
        throw errors.coded(TypeError, 'ERR_INVALID_PROTOCOL', `Protocol "${scheme}" not supported. Expected "${protocol}"`);
      }
      this.method = String(given.method || 'GET').toUpperCase();
      this.path = given.path || '/';
      this.host = given.hostname || given.host || 'localhost';
      const port = given.port ? `:${given.port}` : '';
      Object.defineProperty(this, 'target', { value: `${scheme}//${this.host}${port}${this.path}` });
      Object.defineProperty(this, 'fields', { value: new Map() });
      Object.defineProperty(this, 'parts', { value: [] });
      Object.defineProperty(this, 'limit', { value: given.timeout, writable: true });
      for (const [name, value] of Object.entries(given.headers || {})) this.setHeader(name, value);
      if (given.auth) this.setHeader('Authorization', `Basic ${Buffer.from(given.auth).toString('base64')}`);
      if (done) this.once('response', done);
    }
    setHeader(name, value) {
      this.fields.set(name.toLowerCase(), [name, String(value)]);
      return this;
    }
    getHeader(name) {
      const field = this.fields.get(name.toLowerCase());
      return field && field[1];
    }
    setTimeout(ms, done) {
      this.limit = ms;
      if (done) this.once('timeout', done);
      return this;
    }
    write(chunk) {
      this.parts.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      return true;
    }
    end(chunk) {
      if (chunk !== undefined && typeof chunk !== 'function') this.write(chunk);
      if (this.over) return this;
      Object.defineProperty(this, 'over', { value: true });
      send({ method: this.method, url: this.target, headers: [...this.fields.values()], body: Buffer.concat(this.parts), timeout: this.limit,
        answer: (res) => this.emit('response', res) || res.resume(),
        fail: (error) => {
          if (error.code === 'ETIMEDOUT' && this.limit && this.emit('timeout')) return;
          if (this.listenerCount('error') > 0) this.emit('error', error);
          else throw errors.unhandled(error, this, 'ClientRequest');
        } });
      return this;
    }
    abort() {}
    destroy() {
      return this;
    }
    flushHeaders() {}
  }

  const events = {
    response(event, body) {
      const wanted = settle(event.id);
      if (!wanted) return;
      const { IncomingMessage } = builtin('http');
      const res = new IncomingMessage(event.headers, body);
      res.statusCode = event.status;
      res.statusMessage = event.reason;
      wanted.answer(res, body);
    },
    error(event) {
      const wanted = settle(event.id);
      if (!wanted) return;
      const lookup = event.code === 'ENOTFOUND' || event.code === 'EAI_AGAIN';
      const error = lookup
        ? Object.assign(new Error(`getaddrinfo ${event.code} ${event.address}`), { errno: -3008, code: event.code, syscall: 'getaddrinfo', hostname: event.address })
        : event.code === 'ECONNRESET' ? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
        : errors.network(event.code, 'connect', event.address, event.port);
      wanted.fail(error);
    },
  };

  class Headers {
    constructor(init = {}) {
      Object.defineProperty(this, 'map', { value: new Map() });
      const pairs = init instanceof Headers ? [...init.map] : Array.isArray(init) ? init : Object.entries(init);
      for (const [name, value] of pairs) this.append(name, value);
    }
    append(name, value) {
      const key = name.toLowerCase();
      this.map.set(key, this.map.has(key) ? `${this.map.get(key)}, ${value}` : String(value));
    }
    set(name, value) {
      this.map.set(name.toLowerCase(), String(value));
    }
    get(name) {
      const value = this.map.get(name.toLowerCase());
      return value === undefined ? null : value;
    }
    has(name) {
      return this.map.has(name.toLowerCase());
    }
    delete(name) {
      this.map.delete(name.toLowerCase());
    }
    entries() {
      return this.map.entries();
    }
    [Symbol.iterator]() {
      return this.map.entries();
    }
    forEach(job) {
      this.map.forEach((value, name) => job(value, name, this));
    }
  }

  class Response {
    constructor(body, status, reason, headers, url) {
      Object.assign(this, { status, statusText: reason, ok: status >= 200 && status < 300, headers, url, redirected: false, type: 'basic', bodyUsed: false });
      Object.defineProperty(this, 'bytes', { value: body });
    }
    text() {
      return Promise.resolve(host.decode(this.bytes));
    }
    json() {
      return this.text().then((text) => JSON.parse(text));
    }
    arrayBuffer() {
      return Promise.resolve(this.bytes.buffer);
    }
  }

  function fetch(target, options = {}) {
    return new Promise((resolve, reject) => {
      let url;
      try {
        url = new URL(String(target.url || target));
      } catch (cause) {
        reject(new TypeError(`Failed to parse URL from ${target}`, { cause }));
        return;
      }
      const headers = new Headers(options.headers || {});
      const body = options.body === undefined || options.body === null ? new Uint8Array(0) : Buffer.from(options.body);
      if (typeof options.body === 'string' && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
      send({ method: String(options.method || 'GET').toUpperCase(), url: url.href, headers: [...headers.entries()], body,
        answer: (res, bytes) => resolve(new Response(bytes || new Uint8Array(0), res.statusCode, res.statusMessage, new Headers(res.headers), url.href)),
        fail: (cause) => reject(Object.assign(new TypeError('fetch failed'), { cause })) });
    });
  }

  class AbortController {
    constructor() {
      this.signal = { aborted: false, addEventListener() {} };
    }
    abort() {
      this.signal.aborted = true;
    }
  }

  module.exports = {
    request: (protocol, ...args) => new ClientRequest(protocol, ...args),
    get: (protocol, ...args) => new ClientRequest(protocol, ...args).end(),
    fetch,
    Headers,
    Response,
    AbortController,
  };
  Object.defineProperty(module.exports, 'events', { value: events });
})
