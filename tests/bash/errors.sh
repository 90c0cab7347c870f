#--- command not found
nosuchcommand; echo $?; nosuchcommand 2>/dev/null; echo $?
#--- path not found
./nosuch; echo $?; /no/such/cmd; echo $?
#--- permission denied
echo 'echo hi' > script; ./script; echo $?
#--- is a directory
mkdir dir; ./dir; echo $?; dir; echo $?
#--- script without interpreter line
echo 'echo run $1' > script; chmod +x script; ./script arg; echo $?
#--- script with interpreter line
printf '#!/bin/bash\necho from $0 $#\nexit 4\n' > script; chmod +x script; ./script a b; echo $?
#--- script with sh
printf '#!/bin/sh\necho sh $1\n' > script; chmod +x script; ./script x; PATH=$PWD:$PATH; script y
#--- script with missing interpreter
printf '#!/no/such/interp\necho hi\n' > script; chmod +x script; ./script; echo $?
#--- bash file
echo 'echo $0 $1; exit 5' > s.sh; bash s.sh q; echo $?; bash nosuch.sh; echo $?
#--- bash -c arguments
bash -c 'echo $0 $1 $#' name one two; bash -c 'exit 3'; echo $?; sh -c 'echo $0'
#--- errors in a script file
printf 'echo a\nnosuchx\ncd /nosuchdir\necho b\n' > s.sh; bash s.sh
#--- syntax error in a script file
printf 'echo a\nif true; then\necho b )\n' > s.sh; bash s.sh; echo $?
#--- unfinished script file
printf 'echo a\nif true; then\necho b\n' > s.sh; bash s.sh; echo $?
#--- abort goes on in files
printf 'echo a; echo $((1/0)); echo b\necho c\n' > s.sh; bash s.sh; echo $?
#--- syntax error token
bash -c 'echo )'; echo $?
#--- syntax error end
bash -c 'if true'; echo $?; bash -c 'for i in'; echo $?
#--- syntax error quotes
bash -c 'echo "abc'; echo $?; bash -c "echo 'abc"; echo $?
#--- syntax error parens
bash -c 'echo $(foo'; echo $?; bash -c 'foo('; echo $?
#--- syntax error pipes
bash -c '| x'; bash -c 'a && || b'; bash -c 'a ;; b'; bash -c 'a |'; echo $?
#--- syntax error words
bash -c 'then'; bash -c 'fi'; bash -c '}'; bash -c 'done'; bash -c 'if ; then'; echo $?
#--- syntax error redirect
bash -c 'echo >'; bash -c 'echo > ; ls'; bash -c 'cat <'; echo $?
#--- syntax error function
bash -c 'f() echo'; bash -c 'f( a'; bash -c 'function'; echo $?
#--- syntax error later line
bash -c 'echo one
echo two
echo three )
echo four'; echo $?
#--- backquote unfinished
bash -c 'echo `foo'; echo $?
#--- brace unfinished
bash -c 'echo ${foo'; echo $?; bash -c '{ echo a'; echo $?
#--- standard input script
echo 'echo from stdin $1' | bash -s arg; printf 'echo a\necho )\necho b\n' | bash; echo $?
#--- standard input shared
printf 'read x\nvalue\necho got $x\n' | bash; printf 'cat\nrest of\ninput\n' | bash
#--- readonly assignment stops
readonly x=1; x=2; echo never
#--- readonly in function
readonly x=1; f() { x=2; echo never; }; f; echo never too
#--- invalid identifiers
export 1x=2; echo $?; declare a-b=1; echo $?; read 2y <<< z; echo $?; for 3z in a; do :; done; echo $?
#--- unset readonly
readonly q=1; unset q; echo $?; declare q=2; echo $?
#--- local outside
local x=1; echo $?
#--- shift too far
set -- a; shift 5; echo $? $#; shift -1; echo $?; shift abc; echo $?
#--- cd errors
cd /etc/passwd; echo $?; cd a b c; echo $?; cd -Z; echo $?
#--- builtin usage
declare -Z; echo $?; export -z; echo $?; set -Z; echo $?; read -Z; echo $?
#--- test usage
[ 1 -lt ]; echo $?; [ a -b c ]; echo $?; [ 1 -eq 1; echo $?
#--- conditional syntax
bash -c '[[ a b ]]' 2>&1 | head -1; bash -c '[[ -f ]]' 2>&1 | head -1
#--- arithmetic syntax
(( 1 + )); echo $?; (( 08 )); echo $?; echo $(( 5 = 3 )); echo never
#--- negative subscript
a=(1); echo ${a[-3]}; echo $?
#--- ambiguous and missing
cat < $nothing; echo $?; cat < "no such file"; echo $?
#--- not found in pipeline
nosuchcmd | cat; echo $? ${PIPESTATUS[0]}; echo x | nosuchcmd; echo $?
#--- not found in substitution
x=$(nosuchcmd); echo $? [$x]; echo $(nosuchcmd 2>/dev/null; echo $?)
#--- not found handler
command_not_found_handle() { echo "handler: $*"; return 9; }; nosuchcmd a b; echo $?
#--- environment is passed
X=outer bash -c 'echo $X'; Y=1; bash -c 'echo [$Y]'; export Y; bash -c 'echo [$Y]'
#--- exit status of signals
bash -c 'kill -9 $$'; echo $?; bash -c 'kill -TERM $$'; echo $?
#--- exit from nested
(exit 3) || echo $?; { (exit 4); } || echo $?; echo $(exit 5) $?
#--- options on the command line
bash -e -c 'false; echo never'; echo $?; bash -u -c 'echo $zz'; echo $?; bash -x -c 'echo hi'; bash -o pipefail -c 'false | true'; echo $?
#--- long pipelines of builtins
for i in 3 1 2; do echo $i; done | sort | while read x; do echo "n$x"; done | tail -1
#--- empty command name
""; echo $?; $nothing; echo $?; "$nothing" x; echo $?
#--- assignment error
readonly R=1; R=2 echo ran; echo $?
#--- recursion of source
echo '[ ${n:=0} -lt 3 ] && n=$((n+1)) && echo $n && . ./r' > r; . ./r
#--- sh is plainer
sh -c 'echo $((2+3)); f() { echo "f $1"; }; f x; [ a = a ] && echo same; echo ${y:-dflt}; for i in 1 2; do echo $i; done; case a in a) echo A;; esac'
#--- sh says it differently
sh -c 'nosuchcmd'; echo $?; sh -c 'cd /nosuch'; echo $?; sh -c 'echo )'; echo $?; sh -c 'set -u; echo $x'; echo $?
#--- sh without extras
sh -c '[[ a = a ]]'; echo $?; sh -c 'echo {a,b}'; sh -c 'echo "a\tb"'; sh -c 'echo $x ${x-unset}'
#--- unset parameters end a shell
bash -c 'set -u; echo ${1}'; echo $?; bash -c 'set -eu; echo $1'; echo $?; bash -c 'set -e; echo ${x:?none}'; echo $?
echo 'set -u; echo $x' > script; bash script; echo $?; bash < script 2> /dev/null; echo $?
#--- numbers beyond the largest
printf '%d %s\n' 99999999999999999999 a; echo $?; printf '%u %x\n' 18446744073709551615 18446744073709551615; printf '%d\n' -9223372036854775809
#--- alias with an unknown option
alias -x; echo $?; alias -p; echo $?
