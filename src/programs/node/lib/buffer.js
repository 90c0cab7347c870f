// Buffer, on Uint8Array, and the text coders.
(function (host, builtin, module) {
  'use strict';
  const latin = (bytes) => {
    let out = '';
    for (const byte of bytes) out += String.fromCharCode(byte);
    return out;
  };
  const CODERS = {
    utf8: { out: (b) => host.decode(b), in: (t) => host.encode(t) },
    hex: { out: (b) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join(''), in: (t) => Uint8Array.from(t.match(/[0-9a-fA-F]{2}/g) || [], (x) => parseInt(x, 16)) },
    base64: { out: (b) => host.toBase64(b), in: (t) => host.fromBase64(t) },
    base64url: { out: (b) => host.toBase64(b).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''), in: (t) => host.fromBase64(t) },
    latin1: { out: latin, in: (t) => Uint8Array.from(t, (c) => c.charCodeAt(0) & 255) },
    ascii: { out: (b) => latin(b.map((x) => x & 127)), in: (t) => Uint8Array.from(t, (c) => c.charCodeAt(0) & 255) },
    ucs2: { out: (b) => { let s = ''; for (let i = 0; i + 1 < b.length; i += 2) s += String.fromCharCode(b[i] | (b[i + 1] << 8)); return s; },
      in: (t) => Uint8Array.from([...t].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8])) },
  };
  CODERS['utf-8'] = CODERS.utf8;
  CODERS.binary = CODERS.latin1;
  CODERS.utf16le = CODERS['utf-16le'] = CODERS['ucs-2'] = CODERS.ucs2;
  function coder(encoding = 'utf8') {
    const found = CODERS[String(encoding).toLowerCase()];
    if (!found) throw builtin('internal/errors').coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    return found;
  }

  class FastBuffer extends Uint8Array {
    toString(encoding, start = 0, end = this.length) {
      return coder(encoding).out(new Uint8Array(this.buffer, this.byteOffset + start, Math.max(0, end - start)));
    }
    toJSON() {
      return { type: 'Buffer', data: Array.from(this) };
    }
    equals(other) {
      return this.length === other.length && this.every((byte, i) => byte === other[i]);
    }
    compare(other) {
      for (let i = 0; i < Math.min(this.length, other.length); i++) if (this[i] !== other[i]) return this[i] < other[i] ? -1 : 1;
      return Math.sign(this.length - other.length);
    }
    write(text, offset = 0) {
      const bytes = host.encode(text).subarray(0, this.length - offset);
      this.set(bytes, offset);
      return bytes.length;
    }
    slice(start, end) {
      return wrap(this.subarray(start, end));
    }
    indexOf(what, from = 0) {
      if (typeof what === 'number') return super.indexOf(what, from);
      return latin(this).indexOf(latin(Buffer.from(what)), from);
    }
    includes(what, from) {
      return this.indexOf(what, from) >= 0;
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }
    readUInt8(at = 0) {
      return this[at];
    }
    readUInt16BE(at = 0) {
      return (this[at] << 8) | this[at + 1];
    }
    readUInt32BE(at = 0) {
      return this[at] * 0x1000000 + ((this[at + 1] << 16) | (this[at + 2] << 8) | this[at + 3]);
    }
    writeUInt8(value, at = 0) {
      this[at] = value;
      return at + 1;
    }
    [Symbol.for('nodejs.util.inspect.custom')]() {
      const shown = Array.from(this.subarray(0, 50), (x) => x.toString(16).padStart(2, '0')).join(' ');
      const rest = this.length > 50 ? ` ... ${this.length - 50} more byte${this.length > 51 ? 's' : ''}` : '';
      return `<Buffer${shown === '' ? '' : ' '}${shown}${rest}>`;
    }
  }
  Object.defineProperty(FastBuffer, 'name', { value: 'Buffer' });
  const wrap = (bytes) => new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.length);

  function Buffer(value, encoding) {
    return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, encoding);
  }
  Buffer.prototype = FastBuffer.prototype;
  Object.defineProperty(FastBuffer.prototype, 'constructor', { value: Buffer, writable: true, configurable: true });
  Buffer.from = (value, encoding) => {
    if (typeof value === 'string') return wrap(coder(encoding).in(value));
    if (value instanceof ArrayBuffer) return new FastBuffer(value);
    if (value && value.type === 'Buffer' && Array.isArray(value.data)) return wrap(Uint8Array.from(value.data));
    if (value && typeof value === 'object' && typeof value.length === 'number') return wrap(Uint8Array.from(value));
    const { coded } = builtin('internal/errors');
    const { received } = builtin('internal/inspect');
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
      `The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. ${received(value)}`);
  };
  Buffer.alloc = (size, fill) => {
    const out = new FastBuffer(size);
    if (fill !== undefined) out.fill(typeof fill === 'string' ? fill.charCodeAt(0) : fill);
    return out;
  };
  Buffer.allocUnsafe = (size) => new FastBuffer(size);
  Buffer.concat = (list, total = list.reduce((sum, b) => sum + b.length, 0)) => {
    const out = new FastBuffer(total);
    let at = 0;
    for (const part of list) {
      out.set(part.subarray(0, total - at), at);
      at += part.length;
    }
    return out;
  };
  Buffer.isBuffer = (value) => value instanceof FastBuffer;
  Buffer.byteLength = (value, encoding) => (typeof value === 'string' ? coder(encoding).in(value).length : value.byteLength);
  Buffer.isEncoding = (name) => String(name).toLowerCase() in CODERS;
  Buffer.compare = (a, b) => a.compare(b);

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return host.encode(String(text));
    }
  }
  class TextDecoder {
    constructor(encoding = 'utf-8') {
      this.encoding = encoding;
    }
    decode(bytes) {
      if (bytes === undefined) return '';
      return host.decode(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes.buffer || bytes));
    }
  }
  module.exports = { Buffer, TextEncoder, TextDecoder, kMaxLength: 4294967296,
    atob: (text) => latin(host.fromBase64(String(text))),
    btoa: (text) => host.toBase64(Uint8Array.from(String(text), (c) => c.charCodeAt(0) & 255)) };
})
