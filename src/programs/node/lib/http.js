// http: servers. A request arrives whole; a response leaves as head, chunks, end.
(function (host, builtin, module) {
  'use strict';
  const EventEmitter = builtin('events');
  const { Readable } = builtin('stream');
  const errors = builtin('internal/errors');
  const { received } = builtin('internal/inspect');
  const state = host.state;
  const major = parseInt(host.setup.version, 10);
  const ask = (what, body) => (body ? host.ask(JSON.stringify(what), body) : host.ask(JSON.stringify(what)));
  let numbers = 0;

  const STATUS_CODES = { 100: 'Continue', 101: 'Switching Protocols', 200: 'OK', 201: 'Created', 202: 'Accepted', 203: 'Non-Authoritative Information',
    204: 'No Content', 205: 'Reset Content', 206: 'Partial Content', 207: 'Multi-Status', 300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
    304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required',
    403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone',
    411: 'Length Required', 412: 'Precondition Failed', 413: 'Payload Too Large', 414: 'URI Too Long', 415: 'Unsupported Media Type', 418: "I'm a Teapot",
    422: 'Unprocessable Entity', 429: 'Too Many Requests', 431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
    500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported' };
  const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

  function lowered(pairs) {
    const out = {};
    for (const [name, value] of pairs) {
      const key = name.toLowerCase();
      if (key === 'set-cookie') (out[key] = out[key] || []).push(value);
      else out[key] = key in out ? `${out[key]}, ${value}` : value;
    }
    return out;
  }

  class IncomingMessage extends Readable {
    constructor(pairs, body) {
      super();
      this.headers = lowered(pairs);
      this.rawHeaders = pairs.flat();
      this.trailers = {};
      this.httpVersion = '1.1';
      this.httpVersionMajor = 1;
      this.httpVersionMinor = 1;
      this.complete = true;
      this.aborted = false;
      if (body && body.length > 0) this.push(builtin('buffer').Buffer.from(body));
      this.push(null);
    }
    setTimeout() {
      return this;
    }
    get connection() {
      return this.socket;
    }
  }

  function bytesOf(chunk, encoding, name = 'chunk') {
    if (typeof chunk === 'string') return builtin('buffer').Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8');
    if (chunk instanceof Uint8Array) return chunk;
    if (chunk === null) throw errors.coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
    if (errors.legacy) throw new TypeError('First argument must be a string or Buffer');
    throw errors.coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be of type string or an instance of Buffer or Uint8Array. ${received(chunk)}`);
  }

  function headerValue(name, value) {
    if (typeof name !== 'string' || !/^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/.test(name))
      throw errors.coded(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${name}"]`);
    if (value === undefined) throw errors.coded(TypeError, 'ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "undefined" for header "${name}"`);
    return Array.isArray(value) ? value.map(String) : String(value);
  }

  class ServerResponse extends EventEmitter {
    constructor(req, exchange) {
      super();
      this.req = req;
      this.statusCode = 200;
      this.statusMessage = undefined;
      this.sendDate = true;
      this.headersSent = false;
      this.finished = false;
      this.writableEnded = false;
      this.writableFinished = false;
      this.socket = req.socket;
      this.connection = req.socket;
      Object.defineProperty(this, 'exchange', { value: exchange });
      Object.defineProperty(this, 'fields', { value: new Map() });
      Object.defineProperty(this, 'out', { value: { head: null, sent: false } });
    }
    setHeader(name, value) {
      if (this.headersSent) throw sent('set');
      this.fields.set(String(name).toLowerCase(), [name, headerValue(name, value)]);
      return this;
    }
    appendHeader(name, value) {
      const before = this.getHeader(name);
      return this.setHeader(name, before === undefined ? value : [].concat(before, value));
    }
    getHeader(name) {
      const field = this.fields.get(String(name).toLowerCase());
      return field && field[1];
    }
    getHeaders() {
      const out = Object.create(null);
      for (const [key, [, value]] of this.fields) out[key] = value;
      return out;
    }
    getHeaderNames() {
      return [...this.fields.keys()];
    }
    hasHeader(name) {
      return this.fields.has(String(name).toLowerCase());
    }
    removeHeader(name) {
      if (this.headersSent) throw sent('remove');
      this.fields.delete(String(name).toLowerCase());
    }
    flushHeaders() {
      if (!this.headersSent) this.makeHead(undefined);
      this.sendHead();
    }
    writeHead(status, reason, headers) {
      if (this.headersSent) {
        if (errors.legacy) throw new Error("Can't render headers after they are sent to the client");
        throw errors.coded(Error, 'ERR_HTTP_HEADERS_SENT', 'Cannot write headers after they are sent to the client');
      }
      const code = status | 0;
      if (code < 100 || code > 999) {
        const shown = builtin('internal/inspect').inspect(status);
        throw errors.legacy ? new RangeError(`Invalid status code: ${code}`) : errors.coded(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${shown}`);
      }
      if (typeof reason !== 'string') {
        headers = headers || reason;
        reason = undefined;
      }
      this.statusCode = code;
      this.statusMessage = reason || this.statusMessage;
      const pairs = Array.isArray(headers) ? (Array.isArray(headers[0]) ? headers : pairUp(headers)) : Object.entries(headers || {});
      for (const [name, value] of pairs) this.setHeader(name, value);
      this.makeHead(undefined);
      return this;
    }
    // The head is fixed here; `length` is known when the whole body is.
    makeHead(length) {
      this.headersSent = true;
      const bodiless = this.statusCode === 204 || this.statusCode === 304 || this.req.method === 'HEAD';
      const lines = [];
      for (const [, [name, value]] of this.fields) for (const one of [].concat(value)) lines.push([name, one]);
      if (this.sendDate && !this.fields.has('date')) lines.push(['Date', new Date().toUTCString()]);
      const closes = /close/i.test(this.getHeader('connection') || '') || (!this.fields.has('connection') && /close/i.test(this.req.headers.connection || ''));
      if (!this.fields.has('connection')) lines.push(['Connection', closes ? 'close' : 'keep-alive']);
      if (!closes && major >= 12 && !this.fields.has('keep-alive') && !this.fields.has('connection')) lines.push(['Keep-Alive', 'timeout=5']);
      if (!this.fields.has('content-length') && !this.fields.has('transfer-encoding')) {
        if (length !== undefined && !(this.statusCode === 204 || this.statusCode === 304)) lines.push(['Content-Length', String(length)]);
        else if (!bodiless) lines.push(['Transfer-Encoding', 'chunked']);
      }
      this.out.head = { op: 'head', exchange: this.exchange, status: this.statusCode, reason: this.statusMessage || STATUS_CODES[this.statusCode] || 'unknown', headers: lines };
      this.statusMessage = this.out.head.reason;
    }
    sendHead() {
      if (this.out.sent) return;
      this.out.sent = true;
      ask(this.out.head);
    }
    write(chunk, encoding, done) {
      if (typeof encoding === 'function') done = encoding;
      const body = bytesOf(chunk, encoding);
      if (this.finished) {
        const error = errors.coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
        process.nextTick(() => this.emit('error', error));
        return false;
      }
      if (!this.headersSent) this.makeHead(undefined);
      this.sendHead();
      if (body.length > 0 && this.req.method !== 'HEAD') ask({ op: 'chunk', exchange: this.exchange }, body);
      if (done) process.nextTick(done);
      return true;
    }
    end(chunk, encoding, done) {
      if (typeof chunk === 'function') [chunk, done] = [undefined, chunk];
      if (typeof encoding === 'function') done = encoding;
      const body = chunk === undefined || chunk === null ? undefined : bytesOf(chunk, encoding);
      if (this.finished) {
        if (body !== undefined) {
          const error = errors.coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
          process.nextTick(() => this.listenerCount('error') > 0 && this.emit('error', error));
        }
        return this;
      }
      if (!this.headersSent) this.makeHead(body ? body.length : 0);
      this.sendHead();
      if (body && body.length > 0 && this.req.method !== 'HEAD') ask({ op: 'chunk', exchange: this.exchange }, body);
      this.finished = true;
      this.writableEnded = true;
      ask({ op: 'end', exchange: this.exchange });
      state.refs--;
      process.nextTick(() => {
        this.writableFinished = true;
        this.emit('finish');
        if (done) done();
        this.emit('close');
      });
      return this;
    }
    destroy() {
      if (this.finished) return this;
      this.finished = true;
      state.refs--;
      ask({ op: 'drop', exchange: this.exchange });
      return this;
    }
    setTimeout() {
      return this;
    }
    writeContinue() {}
    cork() {}
    uncork() {}
  }

  const pairUp = (flat) => flat.reduce((out, item, i) => (i % 2 ? (out[out.length - 1].push(item), out) : [...out, [item]]), []);

  function sent(verb) {
    if (errors.legacy) return new Error(`Can't ${verb} headers after they are sent.`);
    return errors.coded(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${verb} headers after they are sent to the client`);
  }

  class Server extends EventEmitter {
    constructor(options, handler) {
      super();
      if (typeof options === 'function') handler = options;
      if (handler !== undefined) this.on('request', handler);
      this.listening = false;
      this.timeout = 0;
      this.keepAliveTimeout = 5000;
      this.headersTimeout = 60000;
      this.requestTimeout = 300000;
      Object.defineProperty(this, 'number', { value: ++numbers });
      Object.defineProperty(this, 'at', { value: null, writable: true });
      Object.defineProperty(this, 'frames', { value: [], writable: true });
      Object.defineProperty(this, 'open', { value: false, writable: true });
    }
    listen(...args) {
      const done = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
      let [port, address] = args;
      if (typeof port === 'object' && port !== null) [port, address] = [port.port, port.host];
      if (typeof address === 'number') address = undefined;
      if (typeof port === 'string' && !/^\s*\d+\s*$/.test(port)) {
        throw new Error(`KubeJam does not imitate listening on the path '${port}'`);
      }
      if (port === undefined || port === null) port = 0;
      const wanted = Number(port);
      if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65535) {
        const shown = `options.port should be >= 0 and < 65536. ${received(port)}.`;
        throw errors.legacy ? new RangeError('"port" argument must be >= 0 and < 65536') : errors.coded(RangeError, 'ERR_SOCKET_BAD_PORT', shown);
      }
      if (this.open) throw errors.coded(Error, 'ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');
      if (done) this.once('listening', done);
      this.frames = errors.here();
      this.open = true;
      state.servers.set(this.number, this);
      state.refs++;
      ask({ op: 'listen', server: this.number, port: wanted, host: address === undefined || address === null ? null : String(address) });
      return this;
    }
    close(done) {
      if (done) this.once('close', done);
      if (!this.open) {
        const error = errors.coded(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.');
        if (done) process.nextTick(() => done(error));
        return this;
      }
      this.forget();
      ask({ op: 'close', server: this.number });
      process.nextTick(() => this.emit('close'));
      return this;
    }
    forget() {
      this.open = false;
      this.listening = false;
      state.servers.delete(this.number);
      state.refs--;
    }
    closeAllConnections() {}
    closeIdleConnections() {}
    address() {
      return this.at;
    }
    setTimeout() {
      return this;
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    getConnections(done) {
      done(null, 0);
    }
  }

  function socketOf(event, server) {
    const socket = new EventEmitter();
    Object.assign(socket, { remoteAddress: event.remote_address, remotePort: event.remote_port, remoteFamily: String(event.remote_address).includes(':') ? 'IPv6' : 'IPv4',
      localAddress: '127.0.0.1', localPort: server.at && server.at.port, encrypted: false, destroyed: false,
      setTimeout: () => socket, setKeepAlive: () => socket, setNoDelay: () => socket, end: () => socket,
      address: () => server.at });
    return socket;
  }

  const events = {
    listening({ server, port, address }) {
      const s = state.servers.get(server);
      if (!s) return;
      s.listening = true;
      s.at = { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port };
      s.emit('listening');
    },
    listenError({ server, port, address, code }) {
      const s = state.servers.get(server);
      if (!s) return;
      s.forget();
      const error = errors.network(code, 'listen', address, port, [...errors.frames.listen, ...s.frames]);
      if (s.listenerCount('error') > 0) s.emit('error', error);
      else host.uncaught(errors.unhandled(error, s, 'Server'), 'uncaughtException');
    },
    request(event, body) {
      const s = state.servers.get(event.server);
      if (!s) return;
      const req = new IncomingMessage(event.headers, body);
      req.method = event.method;
      req.url = event.url;
      req.socket = socketOf(event, s);
      const res = new ServerResponse(req, event.exchange);
      req.socket.destroy = () => res.destroy();
      state.refs++;
      s.emit('connection', req.socket);
      if (!s.emit('request', req, res)) return;
    },
  };

  const client = () => builtin('internal/client');
  function CallableServer(options, handler) {
    return new Server(options, handler);
  }
  CallableServer.prototype = Server.prototype;
  module.exports = {
    METHODS,
    STATUS_CODES,
    Server: CallableServer,
    IncomingMessage,
    ServerResponse,
    createServer: (options, handler) => new Server(options, handler),
    request: (...args) => client().request('http:', ...args),
    get: (...args) => client().get('http:', ...args),
    Agent: class Agent {},
    globalAgent: {},
    maxHeaderSize: 16384,
  };
  Object.defineProperty(module.exports, 'events', { value: events });
  Object.defineProperty(module.exports, 'lowered', { value: lowered });
})
