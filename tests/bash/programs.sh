#--- wait for a file
for i in 1 2 3; do if [ -f ready ]; then echo found $i; break; fi; [ $i = 2 ] && > ready; done
#--- parse key values
while IFS='=' read -r k v; do [ -z "$k" ] && continue; case $k in \#*) continue;; esac; echo "$k -> $v"; done <<'EOF'
# comment
name=kube

port=8080
EOF
#--- write a Dockerfile
cat > Dockerfile <<EOF
FROM node:lts
WORKDIR /app
CMD ["node", "app.js"]
EOF
wc -l < Dockerfile; grep -c FROM Dockerfile; sed -n 2p Dockerfile
#--- write a Dockerfile with an odd end
cat > Dockerfile << EOF;
FROM node:lts\nEXPOSE 80
EOF
cat Dockerfile
#--- write a script with quoted dollars
cat > run.sh <<'EOF'
#!/bin/bash
set -euo pipefail
name=${1:-world}
echo "hello $name"
EOF
chmod +x run.sh; ./run.sh; ./run.sh kube
#--- generate yaml
name=web; replicas=3; cat <<EOF
kind: Deployment
metadata:
  name: $name
spec:
  replicas: $replicas
EOF
#--- write javascript
cat > server.js <<EOF
var http = require('http');
response.end("Hello World!");
EOF
cat server.js; grep -c "'" server.js
#--- loop over files
for n in b a c; do echo $n > $n.txt; done; for f in *.txt; do echo "$f: $(cat $f)"; done
#--- functions with defaults
greet() { local greeting=${2:-Hello}; echo "$greeting, ${1:?name required}!"; }; greet Ann; greet Bo Hi
#--- retry loop
n=0; until [ $n -ge 3 ] || false; do n=$((n+1)); echo try $n; done
#--- collatz
n=6; s=; while ((n!=1)); do s+="$n "; if ((n%2)); then ((n=3*n+1)); else ((n/=2)); fi; done; echo ${s}1
#--- fizzbuzz
for ((i=1;i<=15;i++)); do o=; ((i%3)) || o=Fizz; ((i%5)) || o+=Buzz; echo ${o:-$i}; done
#--- primes
for ((n=2;n<30;n++)); do for ((d=2;d*d<=n;d++)); do ((n%d)) || continue 2; done; echo -n "$n "; done; echo
#--- string reverse
s=kubernetes; r=; for ((i=${#s}-1;i>=0;i--)); do r+=${s:i:1}; done; echo $r
#--- count characters
s=mississippi; declare -A c; for ((i=0;i<${#s};i++)); do ((c[${s:i:1}]++)); done; for k in i m p s; do echo -n "$k${c[$k]} "; done; echo
#--- split a path
p=/var/log/app.log; IFS=/ read -ra parts <<< "$p"; echo ${#parts[@]} ${parts[2]}; d=${p%/*}; f=${p##*/}; echo $d $f ${f%.*} ${f##*.}
#--- url parts
u=http://example.com:8080/path?q=1; proto=${u%%://*}; rest=${u#*://}; host=${rest%%[:/]*}; port=${rest#*:}; port=${port%%/*}; echo $proto $host $port
#--- trim
s='   padded   '; s=${s#"${s%%[![:space:]]*}"}; s=${s%"${s##*[![:space:]]}"}; echo "[$s]"
#--- subshell keeps variables
total=0; for x in 1 2 3; do (total=100); total=$((total+x)); done; echo $total
#--- menu by case
for cmd in start stop bogus; do case $cmd in start) echo Starting;; stop) echo Stopping;; *) echo "Unknown: $cmd"; esac; done
#--- logging to stderr
log() { echo "[$1] ${*:2}" >&2; }; log info all is well 2>&1 | cat; log warn x 2>/dev/null; echo $?
#--- read loop
printf 'a\nb\n' | while read -r x; do printf '%s ' "$x$x"; done; echo
#--- numbers padded
for i in {8..11}; do printf '%03d ' $i; done; echo; printf '%s\n' file{1..3}.txt
#--- usage message
f() { [ $# -eq 2 ] || { echo "usage: f A B" >&2; return 2; }; echo ok; }; f 1 2>&1; echo $?; f 1 2
#--- cleanup by trap
> t1; trap 'rm -f t1; echo cleaned' EXIT; ls t1
#--- multiplication table
for i in 1 2 3; do for j in 1 2 3; do printf '%4d' $((i*j)); done; echo; done
#--- here string with IFS
while IFS=, read -r a b c; do echo "$c $b $a"; done <<< $'1,2,3\n4,5,6'
#--- command grouping output
{ echo header; printf '%s\n' b a | sort; } > out; cat out
#--- environment file
printf 'A=1\nB="two words"\n' > .env; set -a; . ./.env; set +a; bash -c 'echo $A $B'
#--- pipeline into variables
echo 5 | { read n; echo $((n*n)); }
#--- recursive directory walk
mkdir -p t/a/b; > t/1; > t/a/2; > t/a/b/3; walk() { local e; for e in "$1"/*; do if [ -d "$e" ]; then walk "$e"; else echo "$e"; fi; done; }; walk t
#--- associative config
declare -A cfg=([host]=localhost [port]=80); cfg[port]=8080; echo "${cfg[host]}:${cfg[port]}"
#--- parallel jobs
for i in 1 2 3; do (sleep 0.$i; echo job $i) & done; wait; echo all done
#--- background status
f() { sleep 0.05; return $1; }; f 3 & p=$!; f 0 & q=$!; wait $p; echo $?; wait $q; echo $?
#--- commands in arrays
cmd=(echo "two words" three); "${cmd[@]}"; c='echo plain'; $c
#--- read a whole file
printf 'l1\nl2\n' > f; x=$(cat f); echo "$x" | wc -l; while IFS= read -r line; do echo "> $line"; done < f
#--- heredoc with pipes
tr a-z A-Z <<EOF | sort -r
b
a
c
EOF
#--- timestamps
TZ=UTC printf '%(%Y-%m-%d %H:%M:%S)T\n' 86399
#--- sum a column
printf '1 a\n2 b\n3 c\n' | { s=0; while read n _; do s=$((s+n)); done; echo $s; }
#--- nested quotes in substitution
echo "outer $(echo "inner $(echo "deep 'q'")")"
#--- ternary like
x=5; r=$([ $x -gt 3 ] && echo big || echo small); echo $r
#--- bubble sort
a=(5 2 9 1); n=${#a[@]}; for ((i=0;i<n;i++)); do for ((j=0;j<n-i-1;j++)); do if ((a[j]>a[j+1])); then t=${a[j]}; a[j]=${a[j+1]}; a[j+1]=$t; fi; done; done; echo ${a[@]}
#--- gcd
gcd() { (($2)) && gcd $2 $(($1%$2)) || echo $1; }; gcd 48 18
#--- hex and binary
x=202; b=; while ((x)); do b=$((x%2))$b; ((x/=2)); done; echo $b; printf '%x\n' 202; echo $((2#11001010))
#--- fibonacci
a=0 b=1; for i in {1..10}; do echo -n "$a "; c=$((a+b)) a=$b b=$c; done; echo
#--- hanoi
h() { (($1)) || return 0; h $(($1-1)) $2 $4 $3; echo -n "$2$3 "; h $(($1-1)) $4 $3 $2; }; h 3 A C B; echo
#--- counting with seq
for i in $(seq 3); do echo -n $i; done; echo; seq 1 2 7 | tail -1
#--- stop at the first match
printf 'a\nb\nc\n' | while read x; do [ $x = b ] && { echo hit; break; }; echo $x; done
#--- awk runs commands and reads what they print
awk 'BEGIN { "echo one; echo two" | getline a; print "got", a; print system("exit 3") }'
awk 'BEGIN { while (("printf \"x\\ny\\n\"" | getline line) > 0) print "line", line; print "end" }'
printf 'a\nb\nc\n' | awk 'NR == 1 { print "first", $0; getline; print "then", $0, NR } END { print NR }'
printf 'a b\n' > in; awk '{ print > "out"; close("out"); getline back < "out"; print "back", back }' in
awk 'BEGIN { print "before"; system("echo during"); print "after" }'
#--- awk knows its arguments and complains of missing ones
awk 'BEGIN { print ARGC, ARGV[1], ARGV[2] }' x y=1
awk '{ print }' nosuch; echo $?
#--- sed keeps a missing newline
printf 'a\nb' > f; sed 's/b/X/' f; echo '|'; sed p f; echo '|'; sed -n '$=' f; sed '/b/d' f; sed = f; echo '|'
#--- printf and echo write NUL
printf 'a\0b\0' | od -c; echo -ne 'x\0y' | tr '\0' '.'; echo; x=$'a\0b'; echo "$x"; printf -v y 'c\0d'; echo "$y"
#--- tail from a line, the old way
printf '1\n2\n3\n' > f; tail +2 f; tail -n +3 f
#--- an empty end of a script
trap 'echo bye $?' EXIT; echo hi; (exit 3)
#--- widths of wc
printf 'a b\nc\n' > f; wc f; wc < f; cat f | wc; wc -l f; mkdir d; wc d 2>&1; echo $?
#--- lines that were numbered, cut and joined
printf 'a\nb' | nl -ba; printf 'a\na\nb\n' | uniq -D; echo aabbcc | tr -t abc x; printf 'b\0a\0' | sort -z | tr '\0' ' '; echo
echo 'a b' | cut -f1 -c1; echo $?
#--- rm tells what goes
mkdir d; touch d/x; rm -rv d; rm .; echo $?; cp nosuchdir/ x; touch f; cp f nodir/; echo $?
#--- dates relative to others
for d in '2026-03-02 +1 day' '2026-01-31 1 month' '2026-03-02 yesterday' '2026-03-02 12:00 UTC+3' '2026-03-02 12:00 -0500'; do date -u -d "$d" '+%F %T'; done
touch -t 202601010203.04 f; TZ=UTC stat -c %y f
#--- one command of several is found
command -v cd nosuch; echo $?; command -v nosuch; echo $?
