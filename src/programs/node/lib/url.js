// url: the WHATWG classes and the older parse.
(function (host, builtin, module) {
  'use strict';
  const PORTS = { 'http:': '80', 'https:': '443', 'ftp:': '21', 'ws:': '80', 'wss:': '443' };
  const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const decode = (text) => {
    try {
      return decodeURIComponent(text.replace(/\+/g, ' '));
    } catch (error) {
      return text;
    }
  };

  class URLSearchParams {
    constructor(init = '') {
      Object.defineProperty(this, 'pairs', { value: [], writable: true });
      if (typeof init === 'string') {
        for (const piece of init.replace(/^\?/, '').split('&')) {
          if (piece === '') continue;
          const [name, ...value] = piece.split('=');
          this.pairs.push([decode(name), decode(value.join('='))]);
        }
      } else {
        const list = init instanceof URLSearchParams ? init.pairs : typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init);
        for (const [name, value] of list) this.pairs.push([String(name), String(value)]);
      }
    }
    append(name, value) {
      this.pairs.push([String(name), String(value)]);
    }
    delete(name) {
      this.pairs = this.pairs.filter(([n]) => n !== name);
    }
    get(name) {
      const found = this.pairs.find(([n]) => n === name);
      return found ? found[1] : null;
    }
    getAll(name) {
      return this.pairs.filter(([n]) => n === name).map(([, v]) => v);
    }
    has(name) {
      return this.pairs.some(([n]) => n === name);
    }
    set(name, value) {
      const found = this.pairs.find(([n]) => n === name);
      if (found) found[1] = String(value);
      else this.append(name, value);
    }
    sort() {
      this.pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    }
    forEach(job) {
      for (const [name, value] of this.pairs) job(value, name, this);
    }
    keys() {
      return this.pairs.map(([n]) => n)[Symbol.iterator]();
    }
    values() {
      return this.pairs.map(([, v]) => v)[Symbol.iterator]();
    }
    entries() {
      return this.pairs[Symbol.iterator]();
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    get size() {
      return this.pairs.length;
    }
    toString() {
      return this.pairs.map(([n, v]) => `${encode(n)}=${encode(v)}`).join('&');
    }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      const body = this.pairs.map(([n, v]) => `${inspect(n)} => ${inspect(v)}`).join(', ');
      return body === '' ? 'URLSearchParams {}' : `URLSearchParams { ${body} }`;
    }
  }

  const SHAPE = /^([a-zA-Z][a-zA-Z0-9+.-]*:)(\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/;

  function invalid(input, base) {
    const { coded } = builtin('internal/errors');
    return coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL', base === undefined ? { input } : { input, base });
  }

  class URL {
    constructor(input, base) {
      let text = String(input).trim();
      let match = SHAPE.exec(text);
      if (!match && base !== undefined) {
        const from = new URL(base);
        if (text.startsWith('//')) text = from.protocol + text;
        else if (text.startsWith('/')) text = from.origin + text;
        else if (text.startsWith('?')) text = from.origin + from.pathname + text;
        else if (text.startsWith('#')) text = from.origin + from.pathname + from.search + text;
        else text = from.origin + from.pathname.replace(/[^/]*$/, '') + text;
        match = SHAPE.exec(text);
      }
      if (!match) throw invalid(String(input), base);
      const [, protocol, authority, user, hostname, port, pathname, search, hash] = match;
      const special = protocol.toLowerCase() in PORTS;
      if (special && (!authority || hostname === '' || /[\s<>^|]/.test(hostname) || +port > 65535)) throw invalid(String(input), base);
      const [username, ...password] = (user || '').split(':');
      const fields = { protocol: protocol.toLowerCase(), username, password: password.join(':'), hostname: (hostname || '').toLowerCase(),
        port: port === undefined || port === PORTS[protocol.toLowerCase()] ? '' : port,
        pathname: special ? builtin('path').normalize(pathname || '/').replace(/ /g, '%20').replace(/[^\x21-\x7e]/g, encodeURIComponent) : pathname, hash: hash === '#' ? '' : hash || '' };
      for (const [name, value] of Object.entries(fields)) Object.defineProperty(this, name, { value, writable: true, enumerable: false });
      Object.defineProperty(this, 'searchParams', { value: new URLSearchParams(search || ''), enumerable: false });
      Object.defineProperty(this, 'rawSearch', { value: search === '?' ? '' : (search || '').replace(/ /g, '%20'), writable: true, enumerable: false });
      Object.defineProperty(this, 'rawParams', { value: this.searchParams.toString(), enumerable: false });
    }
    get search() {
      const now = this.searchParams.toString();
      return now === this.rawParams ? this.rawSearch : now === '' ? '' : `?${now}`;
    }
    get host() {
      return this.port === '' ? this.hostname : `${this.hostname}:${this.port}`;
    }
    get origin() {
      return this.protocol in PORTS ? `${this.protocol}//${this.host}` : 'null';
    }
    get href() {
      const user = this.username === '' ? '' : `${this.username}${this.password === '' ? '' : ':' + this.password}@`;
      const slashes = this.protocol in PORTS || this.hostname !== '' ? '//' : '';
      return `${this.protocol}${slashes}${user}${this.host}${this.pathname}${this.search}${this.hash}`;
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
    static canParse(input, base) {
      try {
        return !!new URL(input, base);
      } catch (error) {
        return false;
      }
    }
    [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
      const names = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'searchParams', 'hash'];
      return `URL {\n${names.map((n) => `  ${n}: ${inspect(this[n])}`).join(',\n')}\n}`;
    }
  }

  class Url {
    constructor() {
      Object.assign(this, { protocol: null, slashes: null, auth: null, host: null, port: null, hostname: null, hash: null, search: null, query: null, pathname: null, path: null, href: null });
    }
  }

  function parse(text, withQuery) {
    const out = new Url();
    const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*:)?(\/\/)(?:([^/?#@]*)@)?([^/?#:]*)(?::(\d+))?)?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(String(text));
    if (match) {
      const [, protocol, slashes, auth, hostname, port, pathname, search, hash] = match;
      Object.assign(out, { protocol: protocol || null, slashes: slashes ? true : null, auth: auth || null, port: port || null, hostname: hostname || null,
        host: hostname ? (port ? `${hostname}:${port}` : hostname) : null, hash: hash || null, search: search || null, query: search ? search.slice(1) : null, pathname: pathname || (hostname ? '/' : null) });
      out.path = out.pathname === null ? null : out.pathname + (search || '');
    }
    out.href = String(text);
    if (withQuery) {
      out.query = builtin('querystring').parse(out.query || '');
      if (out.search === null) out.search = '';
    }
    return out;
  }

  module.exports = {
    URL,
    URLSearchParams,
    Url,
    parse,
    format: (url) => (typeof url === 'string' ? url : url.href || `${url.protocol || 'http:'}//${url.host || url.hostname}${url.pathname || ''}${url.search || ''}`),
    resolve: (from, to) => new URL(to, new URL(from, 'resolve://')).href.replace(/^resolve:\/\//, ''),
    fileURLToPath: (url) => decodeURIComponent(new URL(String(url)).pathname),
    pathToFileURL: (name) => new URL(`file://${builtin('path').resolve(name)}`),
  };
})
