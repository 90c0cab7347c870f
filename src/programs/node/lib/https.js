// https: the client only.
(function (host, builtin, module) {
  'use strict';
  const client = builtin('internal/client');
  module.exports = {
    request: (...args) => client.request('https:', ...args),
    get: (...args) => client.get('https:', ...args),
    Agent: class Agent {},
    createServer() {
      throw new Error("KubeJam does not imitate https servers in node; let nginx speak TLS");
    },
  };
})
