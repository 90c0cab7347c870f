// os: the machine as the simulator describes it.
(function (host, builtin, module) {
  'use strict';
  const setup = host.setup;
  const address = (ip, internal) => ({ address: ip, netmask: internal ? '255.0.0.0' : '255.255.0.0', family: 'IPv4',
    mac: internal ? '00:00:00:00:00:00' : '02:42:ac:11:00:02', internal, cidr: `${ip}/${internal ? 8 : 16}` });
  module.exports = {
    EOL: '\n',
    devNull: '/dev/null',
    hostname: () => setup.hostname,
    platform: () => 'linux',
    type: () => 'Linux',
    release: () => '6.6.97+',
    version: () => '#1 SMP PREEMPT_DYNAMIC',
    machine: () => 'x86_64',
    arch: () => 'x64',
    endianness: () => 'LE',
    homedir: () => setup.home,
    tmpdir: () => '/tmp',
    uptime: () => Math.floor(host.now() / 1000) % 86400,
    loadavg: () => [0.08, 0.03, 0.01],
    totalmem: () => setup.memoryBytes,
    freemem: () => Math.floor(setup.memoryBytes * 0.6),
    availableParallelism: () => setup.cpus,
    cpus: () => Array.from({ length: setup.cpus }, () => ({ model: 'Intel(R) Xeon(R) CPU @ 2.20GHz', speed: 2200, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })),
    userInfo: () => ({ uid: setup.uid, gid: setup.uid, username: setup.user, homedir: setup.home, shell: '/bin/bash' }),
    networkInterfaces: () => ({ lo: [address('127.0.0.1', true)], eth0: [address(setup.ip, false)] }),
    constants: { signals: { SIGINT: 2, SIGTERM: 15, SIGKILL: 9, SIGHUP: 1 } },
  };
})
