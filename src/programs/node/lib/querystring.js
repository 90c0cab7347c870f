// querystring.
(function (host, builtin, module) {
  'use strict';
  const unescape = (text) => {
    try {
      return decodeURIComponent(text);
    } catch (error) {
      return text;
    }
  };
  module.exports = {
    escape: encodeURIComponent,
    unescape,
    parse(text, sep = '&', eq = '=') {
      const out = Object.create(null);
      for (const piece of String(text).split(sep)) {
        if (piece === '') continue;
        const index = piece.indexOf(eq);
        const [name, value] = index < 0 ? [piece, ''] : [piece.slice(0, index), piece.slice(index + eq.length)];
        const key = unescape(name.replace(/\+/g, ' '));
        const shown = unescape(value.replace(/\+/g, ' '));
        out[key] = key in out ? [].concat(out[key], shown) : shown;
      }
      return out;
    },
    stringify: (object, sep = '&', eq = '=') =>
      Object.entries(object).flatMap(([name, value]) => [].concat(value).map((v) => `${encodeURIComponent(name)}${eq}${encodeURIComponent(v)}`)).join(sep),
  };
})
