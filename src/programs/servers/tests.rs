//! Stories about servers: started from a shell, asked with curl.

use crate::programs::testing::{check, check_with, run};

#[test]
fn the_labs_monolith() {
    check(
        "monolith > log 2>&1 & sleep 0.1; curl -s localhost; curl -s localhost/secure; curl -s -u user:wrong localhost/login; \
         T=$(curl -s -u user:password localhost/login | jq -r .token); curl -s -H \"Authorization: Bearer $T\" localhost/secure; \
         curl -s localhost/version; curl -s -o /dev/null -w '%{http_code}\\n' localhost:81/healthz; curl -s localhost:81/readiness/status; \
         curl -s -o /dev/null -w '%{http_code}\\n' localhost:81/readiness; kill %1; wait; head -3 log; grep -c 'GET / HTTP/1.1\" curl' log; tail -1 log",
        "{\"message\":\"Hello\"}\nauthorization failed\nauthorization failed\n{\"message\":\"Hello\"}\n{\"version\":\"1.0.0\"}\n200\n503\n\
         2026/11/22 12:45:39 Starting server...\n2026/11/22 12:45:39 Health service listening on 0.0.0.0:81\n\
         2026/11/22 12:45:39 HTTP service listening on 0.0.0.0:80\n1\n2026/11/22 12:45:39 Captured terminated. Exiting...\n",
    );
}

const HELLO: &[(&str, &str)] = &[(
    "server.js",
    "var http = require('http');\nvar handleRequest = function(request, response) {\n  response.writeHead(200);\n  response.end(\"Hello World!\");\n}\n\
     var www = http.createServer(handleRequest);\nwww.listen(8080);\n",
)];

#[test]
fn the_labs_node_server() {
    check_with(
        HELLO,
        "node server.js & sleep 1; curl -s localhost:8080; kill %1; wait %1; echo \" $?\"",
        "Hello World! 143\n",
    );
    check_with(
        HELLO,
        "curl -s localhost:8080; echo $?; curl localhost:8080 2>&1 | tail -1",
        "7\ncurl: (7) Failed to connect to localhost port 8080 after 1 ms: Couldn't connect to server\n",
    );
    let text = run(HELLO, "node server.js & sleep 1; node server.js");
    assert!(text.contains("Error: listen EADDRINUSE: address already in use :::8080"), "{text}");
    check_with(
        HELLO,
        "echo 'console.log(1 +' > bad.js; node bad.js 2>&1 | grep Error; node -e 'process.exit(3)'; echo $?",
        "SyntaxError: Unexpected end of input\n3\n",
    );
    check(
        "echo 'setTimeout(() => console.log(process.argv[2]), 5000)' > a.js; node a.js hi; date +%T",
        "hi\n12:45:44\n",
    );
}

#[test]
fn nginx_follows_its_configuration() {
    let conf = "events {}\nhttp {\n  server {\n    listen 8000;\n    location / { return 200 'hi from $hostname\\n'; }\n    location /old { return 301 /new; }\n    location /api/ { proxy_pass http://127.0.0.1:8001/; }\n    location /files { root /home/ada; }\n  }\n}\n";
    let files: &[(&str, &str)] = &[
        ("nginx.conf", conf),
        ("files/a.txt", "file a\n"),
        ("bad.conf", "events {}\nhttp {\n  sever {\n  }\n}\n"),
        ("open.conf", "events {\n"),
    ];
    check_with(
        files,
        "nginx -c /home/ada/nginx.conf > log 2>&1 & sleep 0.1; curl -s localhost:8000/; curl -s -o /dev/null -w '%{http_code}\\n' localhost:8000/old; \
         curl -s localhost:8000/files/a.txt; curl -s localhost:8000/files/b | grep title; curl -s localhost:8000/api/x | grep -c 502; grep -c 'connect() failed' log; nginx -s quit; wait; grep -c GET log",
        "hi from box\n301\nfile a\n<head><title>404 Not Found</title></head>\r\n2\n1\n6\n",
    );
    check_with(
        files,
        "nginx -t -c /home/ada/bad.conf",
        "nginx: [emerg] unknown directive \"sever\" in /home/ada/bad.conf:3\nnginx: configuration file /home/ada/bad.conf test failed\n[1]",
    );
    check_with(
        files,
        "nginx -t -c /home/ada/open.conf",
        "nginx: [emerg] unexpected end of file, expecting \"}\" in /home/ada/open.conf:2\nnginx: configuration file /home/ada/open.conf test failed\n[1]",
    );
}

#[test]
fn nginx_reads_again_what_is_not_as_it_was() {
    let serve =
        "nginx -c /home/ada/nginx.conf > log 2>&1 & sleep 0.1; curl -s localhost:8000/; nginx -s quit; wait";
    let files: &[(&str, &str)] = &[
        ("nginx.conf", "events {}\nhttp {\n  include /home/ada/conf.d/*.conf;\n}\n"),
        ("conf.d/a.conf", "server {\n  listen 8000;\n  location / { return 200 'one\\n'; }\n}\n"),
    ];
    check_with(
        files,
        &format!(
            "{serve}; {serve}; sed -i s/one/two/ conf.d/a.conf; {serve}; sed -i s/two/one/ conf.d/a.conf; {serve}"
        ),
        "one\none\ntwo\none\n",
    );
    check_with(
        files,
        "nginx -t -c /home/ada/nginx.conf 2>&1 | tail -1; echo 'sever {}' > conf.d/b.conf; nginx -t -c /home/ada/nginx.conf 2>&1 | head -1",
        "nginx: configuration file /home/ada/nginx.conf test is successful\n\
         nginx: [emerg] unknown directive \"sever\" in /home/ada/conf.d/b.conf:1\n",
    );
}

#[test]
fn curl_says_what_happened() {
    check("curl nosuch.example; curl", "curl: (6) Could not resolve host: nosuch.example\ncurl: try 'curl --help' or 'curl --manual' for more information\n[2]".replacen("curl: (6)", "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\ncurl: (6)", 1).leak());
    check(
        "curl ftpx://a; curl -so /dev/null http://; curl --foo x; curl -X",
        "curl: (1) Protocol \"ftpx\" not supported or disabled in libcurl\ncurl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\ncurl: option -X: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n[2]",
    );
    check(
        "PORT=9000 hello-app > /dev/null 2>&1 & sleep 0.1; curl -s localhost:9000/; curl -sI localhost:9000 | head -1; curl -sf localhost:9000 -o out; wc -l < out",
        "Hello, world!\nVersion: 1.0.0\nHostname: box\nHTTP/1.1 200 OK\r\n3\n",
    );
    check(
        "curl -sS -k https://localhost:1/; curl -s ftp://x; echo $?",
        "curl: (7) Failed to connect to localhost port 1 after 1 ms: Couldn't connect to server\n1\n",
    );
}
