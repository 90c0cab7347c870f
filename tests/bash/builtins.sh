#--- echo options
echo -n a; echo b; echo -e 'a\tb\nc'; echo -E 'a\tb'; echo -ne 'x\n'; echo -- x; echo -x; echo - y; echo -nn; echo
#--- echo escapes
echo -e 'a\\b\x41\0101\e[0m\cignored'; echo; echo -e '\u00e9\a\b'
#--- printf strings
printf '%s\n' a b c; printf '%s-%s\n' 1 2 3; printf '%5s|%-5s|%.2s|\n' ab cd efgh; printf 'no args\n'; printf '%s\n'
#--- printf numbers
printf '%d %i %5d %-5d| %05d %+d % d\n' 42 42 42 42 42 42 42; printf '%x %X %#x %o %#o\n' 255 255 255 8 8
#--- printf floats
printf '%f %.2f %8.3f %e %g %g\n' 3.14159 2.5 1.5 12345.678 0.0001 1e10
#--- printf escapes
printf 'a\tb\n\x41\101\\ %% \n'; printf '%b|%s\n' 'x\ty' 'x\ty'; printf '%q %q %q\n' 'a b' "it's" plain
#--- printf chars
printf '%c%c%c\n' hello world x; printf '%d\n' "'A"; printf '%d\n' 0x1f 010 -5
#--- printf errors
printf '%d\n' abc; echo $?; printf '%d\n' 12abc; echo $?; printf '%z\n'; echo $?
#--- printf width from argument
printf '%*s|%-*s|\n' 6 ab 6 cd; printf '%.*f\n' 2 3.14159
#--- printf to variable
printf -v x '%03d' 7; echo $x; printf -v a[2] '%s' elem; echo ${a[2]}
#--- printf reuse format
printf '[%s %s]\n' a b c; printf '%s=%d\n' x 1 y 2
#--- read fields
echo 'one two three four' | { read a b c; echo "$a|$b|$c"; }; echo '  lead trail  ' | { read x; echo "[$x]"; }
#--- read raw
printf 'a\\b c\\\nd\n' | { read x; echo "$x"; }; printf 'a\\b\n' | { read -r x; echo "$x"; }
#--- read array
read -a arr <<< "x y z"; echo ${arr[1]} ${#arr[@]}; IFS=, read -ra p <<< "1,2,,4"; echo "${#p[@]} [${p[2]}]"
#--- read delimiter and count
printf 'a;b;c' | { read -d ';' x; echo $x; read -n 1 y; echo $y; }; read -N 3 z <<< abcdef; echo $z
#--- read end of file
read x < /dev/null; echo $? "[$x]"; printf 'partial' | { read x; echo $? $x; }
#--- read default reply
echo 'some  text ' | { read; echo "[$REPLY]"; }
#--- read IFS
IFS=: read a b <<< 'x:y:z'; echo "$a $b"; IFS= read -r l <<< '  kept  '; echo "[$l]"
#--- mapfile
mapfile -t a < <(printf '1\n2\n3\n'); echo ${#a[@]} ${a[2]}; readarray b <<< $'x\ny'; echo -n "${b[0]}"; mapfile -t -n 2 c < <(printf 'p\nq\nr\n'); echo ${c[@]}
#--- test strings
[ a = a ] && echo 1; [ a != b ] && echo 2; [ -z "" ] && echo 3; [ -n x ] && echo 4; [ "" ] || echo 5; [ x ] && echo 6; test a '<' b && echo 7
#--- test numbers
[ 1 -eq 1 ] && echo eq; [ 1 -ne 2 ] && echo ne; [ 1 -lt 2 ] && echo lt; [ 2 -ge 2 ] && echo ge; [ -1 -lt 0 ] && echo neg
#--- test files
> f; mkdir d; ln -s f l; echo x > s; [ -e f ] && echo e; [ -f f ] && echo f; [ -d d ] && echo d; [ -L l ] && echo l; [ -s s ] && echo s; [ -s f ] || echo empty; [ -r f ] && echo r; [ -x f ] || echo nox; [ -f d ] || echo notf
#--- test logic
[ a = a -a b = b ] && echo and; [ a = b -o b = b ] && echo or; [ ! a = b ] && echo not; [ \( a = a \) ] && echo paren
#--- test errors
[ 1 -eq x ]; echo $?; [ a b ]; echo $?; [ a; echo $?; test a b c d; echo $?
#--- test unset
[ -n $nosuch ] && echo quirk; [ -z $nosuch ] && echo z; [ $nosuch = x ] ; echo $?
#--- conditional strings
[[ abc == a* ]] && echo glob; [[ abc == "a*" ]] || echo quoted; [[ a < b ]] && echo lt; [[ -z "" && -n x ]] && echo and; [[ a == b || c == c ]] && echo or; [[ ! a == b ]] && echo not
#--- conditional regex
[[ foo123 =~ ^([a-z]+)([0-9]+)$ ]] && echo ${BASH_REMATCH[0]} ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}; [[ abc =~ x ]] || echo none; r='^a.c$'; [[ abc =~ $r ]] && echo var; [[ a.c =~ "." ]] && echo lit
#--- conditional regex classes
[[ "a b" =~ [[:space:]] ]] && echo space; [[ x_1 =~ ^[a-z_][a-z0-9_]*$ ]] && echo ident; [[ 1.2.3 =~ ^([0-9]+)\.([0-9]+) ]] && echo ${BASH_REMATCH[2]}
#--- conditional numbers
x=5; [[ x -eq 5 ]] && echo arith; [[ $x -gt 3 && $x -lt 9 ]] && echo between; [[ 010 -eq 8 ]] && echo octal
#--- conditional no splitting
x="a b"; [[ $x == "a b" ]] && echo same; [[ -n $x ]] && echo n; [[ $unset == "" ]] && echo empty; [[ (a == a) && ! (b == c) ]] && echo grouped
#--- conditional variables
x=; [[ -v x ]] && echo set; [[ -v nosuch ]] || echo unset; a=(1 2); [[ -v a[1] ]] && echo elem; [[ -o errexit ]] || echo off
#--- same file
> a; [ a -ef a ] && echo ef; [ a -nt nosuch ] && echo nt; [ nosuch -ot a ] && echo ot
#--- cd and pwd
mkdir -p a/b; cd a/b; echo ${PWD##*/}; cd ..; echo ${PWD##*/}; cd - > /dev/null; echo ${PWD##*/}; cd ../..; cd nosuch; echo $?; > file; cd file; echo $?
#--- cd too many
cd a b; echo $?; cd "" ; echo $?
#--- cd home
HOME=/tmp; cd; pwd; cd /; cd ~; pwd; cd /usr/../tmp; pwd
#--- cdpath
mkdir -p base/sub; CDPATH=$PWD/base; cd sub | sed 's,.*/base,base,'
#--- directory stack
cd /tmp; pushd /usr; pushd /; dirs; popd; popd; popd; echo $?
#--- directory stack rotation
cd /tmp; pushd /usr >/dev/null; pushd / >/dev/null; dirs -v; pushd +1; dirs -p; dirs +1; popd +1
#--- export
export A=1 B; B=2; C=3; env | grep '^[ABC]=' | sort; export -n A; env | grep '^A='; echo $?
#--- export listing
export ZZ='a "b" $c'; export -p | grep ZZ
#--- temporary environment
X=1 env | grep '^X='; echo [$X]; X=2 eval 'echo $X'; f() { echo $X; }; X=3 f; echo [$X]
#--- readonly
readonly r=5; echo $r; (r=6; echo never); unset r; echo $? $r; readonly -p | grep ' r='
#--- declare attributes
declare -i n=3+4; echo $n; n=n*2; echo $n; declare -l low=ABC; declare -u up=abc; echo $low $up; declare -r k=1; declare -p n low up k
#--- declare print
x='a b'; a=(1 'two three' [5]=x); declare -A m=([k]='v w'); declare -p x a m; declare -p nosuch; echo $?
#--- declare function
f() { echo hi; if true; then echo a; fi; for i in 1 2; do echo $i; done; }; declare -f f; declare -F f
#--- declare function with everything
g() { case $1 in a|b) echo x;; *) :;; esac; while read x; do echo $x; done < f; (a; b); { c; } 2>&1; a && b || c; x=1 cmd "q r"; [[ a == b ]]; ((i++)); }; declare -f g
#--- type
type cd; type -t cd if cat f; f() { :; }; type -t f; type f; type nosuch; echo $?
#--- command -v
command -v cd; command -v if; f() { :; }; command -v f; command -v nosuch; echo $?; command echo direct
#--- builtin and command bypass functions
echo() { printf 'mine\n'; }; echo x; builtin echo x; command echo y; unset -f echo; echo z
#--- alias in scripts
alias hi='echo hello'; hi; echo $?; shopt -s expand_aliases
hi there; alias; unalias hi; alias hi; echo $?
#--- alias chains
shopt -s expand_aliases
alias a='b x' b='echo B'
a y
alias say='echo '; alias word='replaced'
say word
#--- hash
hash -r; hash; cat < /dev/null > /dev/null; hash | tail -1 | sed 's/.*\///'; hash nosuch; echo $?
#--- umask
umask 022; umask; umask -S; umask u=rwx,g=,o=; umask; umask 0077; umask -p
#--- set options
set -o noglob; [[ -o noglob ]] && echo on; set +o noglob; set -o nosuch; echo $?
#--- set positional
set a b c; echo $2; set -- -x; echo $1; set --; echo $#; set -f -- 'q*'; echo $1
#--- xtrace
set -x; echo a 'b c'; x=1; for i in 1 2; do :; done; [ a = a ]; set +x
#--- xtrace pieces
set -x; x="a b" y=; [[ $x == a* ]]; ((1+1)); f() { local z=1; }; f; echo "$(echo sub)"
#--- verbose
set -v
echo hi
set +v
#--- shopt
shopt -s nullglob; shopt nullglob; shopt -u nullglob; shopt -q nullglob; echo $?; shopt nosuch; echo $?
#--- unset
x=1; unset x; echo [$x]; a=(1 2 3); unset 'a[1]'; echo ${a[@]} ${!a[@]}; unset a; echo ${#a[@]}
#--- let and arithmetic errors
let; echo $?; let 1/0; echo $?; let x=5; echo $? $x
#--- arithmetic errors
echo $((1+)); echo never
#--- division by zero
echo $((1/0)) || echo never
#--- exec replaces
exec echo replaced; echo never
#--- exec missing
exec nosuchcmd; echo never
#--- exec in subshell
(exec echo sub); echo after
#--- kill and wait
sleep 5 & kill $!; wait $! 2>/dev/null; echo $?; kill -l 15; kill -l TERM; kill 99999999; echo $?
#--- kill usage
kill; echo $?; kill -s NOSUCH 1; echo $?; kill abc; echo $?
#--- jobs in scripts
sleep 0.2 & jobs; wait; jobs
#--- fg without control
fg; echo $?; bg; echo $?
#--- wait errors
wait 999999; echo $?; wait %5; echo $?; wait abc; echo $?
#--- ulimit and times
ulimit -n > /dev/null; echo $?; times > /dev/null; echo $?
#--- true builtins with redirect
: > f; ls f; true > g; ls g
#--- dot with path search
mkdir p; echo 'echo found' > p/lib.sh; PATH=$PWD/p:$PATH; . lib.sh
#--- return value of sourced
echo 'false' > s; . ./s; echo $?; echo 'return' > s; (exit 7); . ./s; echo $?
#--- test with many forms
test; echo $?; test ''; echo $?; test '!'; echo $?; test -f; echo $?; test '(' x ')'; echo $?
#--- printf in loop
for i in 1 2 3; do printf '%s,' $i; done; echo
#--- RANDOM
[ $RANDOM -ge 0 ] && [ $RANDOM -lt 32768 ] && echo in range
#--- SECONDS
echo $SECONDS; SECONDS=100; echo $SECONDS
#--- LINENO
echo $LINENO
echo $LINENO; f() { echo $LINENO
}; f
#--- FUNCNAME
f() { echo $FUNCNAME ${FUNCNAME[0]} ${FUNCNAME[1]}; }; g() { f; }; g
#--- help for one
help nosuchtopic 2>/dev/null; echo $?
#--- exit non numeric
(exit abc); echo $?; (exit 1 2); echo $?
#--- compgen words
compgen -W 'apple banana avocado' a; compgen -W 'x' z; echo $?
#--- disown and unknown jobs
disown %3; echo $?; sleep 0.1 & disown $!; jobs; echo $?
#--- history is empty in scripts
history; echo $?
#--- trap formats
trap 'echo "a b"' HUP; trap -p HUP; trap - HUP; trap -p HUP; trap "" TERM; trap
